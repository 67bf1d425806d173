import { fromBase64Url, toBase64Url } from '../../../src/index.ts';
import type { Store } from '../../../src/acme/index.ts';
import { isYes } from './once.ts';
import { refusal } from './problem.ts';

/** Anti-replay nonces (RFC 8555, 6.5): written when issued, deleted when used. */
export interface Nonces {
  readonly issue: () => Promise<string>;
  /** Refuses a nonce that was not issued, was used or is too old. */
  readonly use: (nonce: unknown) => Promise<void>;
}

const TIME_BYTES = 6;
const RANDOM_BYTES = 16;

export interface NonceOptions {
  readonly store: Store;
  readonly clock: () => Date;
  readonly validForSeconds: number;
}

export function createNonces({ store, clock, validForSeconds }: NonceOptions): Nonces {
  const key = (nonce: string): string => `nonce:${nonce}`;
  return {
    async issue() {
      const expiresAt = clock().getTime() + validForSeconds * 1000;
      const nonce = writeNonce(expiresAt);
      await store.set(key(nonce), '1', validForSeconds * 1000);
      return nonce;
    },
    async use(nonce) {
      // RFC 8555, 6.5.2: not base64url is malformed; 6.5: not there at all is a bad nonce.
      const expiresAt = nonce === undefined ? 0 : readNonce(nonce);
      // A store may forget late, so the nonce says itself until when it is good. Nobody can change that: it is its key.
      if (expiresAt <= clock().getTime() || !isYes(await store.delete(key(nonce as string))))
        throw refusal('badNonce', 'the nonce is missing, unknown, used or too old');
    },
  };
}

function writeNonce(expiresAt: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TIME_BYTES + RANDOM_BYTES));
  for (let i = TIME_BYTES - 1, rest = expiresAt; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return toBase64Url(bytes);
}

function readNonce(nonce: unknown): number {
  let bytes: Uint8Array;
  try {
    bytes = fromBase64Url(nonce as string);
  } catch {
    throw refusal('malformed', 'the nonce must be base64url');
  }
  if (bytes.length !== TIME_BYTES + RANDOM_BYTES) return 0;
  return bytes.subarray(0, TIME_BYTES).reduce((time, byte) => time * 256 + byte, 0);
}
