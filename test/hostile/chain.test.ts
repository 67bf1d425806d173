import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_ATTESTATION_OBJECT_BYTES, parseAttestationObject } from '../../src/acme/index.ts';
import { MAX_CERTIFICATE_BYTES } from '../../src/core/certificate.ts';
import {
  AttestationError,
  type Certificate,
  explainAttestation,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  toPem,
} from '../../src/index.ts';
import { concat } from '../../src/testing/der-writer.ts';
import { AT, basicConstraints, FRESHNESS_CODE, keyUsage, type MintedChain, mintChain } from '../support/mint.ts';
import { refusalOf, verdict } from './judge.ts';

/** Certificates that are right, in places and numbers that are not; and certificates that are too large. */

let chain: MintedChain;
let other: MintedChain;
let anchors: readonly Certificate[];

beforeAll(async () => {
  chain = await mintChain();
  // The same names, other keys.
  other = await mintChain({ seed: 'another authority' });
  anchors = [parseCertificate(chain.root)];
});

describe('a chain', () => {
  it.each<[string, () => readonly Uint8Array[], string]>([
    ['as sent', () => [chain.leaf, chain.subCa], 'accepted'],
    ['with the anchor at its end', () => [chain.leaf, chain.subCa, chain.root], 'accepted'],
    ['empty', () => [], 'ERR_MDA_CHAIN_EMPTY'],
    ['reversed', () => [chain.subCa, chain.leaf], 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
    ['the leaf alone', () => [chain.leaf], 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
    ['the Sub CA alone', () => [chain.subCa], 'ERR_MDA_CHAIN_LEAF_IS_CA'],
    ['the root alone', () => [chain.root], 'ERR_MDA_CHAIN_LEAF_IS_CA'],
    ['the Sub CA and the root', () => [chain.subCa, chain.root], 'ERR_MDA_CHAIN_LEAF_IS_CA'],
    ['the leaf and the root', () => [chain.leaf, chain.root], 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
    ['the root between', () => [chain.leaf, chain.root, chain.subCa], 'ERR_MDA_CHAIN_NAME'],
    ['the root first', () => [chain.root, chain.leaf, chain.subCa], 'ERR_MDA_CHAIN_NAME'],
    ['the root twice', () => [chain.leaf, chain.subCa, chain.root, chain.root], 'ERR_MDA_CHAIN_DUPLICATE'],
    ['the leaf twice', () => [chain.leaf, chain.leaf, chain.subCa], 'ERR_MDA_CHAIN_DUPLICATE'],
    ['the Sub CA twice', () => [chain.leaf, chain.subCa, chain.subCa], 'ERR_MDA_CHAIN_DUPLICATE'],
    ['the leaf at both ends', () => [chain.leaf, chain.subCa, chain.leaf], 'ERR_MDA_CHAIN_DUPLICATE'],
    ['with a foreign leaf behind', () => [chain.leaf, chain.subCa, other.leaf], 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
    ['with a foreign leaf before', () => [other.leaf, chain.leaf, chain.subCa], 'ERR_MDA_CHAIN_NAME'],
    ['with a foreign Sub CA of the same name', () => [chain.leaf, other.subCa], 'ERR_MDA_CHAIN_KEY_IDENTIFIER'],
    ['with both Sub CAs', () => [chain.leaf, chain.subCa, other.subCa], 'ERR_MDA_CHAIN_NAME'],
    ['with a foreign root behind', () => [chain.leaf, chain.subCa, other.root], 'ERR_MDA_CHAIN_KEY_IDENTIFIER'],
    ['of a foreign leaf', () => [other.leaf, chain.subCa], 'ERR_MDA_CHAIN_SIGNATURE'],
    ['of a foreign authority', () => [other.leaf, other.subCa], 'ERR_MDA_CHAIN_KEY_IDENTIFIER'],
    ['of a foreign authority and its root', () => [other.leaf, other.subCa, other.root], 'ERR_MDA_CHAIN_SIGNATURE'],
    ['of 6', () => Array.from({ length: 6 }, () => chain.leaf), 'ERR_MDA_CHAIN_TOO_LONG'],
    ['of 100', () => Array.from({ length: 100 }, () => chain.leaf), 'ERR_MDA_CHAIN_TOO_LONG'],
    ['of 1,000,000', () => Array.from({ length: 1_000_000 }, () => chain.leaf), 'ERR_MDA_CHAIN_TOO_LONG'],
    ['of 5 empty ones', () => Array.from({ length: 5 }, () => new Uint8Array()), 'ERR_MDA_DER_TRUNCATED'],
    ['as one certificate', () => [concat(chain.leaf, chain.subCa)], 'ERR_MDA_DER_TRAILING'],
    ['as PEM', () => [new TextEncoder().encode(toPem([chain.leaf, chain.subCa]))], 'ERR_MDA_DER_TAG'],
  ])('%s', async (_, evidence, expected) => {
    const x5c = evidence();
    // Twice: what the first judgement remembers changes nothing for the second.
    expect([await verdict(x5c, anchors), await verdict(x5c, anchors)]).toEqual([expected, expected]);
    const options = { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors: anchors };
    const explanation = await explainAttestation(x5c, options);
    expect(explanation.accepted ? 'accepted' : explanation.error.code).toBe(expected);
  });

  it('in which a genuine leaf signs another is refused, and stays refused', async () => {
    // A device that could sign what it likes with its attested key.
    const keys = { root: chain.keys.root, subCa: chain.keys.subCa, leaf: other.keys.subCa };
    const genuine = await mintChain({ keys });
    const forged = await mintChain({ keys: { ...keys, subCa: other.keys.subCa, leaf: other.keys.root } });
    const { subject } = parseCertificate(genuine.leaf);
    const leaf = await mintChain({
      keys: { ...keys, subCa: other.keys.subCa, leaf: other.keys.root },
      leaf: { issuer: subject.der },
    });
    for (let run = 0; run < 2; run++) {
      expect(await verdict([leaf.leaf, genuine.leaf, genuine.subCa], anchors)).toBe('ERR_MDA_CHAIN_NOT_A_CA');
      expect(await verdict([forged.leaf, genuine.leaf, genuine.subCa], anchors)).toBe('ERR_MDA_CHAIN_NAME');
      // `explainAttestation` goes on to the signatures, which are right: remembering them must not help.
      const options = { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors: anchors };
      const { accepted } = await explainAttestation([leaf.leaf, genuine.leaf, genuine.subCa], options);
      expect(accepted).toBe(false);
    }
  });

  it('is refused under each wrong anchor after it was remembered under the right one', async () => {
    expect(await verdict(chain.x5c, anchors)).toBe('accepted');
    for (const der of [other.root, other.subCa, other.leaf, chain.leaf])
      expect(await verdict(chain.x5c, [parseCertificate(der)])).not.toBe('accepted');
    // An anchor with the name of the right one and another key, without key identifiers to tell them apart.
    const nameless = await mintChain({
      seed: 'another authority',
      root: { replace: { extensions: new Uint8Array() } },
    });
    expect(await verdict(chain.x5c, [parseCertificate(nameless.root)])).toBe('ERR_MDA_CHAIN_NOT_A_CA');
    const unidentified = await mintChain({
      seed: 'another authority',
      root: { extensions: [basicConstraints(true), keyUsage(0x06)] },
    });
    const stranger = parseCertificate(unidentified.root);
    expect(await verdict(chain.x5c, [stranger])).toBe('ERR_MDA_CHAIN_SIGNATURE');
    expect(await verdict(chain.x5c, [stranger, ...anchors])).toBe('accepted');
    expect(await verdict(chain.x5c, [...anchors, stranger])).toBe('accepted');
    expect(await verdict(chain.x5c, [...Array.from({ length: 20 }, () => stranger), ...anchors])).toBe('accepted');
  });
});

describe('a size', () => {
  const MIB = 1 << 20;

  it.each<[string, () => Uint8Array]>([
    ['of zeroes', () => new Uint8Array(MIB)],
    ['with a length that is true', () => concat(Uint8Array.of(0x30, 0x83, 0x0f, 0xff, 0xfb), new Uint8Array(MIB - 5))],
    ['that begins with a leaf', () => concat(chain.leaf, new Uint8Array(MIB - chain.leaf.length))],
    ['of sequences', () => new Uint8Array(MIB).fill(0x30)],
  ])('of 1 MiB is refused: %s', async (_, make) => {
    const large = make();
    expect(large).toHaveLength(MIB);
    expect(refusalOf(() => parseCertificate(large))).toBe('ERR_MDA_CERTIFICATE_TOO_LARGE');
    for (const x5c of [[large], [large, chain.subCa], [chain.leaf, large], [chain.leaf, chain.subCa, large]])
      expect(await verdict(x5c, anchors)).toBe('ERR_MDA_CERTIFICATE_TOO_LARGE');
    expect(refusalOf(() => parseAttestationObject(large))).toBe('ERR_MDA_OBJECT_TOO_LARGE');
  });

  it('of one byte above the limit is refused, of the limit is read', () => {
    expect(refusalOf(() => parseCertificate(new Uint8Array(MAX_CERTIFICATE_BYTES + 1)))).toMatch(/TOO_LARGE$/);
    expect(refusalOf(() => parseCertificate(new Uint8Array(MAX_CERTIFICATE_BYTES)))).toBe('ERR_MDA_DER_TAG');
    expect(refusalOf(() => parseAttestationObject(new Uint8Array(MAX_ATTESTATION_OBJECT_BYTES + 1)))).toMatch(/LARGE$/);
    expect(refusalOf(() => parseAttestationObject(new Uint8Array(MAX_ATTESTATION_OBJECT_BYTES)))).toMatch(/CBOR_TYPE$/);
  });

  it('says which certificate it is', () => {
    try {
      parseAttestationChain([chain.leaf, chain.subCa, new Uint8Array(MIB)]);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AttestationError);
      expect(error).toMatchObject({ certificate: 2 });
    }
  });
});

describe('PEM text', () => {
  const pem = () => toPem(chain.x5c);
  const utf16 = (text: string, littleEndian: boolean): string => {
    const bytes = Buffer.from(text, 'utf16le');
    return (littleEndian ? bytes : bytes.swap16()).toString('latin1');
  };

  it('may begin with a byte order mark, which is text outside of a block', () => {
    expect(fromPem(`\ufeff${pem()}`)).toEqual(fromPem(pem()));
    expect(fromPem(`\u00ef\u00bb\u00bf${pem()}`)).toEqual(fromPem(pem()));
  });

  it.each<[string, () => string]>([
    ['UTF-16 little endian, read as bytes', () => utf16(`\ufeff${pem()}`, true)],
    ['UTF-16 big endian, read as bytes', () => utf16(`\ufeff${pem()}`, false)],
    ['UTF-16, read as UTF-8', () => Buffer.from(`\ufeff${pem()}`, 'utf16le').toString('utf8')],
    ['a byte order mark in a label', () => pem().replace('CERTIFICATE', '\ufeffCERTIFICATE')],
    ['a byte order mark in the base64', () => pem().replace('\nMII', '\n\ufeffMII')],
    ['a no-break space in the base64', () => pem().replace('\nMII', '\n\u00a0MII')],
    ['a NUL in the base64', () => pem().replace('\nMII', '\n\0MII')],
    ['a vertical tab in the base64', () => pem().replace('\nMII', '\n\vMII')],
    ['letters of full width', () => pem().replace('MII', 'ＭII')],
    ['base64url', () => pem().replaceAll('+', '-').replaceAll('/', '_')],
    ['no end', () => pem().slice(0, -30)],
    ['an end of another kind', () => pem().replace('END CERTIFICATE', 'END PRIVATE KEY')],
    ['a key before', () => `-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${pem()}`],
    ['a begin within', () => pem().replace('\nMII', '\n-----BEGIN CERTIFICATE-----\nMII')],
    ['lower case', () => pem().toLowerCase()],
    ['encapsulated headers', () => pem().replace('\nMII', '\nProc-Type: 4,ENCRYPTED\n\nMII')],
    ['a missing character', () => pem().replace('\nMII', '\nII')],
    ['base64 that is not canonical', () => '-----BEGIN CERTIFICATE-----\nAB==\n-----END CERTIFICATE-----'],
    ['nothing', () => ''],
    ['1 MiB of dashes', () => '-'.repeat(1 << 20)],
    ['100,000 begins', () => '-----BEGIN CERTIFICATE-----\n'.repeat(100_000)],
    ['100,000 begins without an end', () => '-----BEGIN '.repeat(100_000)],
    ['100,000 ends', () => '-----END CERTIFICATE-----\n'.repeat(100_000)],
    ['1 MiB of white space in a block', () => `-----BEGIN CERTIFICATE-----${' \n'.repeat(1 << 19)}`],
  ])('is refused: %s', (_, make) => {
    expect(refusalOf(() => fromPem(make()))).toBe('ERR_MDA_ENCODING_PEM');
  });

  it('may have lines of any length and either end of line', () => {
    const oneLine = toPem(chain.leaf).replace(/(?<=[\w+/=])\n(?=[\w+/=])/g, '');
    for (const text of [oneLine, pem().replaceAll('\n', '\r\n'), pem().replaceAll('\n', '\r'), `text\n${pem()}text`])
      expect(fromPem(text)[0]).toEqual(chain.leaf);
  });
});
