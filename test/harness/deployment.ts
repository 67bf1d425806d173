import { parseCertificate } from '../../src/index.ts';
import {
  attestingAuthority,
  identityTrustAnchor,
  type IdentityAuthority,
  type IdentityTrustAnchor,
} from '../../src/identity/index.ts';
import { createMemoryStore, identifierIsSerialNumber } from '../../src/acme/index.ts';
import { parsePolicy, type PolicyDocument } from '../../src/policy/index.ts';
import { type Authorizer, type AuthorizerOptions, createAuthorizer } from '../../src/relying-party/index.ts';
import {
  type AcmeOutcome,
  enrollByAcme,
  type EnclaveKey,
  exportPrivateKeyPem,
  type SimulatedDevice,
} from '../../src/testing/index.ts';
import { createWorld, type Managed, type World } from '../mdm-server/world.ts';
import { createHttpsFetch, type HttpRequest, type HttpResponse, type HttpsFetch } from '../support/https-fetch.ts';
import { type CertificateAuthority, createCertificateAuthority } from './acme-server/ca.ts';
import { type AcmeServer, startAcmeServer } from './acme-server/server.ts';
import { type AskFacts, askFactsOf, evaluateByAsking, lookUpByAsking } from './mdm-server/asking-facts.ts';
import { gateByAuthorizer } from './relying-party/authorizing.ts';
import type { Gate, Passage } from './relying-party/gate.ts';
import { type CheckIdentity, checkByLists, checkByOcsp } from './relying-party/revocation.ts';
import { type RelyingParty, startRelyingParty } from './relying-party/server.ts';
import { gateByValidation } from './relying-party/validating.ts';

/** An MDM service, an ACME server for the identities of devices, and relying parties: deployment models 2 and 3, whole. */

/** What a device shows relying parties: its key, and the certificates of it. */
export interface DeviceIdentity {
  readonly key: EnclaveKey;
  readonly certificateChainPem: string;
  readonly certificateChain: readonly Uint8Array<ArrayBuffer>[];
}

export interface DeploymentOptions {
  /** Model 2: by this policy the ACME server decides, and asks the MDM service. Unless given it only authenticates. */
  readonly acmePolicy?: PolicyDocument;
  /** The longest that certificates are valid; a day unless given. */
  readonly maximumSeconds?: number;
  /** For how long a revocation list or an answer of OCSP counts; an hour unless given. */
  readonly revocationSeconds?: number;
  /** What time it is at first. */
  readonly start?: Date;
}

export interface Visit {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What was decided, as a relying party logs it. */
export interface LoggedPassage {
  readonly resource: string;
  readonly passage: Passage;
}

export interface Deployment {
  /** The MDM service, its devices, Apple's servers, and the clock of all. */
  readonly world: World;
  /** Of the identities for relying parties; the one of the MDM service is in `world`. */
  readonly acme: AcmeServer;
  readonly ca: CertificateAuthority;
  readonly trustAnchors: readonly IdentityTrustAnchor[];
  readonly attestingAuthorities: readonly IdentityAuthority[];
  readonly askFacts: AskFacts;
  readonly lookup: ReturnType<typeof lookUpByAsking>;
  /** What services could not help, of the ACME server and the relying parties. */
  readonly errors: unknown[];
  /** All decisions of all relying parties, in this order. */
  readonly log: readonly LoggedPassage[];
  /** Brings a device under management. */
  readonly manage: (managed: Managed) => Promise<void>;
  /** Asks the ACME server for an identity. */
  readonly enroll: (device: SimulatedDevice, serialNumber?: string) => Promise<AcmeOutcome>;
  /** The same, where it has to come out well. */
  readonly identityOf: (device: SimulatedDevice, serialNumber?: string) => Promise<DeviceIdentity>;
  /** Revokes it, for the organisation. */
  readonly revoke: (identity: DeviceIdentity) => Promise<boolean>;
  readonly revocation: (by: 'lists' | 'OCSP', onUnknown?: 'refuse' | 'accept') => CheckIdentity;
  /** A relying party that only validates. */
  readonly validator: (checkRevocation?: CheckIdentity) => Promise<RelyingParty>;
  /** A relying party with rules of its own for each resource. */
  readonly decider: (
    policies: Readonly<Record<string, PolicyDocument>>,
    options?: Partial<AuthorizerOptions>,
  ) => Promise<RelyingParty & { readonly authorizer: Authorizer }>;
  readonly party: (gate: Gate) => Promise<RelyingParty>;
  /** Comes to a relying party with this identity, or without any, over a connection that is kept. */
  readonly visit: (
    identity: DeviceIdentity | undefined,
    party: Pick<RelyingParty, 'origin' | 'caCertificatePem'>,
    path?: string,
    request?: HttpRequest,
  ) => Promise<Visit>;
  readonly stop: () => Promise<void>;
}

const DAY_SECONDS = 86_400;
export const FACTS_SECRET = 'between relying parties and the MDM service';
const LOOKUP_MILLISECONDS = 2000;

export async function createDeployment(options: DeploymentOptions = {}): Promise<Deployment> {
  const { acmePolicy, maximumSeconds = DAY_SECONDS, revocationSeconds = 3600, start } = options;
  const world = await createWorld({ factsSecret: FACTS_SECRET, ...(start === undefined ? {} : { start }) });
  const { clock, authority } = world;
  const errors: unknown[] = [];
  const log: LoggedPassage[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const parties: RelyingParty[] = [];
  const connections = new Map<string, HttpsFetch>();
  const https = (name: string, tls: Parameters<typeof createHttpsFetch>[0]): HttpsFetch['fetch'] => {
    const known = connections.get(name) ?? createHttpsFetch(tls);
    connections.set(name, known);
    return known.fetch;
  };

  const askFacts = askFactsOf({
    url: () => world.mdm.urls.facts,
    secret: FACTS_SECRET,
    fetch: https('mdm', { ca: world.mdm.caCertificatePem }),
  });
  const ca = await createCertificateAuthority({ seed: 'identities of services', at: clock() });
  const policy = acmePolicy && parsePolicy(acmePolicy);
  const acme = await startAcmeServer({
    trustAnchors: authority.trustAnchors,
    ca,
    store: createMemoryStore({ clock }),
    identify: identifierIsSerialNumber,
    ...(policy === undefined ? {} : { evaluate: evaluateByAsking(askFacts, policy) }),
    identity: { include: 'all', privacy: 'identify', maximumSeconds, ...(policy === undefined ? {} : { policy }) },
    limits: { revocationSeconds },
    clock,
    tlsSeed: 'acme server of services',
    onError,
  });
  const acmeFetch = https('acme', { ca: acme.caCertificatePem });
  const trustAnchors = [identityTrustAnchor(ca.root)];
  const attestingAuthorities = [attestingAuthority(ca.issuing)];
  const lookup = lookUpByAsking(askFacts);

  const party = async (gate: Gate): Promise<RelyingParty> => {
    const started = await startRelyingParty({
      gate,
      onDecision: (resource, passage) => void log.push({ resource, passage }),
      onError,
    });
    parties.push(started);
    return started;
  };
  const enroll: Deployment['enroll'] = (device, serialNumber = 'SIMULATED1') =>
    enrollByAcme(device, {
      directoryUrl: acme.directoryUrl,
      clientIdentifier: serialNumber,
      keyType: 'P-256',
      fetch: acmeFetch,
      clock,
      sleep: () => Promise.resolve(),
      retry: { attempts: 2 },
    });
  return {
    world,
    acme,
    ca,
    trustAnchors,
    attestingAuthorities,
    askFacts,
    lookup,
    errors,
    log,
    manage: async ({ client }) => {
      const { status } = await client.installProfile(await world.profileForDevice());
      if (status !== 'installed') throw new Error(`not under management: ${status}`);
      await client.poll();
    },
    enroll,
    identityOf: async (device, serialNumber) => {
      const outcome = await enroll(device, serialNumber);
      if (outcome.status !== 'issued') throw new Error(`no identity: ${outcome.status}`);
      return outcome;
    },
    revoke: ({ certificateChain }) => acme.revoke(parseCertificate(certificateChain[0]!).serialNumber),
    revocation: (by, onUnknown = 'refuse') => {
      const { lists, ocsp } = acme.urls;
      return by === 'lists'
        ? checkByLists({ urls: lists, fetch: acmeFetch, refreshSeconds: 60, onUnknown })
        : checkByOcsp({ url: ocsp, issuer: ca.issuing, lists: [lists[1]], fetch: acmeFetch, onUnknown });
    },
    validator: (checkRevocation) =>
      party(gateByValidation({ trustAnchors, clock, ...(checkRevocation === undefined ? {} : { checkRevocation }) })),
    decider: async (policies, given = {}) => {
      const authorizer = createAuthorizer({
        trustAnchors,
        attestingAuthorities,
        policy: Object.fromEntries(Object.entries(policies).map(([name, document]) => [name, parsePolicy(document)])),
        dynamic: { lookup, timeoutMilliseconds: LOOKUP_MILLISECONDS },
        ...given,
      });
      return { ...(await party(gateByAuthorizer({ authorizer, clock }))), authorizer };
    },
    party,
    visit: async (identity, { origin, caCertificatePem }, path = '/', request = {}) => {
      const tls =
        identity === undefined
          ? {}
          : { cert: identity.certificateChainPem, key: await exportPrivateKeyPem(identity.key) };
      const fetch = https(`${origin} ${identity?.certificateChainPem ?? ''}`, { ca: caCertificatePem, ...tls });
      return readVisit(await fetch(`${origin}${path}`, request));
    },
    stop: async () => {
      for (const { close } of connections.values()) close();
      await Promise.all([...parties, acme, world].map((each) => each.stop()));
    },
  };
}

async function readVisit(response: HttpResponse): Promise<Visit> {
  const { status } = response;
  const body = await response.text();
  return { status, body: body.startsWith('{') ? (JSON.parse(body) as Visit['body']) : {} };
}
