import { concat, length } from '../../src/testing/der-writer.ts';
import type { Tlv } from './tlv.ts';

/** Ways to write a value that DER does not allow (X.690, 10 and 11), for a tree whose lengths follow. */

const END_OF_CONTENTS = new Uint8Array(2);

function longForm(content: Uint8Array, width: number): Uint8Array {
  const bytes = new Uint8Array(width + 1);
  bytes[0] = 0x80 + width;
  for (let at = width, rest = content.length; at > 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

const minimalWidth = (content: Uint8Array): number => length(content.length).length - 1;

/** Forms by name, with the bytes that each makes of a value. */
export type Forms = Readonly<Record<string, (node: Tlv, content: Uint8Array) => Uint8Array>>;

export const BER: Forms = {
  'a length one byte too long': ({ tag }, content) =>
    concat(Uint8Array.of(tag), longForm(content, minimalWidth(content) + 1), content),
  'a length of 4 bytes': ({ tag }, content) => concat(Uint8Array.of(tag), longForm(content, 4), content),
  'a length of 8 bytes': ({ tag }, content) => concat(Uint8Array.of(tag), longForm(content, 8), content),
  'a length of 126 bytes': ({ tag }, content) => concat(Uint8Array.of(tag), longForm(content, 126), content),
  'an indefinite length': ({ tag }, content) => concat(Uint8Array.of(tag, 0x80), content, END_OF_CONTENTS),
  'an indefinite length, constructed': ({ tag }, content) =>
    concat(Uint8Array.of(tag | 0x20, 0x80), content, END_OF_CONTENTS),
  'an indefinite length that never ends': ({ tag }, content) => concat(Uint8Array.of(tag, 0x80), content),
  'the constructed bit turned over': ({ tag }, content) =>
    concat(Uint8Array.of(tag ^ 0x20), length(content.length), content),
  'pieces of a constructed string': ({ tag }, content) => {
    const piece = concat(Uint8Array.of(tag & ~0x20), length(content.length), content);
    return concat(Uint8Array.of(tag | 0x20), length(piece.length), piece);
  },
  'a tag in high form': ({ tag }, content) =>
    concat(Uint8Array.of(tag | 0x1f, tag & 0x1f), length(content.length), content),
  'a tag in padded high form': ({ tag }, content) =>
    concat(Uint8Array.of(tag | 0x1f, 0x80, tag & 0x1f), length(content.length), content),
};

/** The value is right, and something stands beside it. */
export const NEIGHBOURS: Forms = {
  'a zero byte behind it': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length), content, new Uint8Array(1)),
  'end-of-contents behind it': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length), content, END_OF_CONTENTS),
  'itself behind it': ({ tag }, content) => {
    const once = concat(Uint8Array.of(tag), length(content.length), content);
    return concat(once, once);
  },
  'a NULL before it': ({ tag }, content) => concat(Uint8Array.of(0x05, 0x00, tag), length(content.length), content),
};

/** The content is right, and something stands behind it and inside: for values with structure. */
export const TRAILING: Forms = {
  'a NULL inside, at the end': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length + 2), content, Uint8Array.of(0x05, 0x00)),
  'a zero byte inside, at the end': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length + 1), content, new Uint8Array(1)),
  'end-of-contents inside, at the end': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length + 2), content, END_OF_CONTENTS),
};

/** The length lies; those around it count the bytes that are there. */
export const LIES: Forms = {
  'a length one too great': ({ tag }, content) => concat(Uint8Array.of(tag), length(content.length + 1), content),
  'a length one too small': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(Math.max(0, content.length - 1)), content, filler(content)),
  'a length of 0': ({ tag }, content) => concat(Uint8Array.of(tag, 0), content, filler(content)),
  'a length of 127': ({ tag }, content) => concat(Uint8Array.of(tag, 127), content),
  'a length of 65,535': ({ tag }, content) => concat(Uint8Array.of(tag, 0x82, 0xff, 0xff), content),
  'a length of 2^31 - 1': ({ tag }, content) => concat(Uint8Array.of(tag, 0x84, 0x7f, 0xff, 0xff, 0xff), content),
  'a length of 2^31': ({ tag }, content) => concat(Uint8Array.of(tag, 0x84, 0x80, 0, 0, 0), content),
  'a length of 2^32 - 1': ({ tag }, content) => concat(Uint8Array.of(tag, 0x84, 0xff, 0xff, 0xff, 0xff), content),
  'a length of 2^32 and what is true': ({ tag }, content) =>
    concat(Uint8Array.of(tag, 0x85, 0x01, 0, 0, content.length >> 8, content.length & 0xff), content),
  'a length of 2^64 - 1': ({ tag }, content) => concat(Uint8Array.of(tag, 0x88), new Uint8Array(8).fill(0xff), content),
  'a length that is reserved': ({ tag }, content) => concat(Uint8Array.of(tag, 0xff), content),
  'nothing but its tag': ({ tag }) => Uint8Array.of(tag),
};

/** A value that is empty tells no lie with a length of 0, so one byte is put behind it. */
function filler(content: Uint8Array): Uint8Array {
  return new Uint8Array(content.length === 0 ? 1 : 0);
}
