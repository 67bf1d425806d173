const FIRST_BYTES = 65_536;

/** Gathers bytes up to a limit, in one allocation that grows: a peer that sends byte by byte gains nothing. */
export interface GrowingBuffer {
  /** False, and nothing is kept of them, if the bytes would go over the limit. */
  readonly append: (bytes: Uint8Array) => boolean;
  /** A copy of what was gathered; the buffer is empty afterwards. */
  readonly take: () => Uint8Array;
}

export function growingBuffer(limit: number): GrowingBuffer {
  let buffer = new Uint8Array(Math.min(FIRST_BYTES, limit));
  let length = 0;
  return {
    append(bytes) {
      const needed = length + bytes.length;
      if (needed > limit) return false;
      if (needed > buffer.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(needed, 2 * buffer.length)));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes, length);
      length = needed;
      return true;
    },
    take() {
      const taken = buffer.slice(0, length);
      length = 0;
      return taken;
    },
  };
}
