import { DECISION } from './decisions.ts';
import { ENTRY, type ImportTime, type Size } from './footprint.ts';
import type { HostileResult } from './hostile.ts';
import { FROM_THE_BODY, VERIFY_DEVICE_INFORMATION, XML_AND_ATTESTATION } from './management.ts';
import type { Quartiles } from './measure.ts';
import { COLLECTOR, PLATFORM, type Profile } from './profile.ts';
import { CONTROL, NOT_REMEMBERED, type Ratios, REMEMBERED } from './ratios.ts';
import { CACHED_DECISION, FIRST_DECISION, FIRST_OF_ISSUER, type RelyingPartyCosts } from './relying-party.ts';
import { digits, table } from './table.ts';

export interface Results {
  readonly seed: number;
  readonly quick: boolean;
  readonly ratios: Ratios;
  /** Unlike everything else in units of one `verifyAttestation`. */
  readonly management: ReadonlyMap<string, Quartiles>;
  readonly decisions: ReadonlyMap<string, Quartiles>;
  readonly relyingParty: RelyingPartyCosts;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly imports: ReadonlyMap<string, ImportTime>;
  readonly size: Size;
  readonly hostile: readonly HostileResult[];
}

/** The whole page, as it is printed and as it is written to `docs/benchmarks.md`. */
export function report(results: Results): string {
  const { ratios, management, decisions, relyingParty, profiles, imports, size, hostile } = results;
  return [
    '# Benchmarks',
    'How long the library takes, and what else does the same job. Every figure, but for milliseconds, bytes and where another unit is named, is a ratio to one raw `crypto.subtle.verify` (P-384, SHA-384; the key, signature and data of the leaf) measured in the same round of the same run: a time alone says more about the machine and its neighbours.',
    `Run it with \`npm run bench\` (about four minutes; \`-- --quick\` for a short run, \`-- --write\` to write this page, \`-- --seed 1\` for the same order again). These are from ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node} on ${process.platform} ${process.arch}, seed ${results.seed}${results.quick ? ', a short run' : ''}.`,
    '## Held against what is asked of it',
    requirements(results),
    noise(ratios),
    '## The whole job',
    'Two certificates from bytes, the chain to the root at a time, the freshness code, and all ten properties. Raw verifications, median with lower and upper quartile. Each contender first had to accept the valid chain with the right properties and to refuse a changed signature, a changed property, an expired leaf, another freshness code, and an issuer that is no certification authority. A path has two signatures: who remembers no issuer and verifies one after the other cannot do better than 2.00. `node:crypto` verifies on the calling thread, so nothing else runs meanwhile and 256 at once take 256 times as long. The raw verification once more shows the noise.',
    ratioTable(['job', 'one after another', '256 at once'], [ratios.sequential, ratios.atOnce], cell),
    '## Everything but the signatures',
    'The same job with every signature check answered at once, in percent of one raw verification. A new issuer each time includes the import of its key. Job follows job here, so code and data stay in the caches; between real verifications they do not, and what the first table says beyond a whole number includes that.',
    ratioTable(['job', 'percent of a raw verification'], [ratios.withoutSignatures], percentCell),
    '## The validator of challenges',
    `\`createDeviceAttestValidator\` of \`./acme\` with \`identifierIsSerialNumber\`, from the payload of a response to the outcome: base64url, CBOR, SHA-256 of the token, the verification, the serial number, SHA-256 of the attested key. In verifications (\`parseAttestationChain\` and \`verifyAttestation\`, all ten properties), both with the issuer remembered, measured in the same rounds: ${cell(ratios.validator[0])} one after another, ${cell(ratios.validator[1])} with 256 at once.`,
    '## The answer of a device',
    `An answer to a DeviceInformation command, of about 3,700 bytes, with eleven properties and the same chain. Units of one \`verifyAttestation\` with its \`parseAttestationChain\`, the issuer remembered. What \`verifyDeviceInformation\` adds is freshness, the device, the key, and every property beside the reported one. The XML parser stands without the guard and the reader around it, and with a verification after it, because what comes after a signature finds the caches cold.`,
    ratioTable(['job', 'verifications of the attestation'], [management], cell),
    '## Decisions',
    'One `evaluatePolicy` with the facts at hand, by a policy of ten rules, in percent of one raw verification.',
    ratioTable(['device', 'percent of a raw verification'], [decisions], percentCell),
    '## Identities and relying parties',
    'A certificate that an organisation issued by P-384, with names, properties and evidence, and one authority below the anchor: one signature where the authority is remembered, two where it is new. A decision is `authorize` of `createAuthorizer`, by a policy of three rules and a store in memory; a first one finds neither the identity nor a decision. Raw verifications of the signature of the leaf.',
    ratioTable(['job', 'raw verifications'], [relyingParty.ratios], cell),
    cacheMemory(relyingParty.memory),
    '## What is left, and why',
    `Where the time goes that is not the signature: with every signature check answered at once, sampled in warm code, by the file of \`src/\` in which the running function stands. The first line is percent of one raw verification, the others are percent of the job; files that nowhere take ${LEAST_SHARE}% are left out. What the compiler puts into its caller counts for the caller.`,
    profileTable(profiles),
    WHY,
    '## Import and size',
    `\`import()\` in fresh processes, interleaved, in milliseconds. The entry \`.\` in full, bundled and minified by esbuild, has ${grouped(size.minified)} bytes, gzip ${grouped(size.gzipped)}.`,
    table(
      ['import', 'median (quartiles), ms', 'beyond the empty one, ms'],
      Array.from(imports, ([name, { milliseconds, beyondEmpty }]) => [name, cell(milliseconds), cell(beyondEmpty)]),
    ),
    '## Hostile input',
    'What it costs to refuse (or, where the form is right, to read) input made to keep a server busy, in raw verifications, at a quarter, half and all of its size. Growth is the last divided by the first: 4 is linear, 1 does not depend on the size.',
    table(
      ['input', 'outcome', '1/4', '1/2', 'all', 'growth'],
      hostile.map(({ name, outcome, cost }) => [name, outcome, ...cost.map(digits), (cost[2] / cost[0]).toFixed(1)]),
    ),
    '',
  ].join('\n\n');
}

/** Percent of a job below which a file is not worth a row. */
const LEAST_SHARE = 4;

/** What the table shows on every machine, and why it is not less. */
const WHY = `- **The whole job** is flat. Every byte of two certificates is read once, strictly, and the evidence is copied before (\`core/bytes.ts\`), for whoever passed it may still write to it. The leaf is read anew for every call: to remember what strangers send would be a way to fill the memory. Options are judged at every call, since a misspelt check must not be a check left out.
- **The validator** decodes base64url and hashes by itself. The platform's digest queues up behind signatures in the thread pool, which costs more than all of this; its \`atob\` takes what RFC 4648 refuses, and finding that out takes the way back as well.
- **DeviceInformation** is the XML parser, a dependency, and the guard before it, which counts what the parser would build before it builds it.
- **A first decision** hashes what is signed in the certificate, for that is its name in the cache, and the collector moves what is remembered of the identity.
- **A cached decision** compares every byte of the chain with the remembered one, four at a time. Nothing shorter proves that it is the same.

Between real signatures code and data have left the processor's caches, and the same work takes two to three times as long; so the ratios above are larger than these percentages.`;

function profileTable(profiles: ReadonlyMap<string, Profile>): string {
  const parts = new Map<string, number>();
  for (const { shares } of profiles.values())
    for (const [part, share] of shares) parts.set(part, Math.max(share, parts.get(part) ?? 0));
  const rows = [...parts]
    .filter(([, share]) => 100 * share >= LEAST_SHARE)
    .map(([part]) => part)
    .sort((one, other) => groupOf(one) - groupOf(other) || one.localeCompare(other));
  const percent = (share: number): string => (share < 0.005 ? '' : (100 * share).toFixed(0));
  return table(
    ['', ...profiles.keys()],
    [
      [
        'all of it, % of a raw verification',
        ...Array.from(profiles.values(), ({ total }) => digits(100 * total.median)),
      ],
      ...rows.map((part) => [part, ...Array.from(profiles.values(), ({ shares }) => percent(shares.get(part) ?? 0))]),
    ],
  );
}

/** Files of the sources first, then dependencies, then what nobody wrote here. */
function groupOf(part: string): number {
  if (part === PLATFORM || part === COLLECTOR) return 2;
  return part.endsWith('.ts') ? 0 : 1;
}

/** By what the store takes when it is full: it takes no more after as many decisions again. */
function cacheMemory({ decisions, limit, bytes: [full, end] }: RelyingPartyCosts['memory']): string {
  const megabytes = (bytes: number): string => `${digits(bytes / 1e6)} MB`;
  return `${grouped(decisions)} decisions on a store in memory that may hold ${grouped(limit)}: ${megabytes(full)} when it was full, which is ${grouped(Math.round(full / limit))} bytes for each, and ${megabytes(end)} at the end.`;
}

function requirements({ ratios, management, decisions, relyingParty, imports, size, hostile }: Results): string {
  const worst = Math.max(...hostile.map(({ cost }) => cost[2]));
  const median = (part: ReadonlyMap<string, Quartiles>, name: string): number => part.get(name)!.median;
  const rows: [string, number, number, string][] = [
    ['issuer remembered, one after another', median(ratios.sequential, REMEMBERED), 1.08, ''],
    ['issuer remembered, 256 at once', median(ratios.atOnce, REMEMBERED), 1.08, ''],
    ['a new issuer each time, one after another', median(ratios.sequential, NOT_REMEMBERED), 2.2, ''],
    ['a new issuer each time, 256 at once', median(ratios.atOnce, NOT_REMEMBERED), 2.2, ''],
    ['everything but the signature, issuer remembered', 100 * median(ratios.withoutSignatures, REMEMBERED), 3, '%'],
    ['the validator of challenges in verifications, one after another', ratios.validator[0].median, 1.1, ''],
    ['the validator of challenges in verifications, 256 at once', ratios.validator[1].median, 1.1, ''],
    ['verifyDeviceInformation, in verifyAttestation', median(management, VERIFY_DEVICE_INFORMATION), 1.1, ''],
    [
      'the same from the body, less the XML parser',
      1 + median(management, FROM_THE_BODY) - median(management, XML_AND_ATTESTATION),
      1.1,
      '',
    ],
    ['a decision, policy of ten rules', 100 * median(decisions, DECISION), 5, '%'],
    ['a first decision of a relying party, one signature', median(relyingParty.ratios, FIRST_DECISION), 1.3, ''],
    ['the same, a new issuer each time, two signatures', median(relyingParty.ratios, FIRST_OF_ISSUER), 2.6, ''],
    ['a decision that is cached', 100 * median(relyingParty.ratios, CACHED_DECISION), 1, '%'],
    ['import', imports.get(ENTRY)!.beyondEmpty.median, 10, ' ms'],
    ['entry, minified and gzipped', size.gzipped, 10_000, ' bytes'],
    ['the worst hostile input', worst, 20, ''],
  ];
  return table(
    ['what', 'measured', 'at most', 'held'],
    rows.map(([what, measured, limit, unit]) => [
      what,
      `${unit === ' bytes' ? grouped(measured) : digits(measured)}${unit}`,
      `${unit === ' bytes' ? grouped(limit) : limit}${unit}`,
      measured <= limit ? 'yes' : 'no',
    ]),
  );
}

/** The raw verification against itself should be 1: how far it strays is how far everything else may. */
function noise(ratios: Ratios): string {
  const controls = [ratios.sequential, ratios.atOnce].map((part) => part.get(CONTROL)!);
  const quiet = controls.every(({ lower, upper }) => lower > 0.95 && upper < 1.05);
  const spread = `The raw verification against itself came out at ${controls.map(cell).join(' and ')}`;
  return quiet ? `${spread}: a quiet machine.` : `${spread}: a busy machine, so do not quote this run.`;
}

function ratioTable(
  header: readonly string[],
  columns: readonly ReadonlyMap<string, Quartiles>[],
  write: (ratio: Quartiles) => string,
): string {
  const names = Array.from(columns[0]!.keys());
  return table(
    header,
    names.map((name) => [name, ...columns.map((column) => write(column.get(name)!))]),
  );
}

function cell({ lower, median, upper }: Quartiles): string {
  return `${digits(median)} (${digits(lower)} to ${digits(upper)})`;
}

function percentCell({ lower, median, upper }: Quartiles): string {
  return cell({ lower: 100 * lower, median: 100 * median, upper: 100 * upper });
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
