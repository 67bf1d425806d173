import { AttestationError } from '../../../src/core/errors.ts';
import { fromBase64 } from '../../../src/core/base64.ts';
import { fromHex } from '../../../src/core/bytes.ts';
import type { Certificate } from '../../../src/core/certificate.ts';
import { freshnessCodeForNonce, freshnessCodeForToken } from '../../../src/core/freshness.ts';

export const ANCHORS = ['apple', 'test', 'other'] as const;
export type AnchorName = (typeof ANCHORS)[number];

/** How what was typed becomes a freshness code. */
export const FRESHNESS_MODES = ['none', 'token', 'nonce-hex', 'nonce-base64', 'nonce-text'] as const;
export type FreshnessMode = (typeof FRESHNESS_MODES)[number];

/** What an attestation is judged by. */
export interface Settings {
  readonly at: Date;
  /** What the clock says: to judge at another time is said beside the verdict. */
  readonly now: Date;
  readonly anchor: AnchorName;
  /** Undefined: Apple's root. Empty: there should be another, and none could be read. */
  readonly trustAnchors: readonly Certificate[] | undefined;
  readonly freshness: ExpectedFreshness;
  /** What the sender of a link chose, and not who reads it: no verdict by it is a good one. */
  readonly ofLink: readonly ('at' | 'freshness')[];
}

/** `unreadable`: something was typed that is no token or nonce; it must not pass for a comparison left out. */
export type ExpectedFreshness =
  | { readonly state: 'skipped' }
  | { readonly state: 'unreadable'; readonly reason: string }
  | { readonly state: 'expected'; readonly code: Uint8Array; readonly source: 'token' | 'nonce' };

/** Reads a token or a nonce as the mode says. */
export async function readFreshness(mode: FreshnessMode, typed: string): Promise<ExpectedFreshness> {
  if (mode === 'none') return { state: 'skipped' };
  // A text is compared as it is; white space around anything else came with the clipboard.
  const text = mode === 'nonce-text' ? typed : typed.trim();
  if (text === '') return unreadable(mode === 'token' ? 'type the token of the challenge' : 'type the nonce');
  if (mode === 'token') {
    if (!/^[\w-]+$/.test(text))
      return unreadable('a token is base64url: letters, digits, - and _; a key authorization has a dot and is none');
    return { state: 'expected', code: await freshnessCodeForToken(text), source: 'token' };
  }
  const bytes = readNonce(mode, text);
  if (bytes === undefined) return unreadable(mode === 'nonce-hex' ? 'this is no hexadecimal' : 'this is no base64');
  if (bytes.length === 0 || bytes.length > 32) return unreadable(`a nonce has 1 to 32 bytes, this has ${bytes.length}`);
  return { state: 'expected', code: freshnessCodeForNonce(bytes), source: 'nonce' };
}

function unreadable(reason: string): ExpectedFreshness {
  return { state: 'unreadable', reason };
}

function readNonce(mode: FreshnessMode, text: string): Uint8Array | undefined {
  if (mode === 'nonce-text') return new TextEncoder().encode(text);
  if (mode === 'nonce-hex') {
    const digits = text.replace(/[\s:]/g, '');
    return /^(?:[\da-f]{2})+$/i.test(digits) ? fromHex(digits) : undefined;
  }
  try {
    return fromBase64(text.replace(/\s+/g, ''));
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}
