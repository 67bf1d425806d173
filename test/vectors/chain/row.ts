import type { AttestationErrorCode } from '../../../src/index.ts';
import type { VectorFlag } from '../../../src/conformance/flags.ts';
import type { JsonProperties } from '../../../src/conformance/json-properties.ts';
import type { ChainCase } from '../../../src/conformance/vector.ts';
import { toBase64 } from '../../../src/index.ts';
import type { ChainSpec, Key } from '../../support/mint.ts';
import type { Draft } from '../draft.ts';
import { chainCase, type Evidence, evidenceWith, GENUINE_PROPERTIES, KEYS } from '../support.ts';

/** The genuine chain with changes, or evidence of another make. */
export type Chain = ChainSpec | (() => Promise<Evidence | ChainCase>);

interface Common {
  readonly name: string;
  readonly title: string;
  readonly flags: readonly [VectorFlag, ...VectorFlag[]];
  readonly source: string;
  readonly chain: Chain;
}

interface Accepted extends Common {
  /** The attested key; that of the genuine leaf unless given. */
  readonly key?: Pick<Key, 'spki'>;
  /** What the leaf says in another way than the genuine one. */
  readonly says?: Partial<JsonProperties>;
}

interface Refused extends Common {
  readonly code: AttestationErrorCode;
  readonly fault: string;
  /** The same without the fault; the genuine chain unless given. */
  readonly undone?: Chain;
}

interface Disputed extends Common {
  readonly reason: string;
}

/** A vector of a chain: refused where it has a code, disputed where it has a reason, accepted otherwise. */
export type Row = Accepted | Refused | Disputed;

export const SOURCES = {
  departures: 'profile of this project: docs/SECURITY.md, Where it departs from RFC 5280',
  limits: 'profile of this project: docs/SECURITY.md, Limits',
  protocol: 'profile of this project: docs/conformance.md, The protocol',
  apple: 'Apple, Validating a Managed Device Attestation',
} as const;

export async function draftOf({ name, title, flags, source, chain, ...row }: Row): Promise<Draft> {
  const common = { name, title, flags, source, ...(await caseOf(chain)) };
  if ('code' in row) {
    const { code, fault, undone = {} } = row;
    return { ...common, result: 'reject', code, fault, undone: await caseOf(undone) };
  }
  if ('reason' in row) return { ...common, result: 'either', reason: row.reason };
  const { key = KEYS.leaf, says } = row;
  const answer = { properties: { ...GENUINE_PROPERTIES, ...says }, publicKey: toBase64(key.spki) };
  return { ...common, result: 'accept', answer };
}

async function caseOf(chain: Chain): Promise<ChainCase> {
  const evidence = typeof chain === 'function' ? await chain() : await evidenceWith(chain);
  return 'op' in evidence ? evidence : chainCase(evidence);
}
