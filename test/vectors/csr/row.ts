import type { VectorFlag } from '../../../src/conformance/flags.ts';
import type { CsrCase } from '../../../src/conformance/vector.ts';
import { type AttestationErrorCode, toBase64 } from '../../../src/index.ts';
import { type CsrSpec, mintCsr } from '../../support/csr.ts';
import type { Draft } from '../draft.ts';
import { accepted, eitherWay, rejected } from '../outcome.ts';
import { keyOf } from '../support.ts';

/** What the attested keys of the requests are made of. */
export const SEED = 'csr';
export const KEY = keyOf(SEED);
export const P256_KEY = keyOf(SEED, 'P-256');

export const SOURCES = {
  request: 'RFC 2986, 4',
  info: 'RFC 2986, 4.1',
  signature: 'RFC 2986, 4.2',
  algorithm: 'RFC 5758, 3.2',
  ecdsa: 'RFC 3279, 2.2.3',
  der: 'X.690, 10.1 and 11',
  key: 'RFC 5480, 2',
  apple: 'Apple, Validating a Managed Device Attestation',
} as const;

interface Common {
  readonly name: string;
  readonly title: string;
  readonly flags: readonly [VectorFlag, ...VectorFlag[]];
  readonly source: string;
  /** What is different from the genuine request; or what is sent in its place. */
  readonly csr: Partial<CsrSpec> | ((genuine: Uint8Array) => Uint8Array | Promise<Uint8Array>);
  /** The key that was attested; `KEY` unless given. */
  readonly attested?: { readonly spki: Uint8Array };
}

interface Refused extends Common {
  readonly fault: string;
  readonly code: AttestationErrorCode;
  /** What is different without the fault; nothing unless given. */
  readonly undone?: Partial<CsrSpec>;
}

interface Disputed extends Common {
  readonly reason: string;
}

/** A request: refused where it has a fault, disputed where it has a reason, accepted otherwise. */
export type Row = Common | Refused | Disputed;

export async function draftOf({ csr, attested = KEY, ...row }: Row): Promise<Draft> {
  const judged = csrCase(await requestOf(csr), attested);
  if ('fault' in row) {
    const { undone = {}, ...about } = row;
    return rejected(about, judged, csrCase(await requestOf(undone), undone.key ?? KEY));
  }
  return 'reason' in row ? eitherWay(row, judged) : accepted(row, judged);
}

async function requestOf(csr: Row['csr']): Promise<Uint8Array> {
  const spec = typeof csr === 'function' ? {} : csr;
  const request = await mintCsr({ key: KEY, ...spec });
  return typeof csr === 'function' ? csr(request) : request;
}

function csrCase(csr: Uint8Array, { spki }: { readonly spki: Uint8Array }): CsrCase {
  return { op: 'csr', input: { csr: toBase64(csr), attestedKey: toBase64(spki) } };
}
