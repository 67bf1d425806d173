import { type CompactJWSHeaderParameters, exportJWK, FlattenedSign, generateKeyPair, type JWK } from 'jose';
import { freshnessCodeForToken, toBase64Url } from '../../src/index.ts';
import { encodeAttestationObject, type EnclaveKey, type SimulatedDevice } from '../../src/testing/index.ts';
import { createCertificateRequest } from '../../src/testing/certificate-request-writer.ts';
import type { HttpResponse } from '../support/https-fetch.ts';
import type { World } from './world.ts';

/**
 * A client that does one thing at a time, and whatever a test tells it to do wrong. The one that goes all the way by
 * itself is the simulated device's.
 */

export type Members = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly text: string;
  /** Empty, if the body is no JSON object. */
  readonly body: Members;
  /** The last part of its `type`, if it is a problem document. */
  readonly problem: string | undefined;
}

export interface SigningKey {
  readonly alg: string;
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
}

export async function createSigningKey(alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, jwk: await exportJWK(publicKey), privateKey };
}

export async function readAnswer(response: HttpResponse): Promise<Answer> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const body = type.endsWith('json') ? (JSON.parse(text) as Members) : {};
  const problem = type === 'application/problem+json' ? String(body['type']).split(':').at(-1) : undefined;
  return { status: response.status, headers: response.headers, text, body, problem };
}

export interface Tweaks {
  readonly key?: SigningKey;
  /** Members of the protected header in the place of those that belong there; undefined leaves one out. */
  readonly header?: Members;
  /** The URL that is signed, if it is not the one that is asked. */
  readonly url?: string;
  /** Changes the JWS when it is signed. */
  readonly jws?: (jws: Members) => unknown;
  readonly contentType?: string;
}

export async function sign(payload: unknown, header: Members, key: SigningKey): Promise<Members> {
  const bytes = new TextEncoder().encode(payload === undefined ? '' : JSON.stringify(payload));
  const clean = JSON.parse(JSON.stringify(header)) as CompactJWSHeaderParameters;
  const jws = await new FlattenedSign(bytes).setProtectedHeader(clean).sign(key.privateKey);
  return { ...jws };
}

export interface Client {
  readonly key: SigningKey;
  readonly accountUrl: string;
  readonly directory: Readonly<Record<string, string>>;
  readonly nonce: () => Promise<string>;
  /** Signed by the account; without a payload POST-as-GET. */
  readonly post: (url: string, payload?: unknown, tweaks?: Tweaks) => Promise<Answer>;
  /** Signed with the key, as for newAccount. */
  readonly postWithKey: (url: string, payload?: unknown, tweaks?: Tweaks) => Promise<Answer>;
  /** An order, down to its challenge. */
  readonly order: (identifier: string) => Promise<PlacedOrder>;
}

export interface PlacedOrder {
  readonly url: string;
  readonly authorizationUrl: string;
  readonly challengeUrl: string;
  readonly finalizeUrl: string;
  readonly token: string;
}

/** A client with an account, unless the server refuses it one. */
export async function createClient(
  world: World,
  options: { key?: SigningKey; account?: Members } = {},
): Promise<Client> {
  const client = await createStranger(world, options.key);
  const { headers, status, text } = await client.postWithKey(client.directory['newAccount']!, options.account ?? {});
  const accountUrl = headers.get('location');
  if (accountUrl === null) throw new Error(`no account: ${status} ${text}`);
  return withAccount(client, accountUrl);
}

/** A client without an account. */
export async function createStranger(world: World, key?: SigningKey): Promise<Client> {
  const directory = (await readAnswer(await world.fetch(world.server.directoryUrl))).body as Record<string, string>;
  return build(world, key ?? (await createSigningKey()), directory, '');
}

export const withAccount = (client: Client, accountUrl: string): Client =>
  build((client as BoundClient).world, client.key, client.directory, accountUrl);

interface BoundClient extends Client {
  readonly world: World;
}

function build(world: World, key: SigningKey, directory: Client['directory'], accountUrl: string): BoundClient {
  const nonce = async (): Promise<string> =>
    (await world.fetch(directory['newNonce']!, { method: 'HEAD' })).headers.get('replay-nonce') ?? '';
  const send = async (url: string, payload: unknown, who: Members, tweaks: Tweaks): Promise<Answer> => {
    const signer = tweaks.key ?? key;
    const header = { alg: signer.alg, nonce: await nonce(), url: tweaks.url ?? url, ...who, ...tweaks.header };
    const jws = await sign(payload, header, signer);
    return sendBody(world, url, JSON.stringify(tweaks.jws === undefined ? jws : tweaks.jws(jws)), tweaks.contentType);
  };
  const post: Client['post'] = (url, payload, tweaks = {}) => send(url, payload, { kid: accountUrl }, tweaks);
  return {
    world,
    key,
    accountUrl,
    directory,
    nonce,
    post,
    postWithKey: (url, payload, tweaks = {}) => send(url, payload, { jwk: (tweaks.key ?? key).jwk }, tweaks),
    async order(identifier) {
      const payload = { identifiers: [{ type: 'permanent-identifier', value: identifier }] };
      const order = await post(directory['newOrder']!, payload);
      if (order.status !== 201) throw new Error(`no order: ${order.text}`);
      const { authorizations, finalize } = order.body as { authorizations: string[]; finalize: string };
      const authorization = await post(authorizations[0]!);
      const [challenge] = authorization.body['challenges'] as { url: string; token: string }[];
      return {
        url: order.headers.get('location')!,
        authorizationUrl: authorizations[0]!,
        challengeUrl: challenge!.url,
        token: challenge!.token,
        finalizeUrl: finalize,
      };
    },
  };
}

export async function sendBody(
  world: World,
  url: string,
  body: string | Uint8Array,
  contentType = 'application/jose+json',
): Promise<Answer> {
  return readAnswer(await world.fetch(url, { method: 'POST', headers: { 'Content-Type': contentType }, body }));
}

/** What an honest device answers a challenge with. */
export async function attestFor(
  device: SimulatedDevice,
  key: EnclaveKey,
  { token }: Pick<PlacedOrder, 'token'>,
): Promise<{ attObj: string }> {
  const answer = await device.attest({ key, freshnessCode: await freshnessCodeForToken(token) });
  if (answer.status !== 'attested') throw new Error('refused');
  return { attObj: toBase64Url(encodeAttestationObject(answer.x5c)) };
}

/** The payload of a finalize. */
export async function csrOf(
  key: EnclaveKey,
  options: Omit<Parameters<typeof createCertificateRequest>[0], 'key'> = {},
): Promise<{ csr: string }> {
  return { csr: toBase64Url(await createCertificateRequest({ key, subject: [[['CN', 'device']]], ...options })) };
}

/** The states of an order and of what belongs to it, as the server tells them. */
export async function statesOf(client: Client, placed: PlacedOrder): Promise<string> {
  const [order, authorization, challenge] = [
    await client.post(placed.url),
    await client.post(placed.authorizationUrl),
    await client.post(placed.challengeUrl),
  ];
  return [order, authorization, challenge].map(({ body }) => String(body['status'])).join(' ');
}

/** An order that is ready to be finalized, and the key for it. */
export async function readyOrder(
  client: Client,
  device: SimulatedDevice,
  curve: EnclaveKey['curve'] = 'P-384',
): Promise<PlacedOrder & { readonly key: EnclaveKey }> {
  const placed = await client.order(device.state().serialNumber);
  const key = await device.createKey({ curve });
  const { body } = await client.post(placed.challengeUrl, await attestFor(device, key, placed));
  if (body['status'] !== 'valid') throw new Error(`not valid: ${JSON.stringify(body)}`);
  return { ...placed, key };
}
