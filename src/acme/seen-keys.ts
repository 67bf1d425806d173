import type { VerifiedAttestation } from '../core/attestation.ts';
import { toHex } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import { type AcmeIdentifier, equalText } from './identifier.ts';
import { readText, requireStore, type Store } from './store.ts';

/** A key that may pass, and is to be remembered if it does. */
export interface UnseenKey {
  readonly seen: false;
  /** Called when the challenge is valid and all that may be claimed is; what it answers does not matter. */
  readonly remember: () => unknown;
}

/**
 * Whether a key was attested before, unexpectedly. What it throws or rejects with, the validator does. A function
 * that remembers answers `{ seen: false, remember }`: at this point something else may still refuse.
 */
export type SeenKeys = (
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
  fingerprint: string,
  context: { readonly identifier: AcmeIdentifier; readonly attestation: VerifiedAttestation; readonly at: Date },
) => Promise<boolean | UnseenKey> | boolean | UnseenKey;

/**
 * Makes a memory of attested keys: a key that comes again with another identifier is a surprise, one that comes
 * again with the same is not.
 *
 * Checks: the fingerprint of the key against those in the store; the identifier against the first one that came
 * with the key. What is kept is hashes, and of a key that passes alone: the look writes nothing, `remember` does.
 * Leaves to you: to choose how long a key is remembered. Two identifiers that come with the same new key at the
 * same instant can both pass, for reading and writing are two steps: this detects, it does not lock. Without a
 * validator, to call `remember` when the key has passed.
 *
 * @param options.ttlMilliseconds how long a key is remembered; for as long as the store remembers anything unless given
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { createDeviceAttestValidator, createMemoryStore, createSeenKeys, identifierIsSerialNumber } from 'managed-device-attestation/acme';
 *
 * const store = createMemoryStore({ clock: () => new Date() });
 * export const validate = createDeviceAttestValidator({
 *   identify: identifierIsSerialNumber,
 *   seenKeys: createSeenKeys({ store, ttlMilliseconds: 2 * 365 * 86_400_000 }),
 * });
 * ```
 * @see Apple, "Validating a Managed Device Attestation"
 */
export function createSeenKeys(options: { readonly store: Store; readonly ttlMilliseconds?: number }): SeenKeys {
  requireOptions(options, ['store', 'ttlMilliseconds']);
  const store = requireStore(options.store);
  const { ttlMilliseconds } = options;
  if (ttlMilliseconds !== undefined && !(Number.isFinite(ttlMilliseconds) && ttlMilliseconds > 0))
    throw new TypeError('ttlMilliseconds must be a number above zero');
  return async (fingerprint, { identifier: { type, value } }) => {
    const key = `seen-key:${fingerprint}`;
    const text = new TextEncoder().encode(JSON.stringify([type, value]));
    const identifier = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
    const seen = await readText(store, key);
    if (seen !== undefined) return !equalText(seen, identifier);
    return { seen: false, remember: () => store.set(key, identifier, ttlMilliseconds) };
  };
}
