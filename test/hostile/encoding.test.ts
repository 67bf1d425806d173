import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../src/index.ts';
import { concat, length, oid, sequence } from '../../src/testing/der-writer.ts';
import {
  authorityKeyIdentifier,
  extension,
  keyIdentifierOf,
  LEAF_EXTENSIONS,
  type MintedChain,
  mintChain,
  randomKey,
  subjectKeyIdentifier,
} from '../support/mint.ts';
import { judge, parses, signTree, verdict } from './judge.ts';
import { contentOf, nodeAt, parseTlv, pathsOf, spliceAt, type Tlv } from './tlv.ts';

/**
 * BER where DER is due (X.690, 10 and 11), at every value of a certificate. Each is signed anew, so it is
 * the form that is refused, not the signature; the lengths around it are right.
 */

let chain: MintedChain;
let anchors: readonly Certificate[];

beforeAll(async () => {
  const keys = { root: await randomKey(), subCa: await randomKey(), leaf: await randomKey() };
  // As Apple's, and with every other extension that the core reads.
  const extensions = [
    ...LEAF_EXTENSIONS,
    extension('2.5.29.37', sequence(oid('1.2.840.113635.100.4.24'))),
    subjectKeyIdentifier(keyIdentifierOf(keys.leaf)),
    authorityKeyIdentifier(keyIdentifierOf(keys.subCa)),
  ];
  chain = await mintChain({ keys, leaf: { extensions } });
  anchors = [parseCertificate(chain.root)];
  expect(await verdict(chain.x5c, anchors)).toBe('accepted');
});

const END_OF_CONTENTS = new Uint8Array(2);

function longForm(content: Uint8Array, width: number): Uint8Array {
  const bytes = new Uint8Array(width + 1);
  bytes[0] = 0x80 + width;
  for (let at = width, rest = content.length; at > 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}

const minimalWidth = (content: Uint8Array): number => length(content.length).length - 1;

/** Forms by name, with the bytes that each makes of a value. */
type Forms = Readonly<Record<string, (node: Tlv, content: Uint8Array) => Uint8Array>>;

const BER: Forms = {
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
const NEIGHBOURS: Forms = {
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
const TRAILING: Forms = {
  'a NULL inside, at the end': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length + 2), content, Uint8Array.of(0x05, 0x00)),
  'a zero byte inside, at the end': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length + 1), content, new Uint8Array(1)),
  'end-of-contents inside, at the end': ({ tag }, content) =>
    concat(Uint8Array.of(tag), length(content.length + 2), content, END_OF_CONTENTS),
};

/** The length lies; those around it count the bytes that are there. */
const LIES: Forms = {
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

interface Spoilt {
  readonly what: string;
  readonly certificate: Uint8Array;
}

/** Every value of a certificate in every form, signed anew where it parses: else nobody looks at the signature. */
async function spoil(place: 'leaf' | 'subCa', forms: Forms, wanted: (node: Tlv) => boolean): Promise<Spoilt[]> {
  const tree = parseTlv(chain[place]);
  const issuerKey = place === 'leaf' ? chain.keys.subCa : chain.keys.root;
  const spoilt: Spoilt[] = [];
  for (const path of pathsOf(tree).filter((at) => wanted(nodeAt(tree, at))))
    for (const [form, make] of Object.entries(forms)) {
      const bytes = spliceAt(tree, path, (node) => make(node, contentOf(node)));
      const certificate = path[0] === 0 && parses(bytes) ? await signTree(parseTlv(bytes), issuerKey) : bytes;
      spoilt.push({ what: `${path.join('.')} ${form}`, certificate });
    }
  return spoilt;
}

/** What of it all is accepted, and not one of these: */
async function acceptedOf(place: 'leaf' | 'subCa', spoilt: readonly Spoilt[]): Promise<string[]> {
  const accepted: string[] = [];
  for (const { what, certificate } of spoilt) {
    const outcome = await judge(place === 'leaf' ? [certificate, chain.subCa] : [chain.leaf, certificate], anchors);
    if ('code' in outcome) continue;
    // 1. The values of 13.1 and 13.3 are Apple's own DER, which no chain rests on: malformed, and said so.
    const { systemIntegrityProtection, thirdPartyKernelExtensions } = outcome.accepted.properties;
    if (/^0\.7\.0\.7\.1[. ]/.test(what) && systemIntegrityProtection.status === 'malformed') continue;
    if (/^0\.7\.0\.8\.1[. ]/.test(what) && thirdPartyKernelExtensions.status === 'malformed') continue;
    // 2. A relative name twice is another name, and a purpose twice the same purposes, in DER as it should be.
    if (/^0\.(5\.\d|7\.0\.12\.1\.0\.0) itself behind it$/.test(what)) continue;
    accepted.push(what);
  }
  return accepted;
}

describe.each(['leaf', 'subCa'] as const)('every value of the %s', (place) => {
  it.each([
    ['in a form of BER', BER, () => true, 11],
    ['with a neighbour', NEIGHBOURS, () => true, 4],
    ['with trailing bytes inside', TRAILING, ({ children }: Tlv) => children !== undefined, 3],
    ['with a length that lies', LIES, () => true, 12],
  ] as const)('is refused %s', async (_, forms, wanted, count) => {
    expect(Object.keys(forms)).toHaveLength(count);
    const spoilt = await spoil(place, forms, wanted);
    expect(spoilt.length).toBeGreaterThan(50);
    expect(await acceptedOf(place, spoilt)).toEqual([]);
  });
});
