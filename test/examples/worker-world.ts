import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { freshnessCodeForToken, toBase64, toBase64Url, toPem } from '../../src/index.ts';
import {
  createAttestationAuthority,
  createSimulatedDevice,
  encodeAttestationObject,
  type SimulatedDevice,
} from '../../src/testing/index.ts';
import { authorityKeyIdentifier } from '../../src/testing/certificate-writer.ts';
import { byteSequence } from '../relying-party/forwarded.ts';
import { COMPATIBILITY_DATE, startWorkerd, type Workerd } from '../runtime/hosts/workerd.ts';
import {
  alternativeNames,
  deviceCertificate,
  DEVICE,
  ecSigner,
  evidenceFor,
  NAMES,
  PLAIN_EXTENSIONS,
  PROPERTIES,
  rootAuthority,
  skiOf,
  subAuthority,
} from '../support/organisation.ts';

/** The worker of docs/examples in workerd, with its bindings, and those who come to it. */

export const EXAMPLE = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'worker');

/** The worker goes by its own clock. */
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const after = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

const attestations = await createAttestationAuthority({ seed: 'worker example', at: NOW });
const root = await rootAuthority('Devices', ecSigner('worker example root'));
const issuing = await subAuthority('Devices 1', ecSigner('worker example issuing'), root);

const secret = (): string => toBase64(crypto.getRandomValues(new Uint8Array(32)));
export const ACME_SECRET = secret();
export const MANAGEMENT_SECRET = secret();

export interface ExampleOptions {
  /** Variables and secrets in the place of the right ones. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly kv?: {
    /** How long it takes to write. */
    readonly writeMilliseconds?: number;
    /** How old what it reads is. */
    readonly lateMilliseconds?: number;
  };
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['cloudflare:workers'],
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

const OBJECTS = `
  durableObjectNamespaces = [(className = "Entry", uniqueKey = "entry", enableSql = true)],
  durableObjectStorage = (inMemory = void),`;

/** A worker beside the main one, in Cap'n Proto. */
const service = (name: string, module: string, members: string): string => `, (name = "${name}", worker = (
    modules = [(name = "${name}.js", esModule = ${JSON.stringify(module)})],
    compatibilityDate = "${COMPATIBILITY_DATE}",
    ${members}
  ))`;

const here = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

export async function startExample(
  program: string,
  { variables = {}, kv: { writeMilliseconds = 0, lateMilliseconds = 0 } = {} }: ExampleOptions = {},
): Promise<Workerd> {
  const texts = {
    ACME_SECRET,
    MANAGEMENT_SECRET,
    CLIENT_IDENTIFIER_KEY: secret(),
    IDENTITY_ROOT: toPem([root.der]),
    ISSUING_AUTHORITY: toPem([issuing.der]),
    ATTESTATION_ROOT: toPem([attestations.root]),
    ...variables,
  };
  const bindings = [
    '(name = "STATE", durableObjectNamespace = "Entry")',
    '(name = "DECISIONS", kvNamespace = "kv")',
    ...Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`),
  ];
  const example = await bundle(join(EXAMPLE, 'worker.ts'));
  const kvBindings = `bindings = [
    (name = "WRITE_MILLISECONDS", json = "${writeMilliseconds}"),
    (name = "LATE_MILLISECONDS", json = "${lateMilliseconds}")
  ]`;
  return startWorkerd(program, {
    module: here('front.js'),
    members: 'bindings = [(name = "EXAMPLE", service = "example")]',
    services:
      service('example', example, `${OBJECTS} bindings = [${bindings.join()}]`) +
      service('kv', here('kv.js'), kvBindings),
    http: 'cfBlobHeader = "cf-blob"',
  });
}

/** Its store alone. */
export async function startStore(program: string): Promise<Workerd> {
  return startWorkerd(program, {
    module: await bundle(join(import.meta.dirname, 'store-worker.ts')),
    members: `${OBJECTS} bindings = [(name = "STATE", durableObjectNamespace = "Entry")]`,
  });
}

export const deviceWith = (serialNumber: string): SimulatedDevice =>
  createSimulatedDevice(attestations, { clock: () => new Date(), serialNumber });

export const newToken = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));

/** What the device answers to a challenge. */
export async function payloadFor(
  device: SimulatedDevice,
  token: string,
  key = device.createKey({ curve: 'P-384' }),
): Promise<{ readonly attObj: string }> {
  const answer = await device.attest({ key: await key, freshnessCode: await freshnessCodeForToken(token) });
  if (answer.status === 'refused') throw new Error('refused');
  return { attObj: toBase64Url(encodeAttestationObject(answer.x5c)) };
}

/** The certificate of a device, with what follows it. */
export async function identityOf(
  authority: typeof issuing = issuing,
  /** Of a User Enrollment: neither Apple nor the organisation names the device. */
  isNamed = true,
): Promise<readonly [leaf: Uint8Array, issuer: Uint8Array]> {
  const leaf = await deviceCertificate(authority, {
    notBefore: after(-1),
    notAfter: after(30),
    extensions: [
      ...PLAIN_EXTENSIONS,
      authorityKeyIdentifier(skiOf(authority.signer)),
      ...(isNamed ? [alternativeNames(NAMES), ...PROPERTIES] : PROPERTIES.filter(({ oid }) => !/\.9\.[12]$/.test(oid))),
      evidenceFor(DEVICE.spki, { attestedAt: after(-1), verifiedAt: after(-1), notAfter: after(60) }),
    ],
  });
  return [leaf, authority.der];
}

/** An authority with the names of the right one, and other keys. */
export async function otherAuthority(): Promise<typeof issuing> {
  const other = await rootAuthority('Devices', ecSigner('worker example other root'));
  return subAuthority('Devices 1', ecSigner('worker example other issuing'), other);
}

/** `request.cf`, as Cloudflare makes it of a connection with a client certificate. */
export function cfOf([leaf, ...others]: readonly Uint8Array[]): Readonly<Record<string, string>> {
  const tlsClientAuth = {
    certPresented: '1',
    certVerified: 'SUCCESS',
    certRFC9440: byteSequence(leaf!),
    certRFC9440TooLarge: false,
    certChainRFC9440: others.map(byteSequence).join(', '),
    certChainRFC9440TooLarge: false,
  };
  return { 'cf-blob': JSON.stringify({ tlsClientAuth }) };
}
