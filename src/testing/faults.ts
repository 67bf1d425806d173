import type { AttestationErrorCode } from '../core/error-codes.ts';
import { CHAIN_FAULTS, type ChainFaultName } from './chain-faults.ts';
import { OBJECT_FAULTS, type ObjectFaultName } from './object-faults.ts';

/** What can be wrong, and the code with which this library refuses it. */
export type Fault = {
  readonly title: string;
  /** For a freshness code of 32 bytes, and with `expectedPublicKey` given. */
  readonly code: AttestationErrorCode;
} & (
  | { /** For `withFault` of an authority. */ readonly of: 'chain'; readonly name: ChainFaultName }
  | { /** For `encodeAttestationObject`. */ readonly of: 'object'; readonly name: ObjectFaultName }
);

type Table = Readonly<Record<string, Pick<Fault, 'title' | 'code'>>>;

function list(of: Fault['of'], faults: Table): Fault[] {
  return Object.entries(faults).map(([name, { title, code }]) => ({ of, name, title, code }) as Fault);
}

/**
 * Every fault, so that a test of yours can go through all of them.
 *
 * @example
 * ```ts
 * import { createAttestationAuthority, FAULTS } from 'managed-device-attestation/testing';
 *
 * const authority = await createAttestationAuthority({ seed: 'my tests', at: new Date('2026-06-01T12:00:00Z') });
 * const wrong = FAULTS.flatMap((fault) => (fault.of === 'chain' ? [authority.withFault(fault.name)] : []));
 * console.log(wrong.length);
 * ```
 */
export const FAULTS: readonly Fault[] = /* @__PURE__ */ [
  ...list('chain', CHAIN_FAULTS),
  ...list('object', OBJECT_FAULTS),
];
