import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, parseCertificate } from '../../src/index.ts';
import { oid, sequence } from '../../src/testing/der-writer.ts';
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
import { BER, type Forms, LIES, NEIGHBOURS, TRAILING } from './ber-forms.ts';
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
