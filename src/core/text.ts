// `ignoreBOM` keeps a byte order mark in the text instead of dropping it: what was signed is what is shown.
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Refuses what a caller passed in the place of a text. */
export function requireText(text: unknown): void {
  if (typeof text !== 'string') throw new TypeError('text must be a string');
}

/** The text of a range of strict UTF-8, or undefined. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/**
 * Characters that a reader cannot see or that turn the text around: controls, line separators, what Unicode
 * tells to draw as nothing (zero width and bidirectional marks, fillers, variation selectors, tags),
 * annotations, and the empty Braille cell.
 */
export const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{DI}\ufff9-\ufffb\u2800]/gu;
