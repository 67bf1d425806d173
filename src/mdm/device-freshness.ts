import { skipFreshnessCheck, type VerifiedAttestation, verifyAttestation } from '../core/attestation.ts';
import { type Bytes, constantTimeEqual } from '../core/bytes.ts';
import type { Certificate, CertificateRecord } from '../core/certificate.ts';
import { parseAttestationChain, recordsOf } from '../core/chain.ts';
import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { requireBytes } from '../core/options.ts';
import { type Property, readFreshness } from '../core/properties.ts';
import { requireDate, requireMembers } from './options.ts';

/** A nonce that the service sent with an earlier command to the same device. */
export interface KnownNonce {
  readonly nonce: Uint8Array;
  readonly issuedAt: Date;
}

/** Apple, "DeviceInformationCommand": the shortest time between two attestations of one device, in milliseconds. */
export const DEVICE_INTERVAL = 7 * 86_400_000;

/**
 * How the freshness code relates to the nonces of the service. A device keeps its attestation and makes a new
 * one at most every seven days, so none of these is an error. Where `isOverdue`, the attestation is older than
 * that: the device could have made a new one, and did not.
 */
export type DeviceInformationFreshness =
  /** Made for the nonce of this command. */
  | { readonly state: 'fresh' }
  /** Made for an earlier nonce of ours; it was issued then. */
  | { readonly state: 'cached'; readonly issuedAt: Date; readonly isOverdue: boolean }
  /** Made for a nonce that we do not know: before the enrollment, or of another service. */
  | { readonly state: 'unknown-nonce'; readonly isOverdue: boolean }
  /** The command had no nonce. The time is that of our earlier nonce, if it was made for one. */
  | { readonly state: 'not-requested'; readonly issuedAt: Date | undefined };

/** The nonces to compare with, copied. */
export interface Nonces {
  readonly nonce: Bytes | undefined;
  readonly known: readonly { readonly nonce: Bytes; readonly issuedAt: number }[];
}

export function readNonces(nonce: unknown, knownNonces: unknown): Nonces {
  if (!Array.isArray(knownNonces)) throw new TypeError('request.knownNonces must be an array');
  return {
    nonce: nonce === undefined ? undefined : requireBytes(nonce, 'request.nonce', MAX_FRESHNESS_CODE_BYTES),
    known: Array.from(knownNonces, (known: KnownNonce, index) => {
      const option = `request.knownNonces[${index}]`;
      requireMembers(known, option, ['nonce', 'issuedAt']);
      return {
        nonce: requireBytes(known.nonce, `${option}.nonce`, MAX_FRESHNESS_CODE_BYTES),
        issuedAt: requireDate(known.issuedAt, `${option}.issuedAt`),
      };
    }),
  };
}

/** A genuine attestation of a DeviceInformation answer. */
export interface FreshnessVerdict {
  readonly attestation: VerifiedAttestation;
  readonly freshness: DeviceInformationFreshness;
  readonly leaf: CertificateRecord;
}

/** Verifies the certificates of a DeviceInformation answer; freshness is a state, unless there is none to judge. */
export async function verifyWithNonces(
  x5c: readonly Uint8Array[],
  nonces: Nonces,
  path: { readonly at: Date; readonly trustAnchors?: readonly Certificate[] },
): Promise<FreshnessVerdict> {
  const chain = parseAttestationChain(x5c);
  const leaf = recordsOf(chain)[0]!;
  const isOverdue = path.at.getTime() - leaf.notBefore > DEVICE_INTERVAL;
  const freshness = judgeFreshness(readFreshness(leaf), nonces, isOverdue);
  // Compared once more where it matters, so that the attestation says of itself that it is fresh. Where there
  // is no code to compare, the comparison refuses it with the right words.
  const expectsNonce = freshness === undefined || freshness.state === 'fresh';
  const expectedFreshnessCode = expectsNonce ? nonces.nonce! : skipFreshnessCheck;
  const attestation = await verifyAttestation(chain, { ...path, expectedFreshnessCode });
  return { attestation, freshness: freshness!, leaf };
}

/** Undefined: there is no code to compare, though the command asked for one. */
function judgeFreshness(
  code: Property<Bytes>,
  { nonce, known }: Nonces,
  isOverdue: boolean,
): DeviceInformationFreshness | undefined {
  const value = code.status === 'attested' ? code.value : undefined;
  const earlier = value && known.find((candidate) => constantTimeEqual(candidate.nonce, value));
  const issuedAt = earlier && new Date(earlier.issuedAt);
  if (nonce === undefined) return { state: 'not-requested', issuedAt };
  if (value === undefined) return undefined;
  if (constantTimeEqual(nonce, value)) return { state: 'fresh' };
  return issuedAt === undefined ? { state: 'unknown-nonce', isOverdue } : { state: 'cached', issuedAt, isOverdue };
}
