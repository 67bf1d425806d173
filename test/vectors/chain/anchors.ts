import { bytes, name } from '../../../src/testing/der-writer.ts';
import { basicConstraints, type CertificateSpec, extension, keyUsage, type MintedChain } from '../../support/mint.ts';
import { AT, chainWith, type Evidence, keyOf, withExtensions, withoutExtensions } from '../support.ts';
import { type Row, SOURCES } from './row.ts';

const STRANGER = name({ CN: 'Somebody else' });
const OTHER = { root: keyOf('other root'), subCa: keyOf('other sub CA'), leaf: keyOf('other leaf') };

/** The genuine chain, its anchors chosen by the caller; `other` is a chain of the same names and other keys. */
const anchored =
  (anchorsOf: (genuine: MintedChain, other: MintedChain) => readonly Uint8Array[]) => async (): Promise<Evidence> => {
    const genuine = await chainWith();
    return { x5c: genuine.x5c, anchors: anchorsOf(genuine, await chainWith({ keys: OTHER })), at: AT };
  };

/** The root with the same key, in another certificate. */
async function rootWith(changes: Partial<CertificateSpec>): Promise<Uint8Array> {
  return (await chainWith({ root: { serialNumber: 2, ...changes } })).root;
}

/** Where a path ends. */
export const ANCHORS: readonly Row[] = [
  {
    name: 'anchors-two',
    title: 'The second of two anchors is the right one; the first has another name.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.1 (d)',
    chain: async () => {
      const other = await chainWith({ keys: OTHER, root: { subject: STRANGER, issuer: STRANGER } });
      return anchored(({ root }) => [other.root, root])();
    },
  },
  {
    name: 'anchors-same-name',
    title: 'The second of two anchors is the right one; the first has its name and another key.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.1 (d)',
    chain: anchored(({ root }, other) => [other.root, root]),
  },
  {
    name: 'anchors-renewed',
    title: 'The root was renewed with its key: the first anchor has expired, the second is valid.',
    flags: ['path', 'time', 'future'],
    source: SOURCES.departures,
    chain: async () => {
      const expired = await rootWith({ notAfter: new Date('2026-01-01T00:00:00Z') });
      return anchored(({ root }) => [expired, root])();
    },
  },
  {
    name: 'anchors-unrelated-bad',
    title: 'An anchor that nothing ends at is no certification authority and has expired; the other is right.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.1 (d)',
    chain: async () => {
      const notAfter = new Date('2023-01-01T00:00:00Z');
      const bad = { subject: STRANGER, issuer: STRANGER, notAfter, extensions: [basicConstraints(false)] };
      const { root: unrelated } = await chainWith({ keys: OTHER, root: bad });
      return anchored(({ root }) => [unrelated, root])();
    },
  },
  {
    name: 'anchor-sub-ca',
    title: 'The anchor is the Sub CA itself, and the leaf is sent alone.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.1 (d)',
    chain: async () => {
      const { leaf, subCa } = await chainWith();
      return { x5c: [leaf], anchors: [subCa], at: AT };
    },
  },
  {
    name: 'anchor-unknown',
    title: 'The key of the anchor is that of the root, but its name is another.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.3 (a)(4)',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    fault: 'the issuer of the Sub CA is not the subject of the anchor',
    chain: { root: { subject: STRANGER } },
  },
  {
    name: 'anchor-other-key',
    title: 'The anchor has the name of the root and another key.',
    flags: ['path', 'signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the Sub CA is signed with another key than that of the anchor',
    chain: async () => {
      const { root } = await chainWith({
        root: { key: OTHER.root, extensions: withoutExtensions('root', '2.5.29.14') },
      });
      return anchored(() => [root])();
    },
    undone: async () => {
      const { root } = await chainWith({ root: { extensions: withoutExtensions('root', '2.5.29.14') } });
      return anchored(() => [root])();
    },
  },
  {
    name: 'anchor-from-x5c',
    title: 'An attacker sends a whole chain with the right names, and his own root at the end.',
    flags: ['path', 'signature'],
    source: 'RFC 5280, 6.1.1 (d)',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the root in x5c is no trust anchor',
    chain: async () => {
      const attacker = await chainWith({
        keys: OTHER,
        subCa: withoutIdentifiers('subCa'),
        root: withoutIdentifiers('root'),
      });
      return { x5c: [...attacker.x5c, attacker.root], anchors: [(await chainWith()).root], at: AT };
    },
    undone: async () => {
      const { x5c, root } = await chainWith();
      return { x5c: [...x5c, root], anchors: [root], at: AT };
    },
  },
  {
    name: 'anchor-look-alike-in-x5c',
    title: 'A good chain ends with a certificate that has the name of the root and another key.',
    flags: ['path', 'signature', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    fault: 'the last certificate has the name of the anchor and did not issue the one before',
    chain: async () => {
      const lookAlike = await chainWith({ keys: OTHER, root: withoutIdentifiers('root') });
      const { x5c, root } = await chainWith({ root: withoutIdentifiers('root') });
      return { x5c: [...x5c, lookAlike.root], anchors: [root], at: AT };
    },
    undone: async () => {
      const { x5c, root } = await chainWith({ root: withoutIdentifiers('root') });
      return { x5c: [...x5c, root], anchors: [root], at: AT };
    },
  },
  {
    name: 'anchor-not-a-ca',
    title: 'The anchor says that it is no certification authority.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    fault: 'basicConstraints of the anchor say that it is no authority',
    chain: { root: { extensions: withExtensions('root', basicConstraints(false)) } },
  },
  {
    name: 'anchor-key-usage',
    title: 'The key of the anchor may sign lists but no certificates.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_KEY_USAGE',
    fault: 'keyUsage of the anchor lacks keyCertSign',
    chain: { root: { extensions: withExtensions('root', keyUsage(0x02)) } },
  },
  {
    name: 'anchor-path-length',
    title: 'A Sub CA stands below an anchor that allows none.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    fault: 'one authority too many for the pathLenConstraint of the anchor',
    chain: { root: { extensions: withExtensions('root', basicConstraints(true, 0)) } },
    undone: { root: { extensions: withExtensions('root', basicConstraints(true, 1)) } },
  },
  {
    name: 'anchor-critical-extension',
    title: 'The anchor has a critical extension that nobody knows.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    fault: 'the unknown extension of the anchor is critical',
    chain: { root: { extensions: withExtensions('root', extension('1.2.3.4', bytes('x'), true)) } },
    undone: { root: { extensions: withExtensions('root', extension('1.2.3.4', bytes('x'))) } },
  },
];

function withoutIdentifiers(place: 'subCa' | 'root'): Partial<CertificateSpec> {
  return { extensions: withoutExtensions(place, '2.5.29.14', '2.5.29.35') };
}
