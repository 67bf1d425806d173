import { createInterface } from 'node:readline';
import { fromBase64 } from '../../../src/index.ts';
import { attestingAuthority, identityTrustAnchor } from '../../../src/identity/index.ts';
import { parsePolicy, type PolicyDocument } from '../../../src/policy/index.ts';
import { createAuthorizer } from '../../../src/relying-party/index.ts';
import { createHttpsFetch } from '../../support/https-fetch.ts';
import { connectRedis } from '../acme-server/redis-store.ts';
import { askFactsOf, lookUpByAsking } from '../mdm-server/asking-facts.ts';
import { gateByAuthorizer } from './authorizing.ts';
import { startRelyingParty } from './server.ts';

/**
 * One process of a relying party: reads a line of JSON (`Configuration`) from its input, writes one when it listens, and
 * ends when its input does, so that it outlives nobody.
 */

/** What a process is told, as JSON. Certificates are DER, base64. */
export interface Configuration {
  readonly root: string;
  readonly issuing: string;
  readonly policies: Readonly<Record<string, PolicyDocument>>;
  /** Path of a Unix socket. */
  readonly redis: string;
  readonly cacheSeconds: number;
  readonly mdm: { readonly url: string; readonly secret: string; readonly caCertificatePem: string };
}

const LOOKUP_MILLISECONDS = 2000;
const complain = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);

async function run({ root, issuing, policies, redis, cacheSeconds, mdm }: Configuration): Promise<() => Promise<void>> {
  const { store, close } = await connectRedis({ path: redis, onError: complain });
  const https = createHttpsFetch({ ca: mdm.caCertificatePem });
  const ask = askFactsOf({ url: () => mdm.url, secret: mdm.secret, fetch: https.fetch });
  const authorizer = createAuthorizer({
    trustAnchors: [identityTrustAnchor(fromBase64(root))],
    attestingAuthorities: [attestingAuthority(fromBase64(issuing))],
    policy: Object.fromEntries(Object.entries(policies).map(([name, document]) => [name, parsePolicy(document)])),
    dynamic: { lookup: lookUpByAsking(ask), timeoutMilliseconds: LOOKUP_MILLISECONDS },
    cache: { store, seconds: cacheSeconds, refusedSeconds: cacheSeconds, onError: complain },
  });
  const party = await startRelyingParty({
    gate: gateByAuthorizer({ authorizer, clock: () => new Date() }),
    onError: complain,
  });
  const { origin, caCertificatePem } = party;
  process.stdout.write(`${JSON.stringify({ origin, caCertificatePem })}\n`);
  return async () => {
    await party.stop();
    https.close();
    await close();
  };
}

let stop: Promise<() => Promise<void>> | undefined;
createInterface({ input: process.stdin })
  .once('line', (line) => {
    stop = run(JSON.parse(line) as Configuration);
  })
  .once('close', () => void stop?.then((end) => end()));
