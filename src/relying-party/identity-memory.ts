import { isBytes, toHex, toNumber } from '../core/bytes.ts';
import { contentsOfIdentity, recordsOfIdentity, type VerifiedIdentity } from '../identity/verify-identity.ts';
import type { CachedDecision } from './cached-decision.ts';
import { authorityOf, namesOfDevice } from './device-of.ts';
import { type MarkPlace, placeOfMark } from './standing.ts';

/** An identity that was verified, with what is asked of it on every call. */
export interface KnownIdentity {
  /** The end of the signature, which nobody chooses; where two have the same, one is verified each time. */
  readonly ending: number;
  readonly identity: VerifiedIdentity;
  /** The authority that signed the leaf, and SHA-256 of what it signed. */
  readonly signed: string;
  readonly device: string;
  /** Where the store has the marks of the device, one for each of its names. */
  readonly marks: readonly MarkPlace[];
  /** From then to then all certificates up to the anchor and what is attested are valid, both inclusive; milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** The path and its anchor. */
  readonly certificates: readonly DataView[];
  /** What was worked out for the last request; to work it out again takes as long as everything else. */
  last: LastDecision | undefined;
}

/** A key, and what the text under it says. */
export interface LastDecision {
  readonly scope: string;
  readonly resource: string | undefined;
  readonly key: string;
  text: string | undefined;
  decision: CachedDecision | undefined;
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
  // By its place, so that what the map leaves behind when it is tidied holds no identity alive.
  const places = new Map<number, number>();
  const known: KnownIdentity[] = [];
  let next = 0;
  const find = (ending: number): KnownIdentity | undefined => known[places.get(ending) ?? -1];
  return {
    recall: (chain, at) => {
      const leaf: unknown = chain[0];
      const found = isBytes(leaf) ? find(endingOf(leaf)) : undefined;
      return found !== undefined && found.notBefore <= at && at <= found.notAfter && isChainOf(found, chain)
        ? found
        : undefined;
    },
    remember: (identity) => {
      const records = recordsOfIdentity(identity);
      const names = namesOfDevice(identity);
      const entry: KnownIdentity = {
        ending: endingOf(records[0]!.der),
        identity,
        signed: `${authorityOf(identity)}:${toHex(contentsOfIdentity(identity).tbsHash())}`,
        device: names[0]!,
        marks: names.map(placeOfMark),
        notBefore: Math.max(identity.attestedAt?.getTime() ?? -Infinity, ...records.map(({ notBefore }) => notBefore)),
        notAfter: identity.validUntil.getTime(),
        certificates: records.map(({ der }) => viewOf(der)),
        last: undefined,
      };
      // A leaf has one place, in whatever chain it comes.
      const place = places.get(entry.ending) ?? next;
      if (place === next) {
        // The one that was verified first goes: whoever it is of is verified again.
        const gone = known[next];
        if (gone !== undefined) places.delete(gone.ending);
        next = (next + 1) % maxIdentities;
      }
      known[place] = entry;
      places.set(entry.ending, place);
      return entry;
    },
  };
}

function endingOf(leaf: Uint8Array): number {
  return toNumber(leaf, Math.max(0, leaf.length - 6), leaf.length);
}

/** A peer may repeat the anchor, or leave it out. */
function isChainOf({ certificates }: KnownIdentity, chain: readonly unknown[]): boolean {
  const { length } = chain;
  if (length !== certificates.length && length !== certificates.length - 1) return false;
  for (let index = 0; index < length; index++) {
    const der = chain[index];
    if (!isBytes(der) || !isSame(certificates[index]!, viewOf(der))) return false;
  }
  return true;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Compares four bytes at a time: byte by byte it would be the longest part of a decision that is cached. */
function isSame(a: DataView, b: DataView): boolean {
  let at = a.byteLength;
  if (b.byteLength !== at) return false;
  for (; at >= 4; at -= 4) if (a.getInt32(at - 4) !== b.getInt32(at - 4)) return false;
  while (at-- > 0) if (a.getInt8(at) !== b.getInt8(at)) return false;
  return true;
}
