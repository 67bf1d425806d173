import { parseCertificate } from '../../src/index.ts';
import type { ClientIdentifierSecret } from '../../src/acme/index.ts';
import type { PolicyDocument } from '../../src/policy/index.ts';
import {
  type AttestationAuthority,
  createAttestationAuthority,
  createMdmClient,
  createSimulatedDevice,
  exportPrivateKeyPem,
  type MdmClient,
  type MdmClientOptions,
  type MdmIdentity,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from '../../src/testing/index.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type IssuedCertificate,
} from '../harness/acme-server/ca.ts';
import type { AcmeServerOptions } from '../harness/acme-server/options.ts';
import { type AcmeServer, startAcmeServer } from '../harness/acme-server/server.ts';
import { createMemoryStore } from '../../src/acme/index.ts';
import { identifyByAsking } from '../harness/mdm-server/asking-acme.ts';
import { builtInAcme } from '../harness/mdm-server/built-in-acme.ts';
import { type Database, openDatabase } from '../harness/mdm-server/database.ts';
import type { Enrollment } from '../harness/mdm-server/enrollment.ts';
import { addUser, hashPassword, registerDevice } from '../harness/mdm-server/inventory.ts';
import type { MdmServerOptions } from '../harness/mdm-server/options.ts';
import { type MdmServer, startMdmServer } from '../harness/mdm-server/server.ts';
import { createSqlStore } from '../harness/mdm-server/sql-store.ts';
import { createHttpsFetch, type HttpRequest, type HttpResponse } from '../support/https-fetch.ts';
import { fromPem } from '../../src/index.ts';
import { POLICY, WITHHELD } from './policy.ts';
import { encodePlist } from '../support/mdm.ts';

export const START = new Date('2026-06-01T12:00:00Z');
export const DAY = 86_400_000;

/** How the ACME server stands to the service (domain.md, deployment model 1). */
export type AcmeVariant = 'built-in' | 'asks' | 'judges';

export interface Managed {
  readonly device: SimulatedDevice;
  readonly client: MdmClient;
}

/** An MDM service, an ACME server, Apple's servers, a known device and a user, and a clock whose hands the tests move. */
export interface World {
  readonly authority: AttestationAuthority;
  readonly database: Database;
  readonly acme: AcmeServer;
  readonly mdm: MdmServer;
  /** Of identities: what the ACME server has issued. */
  readonly issued: readonly IssuedCertificate[];
  readonly ca: CertificateAuthority;
  /** Of identities without attestation. */
  readonly plainCa: CertificateAuthority;
  readonly errors: readonly unknown[];
  readonly clock: () => Date;
  readonly wait: (milliseconds: number) => void;
  /** A device that can be managed; `client` has what else its client is to do. */
  readonly device: (
    options?: Partial<SimulatedDeviceOptions> & { readonly client?: Partial<MdmClientOptions> },
  ) => Managed;
  /** Asks the service over a connection without a client certificate. */
  readonly fetch: (path: string, request?: HttpRequest) => Promise<HttpResponse>;
  /** Asks it over the identity of a device. */
  readonly fetchAs: (identity: MdmIdentity, path: string, request?: HttpRequest) => Promise<HttpResponse>;
  readonly profileForDevice: (serialNumber?: string) => Promise<string>;
  readonly profileForUser: (mode?: 'device' | 'user') => Promise<string>;
  /** The only one. */
  readonly enrollment: () => Enrollment;
  /** Takes the service away, and brings it back at the same place with all that it knows. */
  readonly stopMdm: () => Promise<void>;
  readonly startMdm: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const authority = await createAttestationAuthority({ seed: 'mdm server', at: START });
const ca = await createCertificateAuthority({ seed: 'mdm server identities', at: START });
const plainCa = await createCertificateAuthority({ seed: 'mdm server plain identities', at: START });

export const SECRETS: readonly [ClientIdentifierSecret] = [
  { id: '2026a', key: crypto.getRandomValues(new Uint8Array(32)) },
];
export const ASK_SECRET = 'between the external ACME server and the service';
export const USER = { name: 'alice', password: 'correct horse: battery' };
/** Hashed once for all worlds: it takes longer than all else that makes one. */
const PASSWORD_HASH = hashPassword(USER.password);
export const basic = ({ name, password }: typeof USER): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

export interface WorldOptions extends Partial<Omit<MdmServerOptions, 'acme' | 'policy'>> {
  readonly acme?: AcmeVariant;
  readonly policy?: PolicyDocument;
  /** What time it is at first; `START` unless given. */
  readonly start?: Date;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const {
    acme: variant = 'built-in',
    database = openDatabase(':memory:'),
    policy = POLICY,
    start = START,
    ...rest
  } = options;
  let now = start.getTime();
  const clock = (): Date => new Date(now);
  const closers: (() => void)[] = [];
  const errors: unknown[] = [];
  const issued: IssuedCertificate[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  registerDevice(database, {
    serialNumber: 'SIMULATED1',
    udid: '00006030-0000000000000001',
    platform: 'macos',
    model: 'Mac15,6',
  });
  addUser(database, USER.name, PASSWORD_HASH);

  const https = (tls: Parameters<typeof createHttpsFetch>[0]) => {
    const { fetch, close } = createHttpsFetch(tls);
    closers.push(close);
    return fetch;
  };
  // The two servers know each other's addresses once both have been started.
  const started: { mdm?: MdmServer; fetch?: ReturnType<typeof https> } = {};
  const variants: Readonly<Record<AcmeVariant, () => Pick<AcmeServerOptions, 'store' | 'identify' | 'evaluate'>>> = {
    'built-in': () => {
      const store = createSqlStore(database, clock);
      return { store, ...builtInAcme({ database, secrets: SECRETS, store }) };
    },
    asks: () => ({
      store: createMemoryStore({ clock }),
      identify: identifyByAsking({
        url: () => started.mdm!.urls.ask,
        secret: ASK_SECRET,
        fetch: (url, request) => started.fetch!(url, request),
      }),
    }),
    // It authenticates devices, whoever's they are, and leaves everything else to those who read its certificates.
    judges: () => ({
      store: createMemoryStore({ clock }),
      identify: () => ({ identified: true, by: 'attestation' }),
    }),
  };
  const acme = await startAcmeServer({
    ...variants[variant](),
    trustAnchors: authority.trustAnchors,
    ca,
    clock,
    tlsSeed: 'mdm server acme',
    onIssued: (certificate) => issued.push(certificate),
    onError,
  });
  const mdmOptions: MdmServerOptions = {
    database,
    acme: {
      directoryUrl: acme.directoryUrl,
      tlsAnchors: fromPem(acme.caCertificatePem),
      identityAnchors: [parseCertificate(ca.root)],
    },
    plainAnchors: [parseCertificate(plainCa.root)],
    attestationAnchors: authority.trustAnchors,
    secrets: SECRETS,
    askSecret: ASK_SECRET,
    policy,
    withheld: WITHHELD,
    refreshAfterSeconds: 7 * 86_400,
    clock,
    onError,
    ...rest,
  };
  const mdm = await startMdmServer(mdmOptions);
  let running = mdm;
  const anonymous = https({ ca: mdm.caCertificatePem });
  Object.assign(started, { mdm, fetch: anonymous });
  const acmeFetch = https({ ca: acme.caCertificatePem });
  const connect = async ({ key, certificateChainPem }: MdmIdentity) =>
    https({ ca: mdm.caCertificatePem, cert: certificateChainPem, key: await exportPrivateKeyPem(key) });
  const origin = new URL(mdm.urls.enroll).origin;

  const profile = async (path: string, request: HttpRequest): Promise<string> => {
    const answer = await anonymous(`${origin}${path}`, request);
    if (answer.status !== 200) throw new Error(`no profile: ${answer.status} ${await answer.text()}`);
    return answer.text();
  };
  return {
    authority,
    database,
    acme,
    mdm,
    issued,
    ca,
    plainCa,
    errors,
    clock,
    wait: (milliseconds) => (now += milliseconds),
    device: ({ client, ...given } = {}) => {
      const device = createSimulatedDevice(authority, { clock, exportableKeys: true, ...given });
      return { device, client: createMdmClient(device, { connect, acmeFetch, clock, ...client }) };
    },
    fetch: (path, request) => anonymous(`${origin}${path}`, request),
    fetchAs: async (identity, path, request) => (await connect(identity))(`${origin}${path}`, request),
    profileForDevice: (serialNumber = 'SIMULATED1') =>
      profile('/enroll', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-apple-aspen-deviceinfo' },
        body: encodePlist({ SERIAL: serialNumber, PRODUCT: 'Mac15,6', VERSION: '25E246' }),
      }),
    profileForUser: (mode = 'device') => profile(`/enroll?mode=${mode}`, { headers: { Authorization: basic(USER) } }),
    enrollment: () => {
      const [enrollment, ...others] = mdm.enrollments();
      if (enrollment === undefined || others.length > 0) throw new Error(`${others.length} enrollments more than one`);
      return enrollment;
    },
    stopMdm: () => running.stop(),
    startMdm: async () => {
      running = await startMdmServer({ ...mdmOptions, port: mdm.port });
    },
    stop: async () => {
      for (const close of closers) close();
      await Promise.all([running.stop(), acme.stop()]);
      database.close();
    },
  };
}
