import { equalBytes, isBytes, toNumber } from '../core/bytes.ts';
import { recordsOfIdentity, type VerifiedIdentity } from '../identity/verify-identity.ts';
import { deviceOf } from './device-of.ts';

/** An identity that was verified, with what is asked of it on every call. */
export interface KnownIdentity {
  readonly identity: VerifiedIdentity;
  readonly fingerprint: string;
  readonly device: string;
  /** From then to then all certificates up to the anchor are valid, both inclusive; milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The path and its anchor. */
  readonly certificates: readonly Uint8Array[];
}

/**
 * Identities that one authorizer verified. What is remembered does not depend on time: these bytes verify under the
 * anchors of the authorizer. Every byte is compared, and validity is judged on every call, so answers are the same
 * without this. Only what verified gets in, so a stranger cannot fill it.
 */
export interface IdentityMemory {
  /** What is known of exactly this chain, if it is valid at this time. */
  readonly recall: (chain: readonly Uint8Array[], at: number) => KnownIdentity | undefined;
  readonly remember: (identity: VerifiedIdentity) => KnownIdentity;
}

export function createIdentityMemory(maxIdentities: number): IdentityMemory {
  const known = new Map<number, KnownIdentity>();
  return {
    recall: (chain, at) => {
      const leaf: unknown = chain[0];
      const found = isBytes(leaf) ? known.get(keyOf(leaf)) : undefined;
      return found !== undefined && found.notBefore <= at && at <= found.notAfter && isChainOf(found, chain)
        ? found
        : undefined;
    },
    remember: (identity) => {
      const records = recordsOfIdentity(identity);
      const entry: KnownIdentity = {
        identity,
        fingerprint: identity.fingerprint,
        device: deviceOf(identity),
        notBefore: Math.max(...records.map(({ notBefore }) => notBefore)),
        notAfter: Math.min(...records.map(({ notAfter }) => notAfter)),
        certificates: records.map(({ der }) => der),
      };
      known.set(keyOf(entry.certificates[0]!), entry);
      // The one that was verified first goes: whoever it is of is verified again.
      if (known.size > maxIdentities) known.delete(known.keys().next().value!);
      return entry;
    },
  };
}

/** The end of the signature, which nobody chooses. Where two have the same, one is verified each time. */
function keyOf(leaf: Uint8Array): number {
  return toNumber(leaf, Math.max(0, leaf.length - 6), leaf.length);
}

/** A peer may repeat the anchor, or leave it out. */
function isChainOf({ certificates }: KnownIdentity, chain: readonly unknown[]): boolean {
  const { length } = chain;
  if (length !== certificates.length && length !== certificates.length - 1) return false;
  for (let index = 0; index < length; index++) {
    const der = chain[index];
    if (!isBytes(der) || !equalBytes(certificates[index]!, der)) return false;
  }
  return true;
}
