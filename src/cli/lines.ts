import { growingBuffer } from './growing-buffer.ts';

/** Named limit: a request with five certificates of the largest size, in base64, and as many anchors. */
export const MAX_LINE_BYTES = 1_048_576;

const LINE_FEED = 0x0a;

/**
 * The lines of a stream, without their line feed; the last needs none. An over-long line comes out as
 * undefined, once, when it passes the limit, and the rest of it is dropped as it arrives.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  limit = MAX_LINE_BYTES,
): AsyncGenerator<Uint8Array | undefined> {
  const line = growingBuffer(limit);
  let skipping = false;
  let pending = false;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const feed = chunk.indexOf(LINE_FEED, start);
      const end = feed === -1 ? chunk.length : feed;
      if (!skipping && !line.append(chunk.subarray(start, end))) {
        line.take();
        skipping = true;
        yield undefined;
      }
      pending = feed === -1;
      if (!pending && !skipping) yield line.take();
      if (!pending) skipping = false;
      start = end + 1;
    }
  }
  if (pending && !skipping) yield line.take();
}
