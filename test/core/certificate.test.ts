import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_CERTIFICATE_BYTES } from '../../src/core/certificate.ts';
import {
  type Certificate,
  certificateFingerprint,
  parseAttestationChain,
  parseCertificate,
  verifyChain,
} from '../../src/index.ts';
import {
  bitString,
  bytes,
  concat,
  explicit,
  hex,
  integer,
  name,
  oid,
  sequence,
  tlv,
} from '../../src/testing/der-writer.ts';
import { LEAF_KEY, mintLeaf, mintLeafWith, parsedLeaf } from '../support/leaf.ts';
import {
  AT,
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateParts,
  encodeExtensions,
  extension,
  keyFrom,
  keyUsage,
  LEAF_EXTENSIONS,
  LEAF_NAME,
  mintChain,
  SUB_CA_NAME,
  subjectKeyIdentifier,
} from '../support/mint.ts';
import { refusalOf } from '../support/refusal.ts';

const leaf = await mintLeaf();
/** What is signed, and the algorithm: everything between the header of a certificate and its signature. */
const SIGNED = (await mintLeaf({ signature: () => new Uint8Array() })).slice(4, -3);

describe('the description of a certificate', () => {
  it('states every field of it', async () => {
    const extensions = [
      basicConstraints(true, 3),
      keyUsage(0x84),
      subjectKeyIdentifier(bytes('subject key')),
      authorityKeyIdentifier(bytes('issuer key')),
      extension('1.2.3.4', bytes('anything'), false),
      extension('1.2.3.5', new Uint8Array(), true),
    ];
    const signature = sequence(integer(1), integer(2));
    const der = await mintLeaf({ extensions, serialNumber: 0xabcdefn, hash: 'SHA-256', signature: () => signature });
    const x = LEAF_KEY.point.slice(1, 49);
    const y = LEAF_KEY.point.slice(49);
    const certificate = parseCertificate(der);
    expect(certificate).toEqual({
      der,
      version: 3,
      serialNumber: 'abcdef',
      signatureAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      issuer: { der: SUB_CA_NAME, text: 'C=US,O=Not Apple,CN=Simulated Enterprise Attestation Sub CA 1' },
      subject: { der: LEAF_NAME, text: 'ST=California,O=Not Apple,OU=AAA Certification,CN=attested key' },
      notBefore: new Date('2026-05-01T00:00:00Z'),
      notAfter: new Date('2026-07-31T00:00:00Z'),
      publicKey: {
        keyType: 'EC',
        curve: 'P-384',
        spki: LEAF_KEY.spki,
        point: LEAF_KEY.point,
        jwk: {
          kty: 'EC',
          crv: 'P-384',
          x: Buffer.from(x).toString('base64url'),
          y: Buffer.from(y).toString('base64url'),
        },
      },
      extensions: [
        { oid: '2.5.29.19', critical: true, value: hex('30060101ff020103') },
        { oid: '2.5.29.15', critical: true, value: hex('03020284') },
        { oid: '2.5.29.14', critical: false, value: concat(hex('040b'), bytes('subject key')) },
        { oid: '2.5.29.35', critical: false, value: concat(hex('300c800a'), bytes('issuer key')) },
        { oid: '1.2.3.4', critical: false, value: bytes('anything') },
        { oid: '1.2.3.5', critical: true, value: new Uint8Array() },
      ],
      basicConstraints: { ca: true, pathLength: 3 },
      keyUsage: { digitalSignature: true, keyCertSign: true },
      subjectKeyIdentifier: bytes('subject key'),
      authorityKeyIdentifier: bytes('issuer key'),
      // After the header of the certificate, before the algorithm and the signature.
      tbsCertificate: der.slice(4, -(2 + 10 + 3 + signature.length)),
      signature,
    });
  });

  it('states what is not there as undefined', async () => {
    expect(await parsedLeaf({ replace: { extensions: new Uint8Array() } })).toMatchObject({
      extensions: [],
      basicConstraints: undefined,
      keyUsage: undefined,
      subjectKeyIdentifier: undefined,
      authorityKeyIdentifier: undefined,
    });
  });

  it('agrees with that of node:crypto', () => {
    const certificate = parseCertificate(leaf);
    const other = new X509Certificate(leaf);
    expect(BigInt(`0x${certificate.serialNumber}`)).toBe(BigInt(`0x${other.serialNumber}`));
    expect(certificate.notBefore).toEqual(new Date(other.validFrom));
    expect(certificate.notAfter).toEqual(new Date(other.validTo));
    expect(certificate.publicKey.jwk).toEqual(other.publicKey.export({ format: 'jwk' }));
    expect(certificate.publicKey.spki).toEqual(new Uint8Array(other.publicKey.export({ format: 'der', type: 'spki' })));
    expect(certificate.subject.text.split(',').reverse().join('\n')).toBe(other.subject);
  });

  it.each(['SHA-256', 'SHA-384', 'SHA-512'] as const)('states %s', async (hash) => {
    expect(await parsedLeaf({ hash })).toHaveProperty('signatureAlgorithm', { name: 'ECDSA', hash });
  });
});

describe('copies', () => {
  async function verifiable(): Promise<{ x5c: Uint8Array[]; root: Uint8Array }> {
    const { x5c, root } = await mintChain({ seed: 'copies' });
    return { x5c: x5c.map((der) => der.slice()), root };
  }

  function destroy(certificate: Certificate): void {
    const { issuer, subject, publicKey, extensions, basicConstraints: constraints, keyUsage: usage } = certificate;
    for (const { value } of extensions) value.fill(0);
    for (const part of [issuer.der, subject.der, publicKey.spki, publicKey.point]) part.fill(0);
    for (const part of [certificate.der, certificate.tbsCertificate, certificate.signature]) part.fill(0);
    certificate.subjectKeyIdentifier?.fill(0);
    certificate.authorityKeyIdentifier?.fill(0);
    certificate.notBefore.setTime(0);
    certificate.notAfter.setTime(0);
    Object.assign(constraints ?? {}, { ca: false, pathLength: 0 });
    Object.assign(usage ?? {}, { digitalSignature: false, keyCertSign: false });
    Object.assign(certificate, { publicKey: undefined, extensions: [] });
  }

  it('in: what is done to the input afterwards changes nothing', async () => {
    const { x5c, root } = await verifiable();
    const anchorBytes = root.slice();
    const chain = parseAttestationChain(x5c);
    const trustAnchors = [parseCertificate(anchorBytes)];
    for (const der of [...x5c, anchorBytes]) der.fill(0);
    x5c.length = 0;
    await expect(verifyChain(chain, { trustAnchors, at: AT })).resolves.toHaveProperty('at', AT);
    expect(chain.certificates).toHaveLength(2);
  });

  it('in: a Buffer is copied, not shared', async () => {
    const shared = Buffer.from(leaf);
    const certificate = parseCertificate(shared);
    shared.fill(0);
    expect(certificate.der).toEqual(leaf);
    expect(certificate.der).not.toBeInstanceOf(Buffer);
    expect(await certificateFingerprint(certificate)).toEqual(
      new Uint8Array(createHash('sha256').update(leaf).digest()),
    );
  });

  it('out: what is done to a description changes no verification', async () => {
    const { x5c, root } = await verifiable();
    const chain = parseAttestationChain(x5c);
    const anchor = parseCertificate(root);
    chain.certificates.forEach(destroy);
    destroy(anchor);
    const verified = await verifyChain(chain, { trustAnchors: [anchor], at: AT });
    expect(verified.certificates.map(({ der }) => der)).toEqual(x5c);
    verified.certificates.forEach(destroy);
    destroy(verified.trustAnchor);
    verified.at.setTime(0);
    const again = await verifyChain(chain, { trustAnchors: [anchor], at: AT });
    expect(again.trustAnchor.der).toEqual(root);
  });

  it('out: every byte of a description is over memory of its own', () => {
    const { der, tbsCertificate, signature, publicKey, subject } = parseCertificate(leaf);
    const buffers = [der, tbsCertificate, signature, publicKey.spki, publicKey.point, subject.der];
    for (const part of buffers) expect(part.buffer.byteLength).toBe(part.length);
    expect(new Set(buffers.map(({ buffer }) => buffer)).size).toBe(buffers.length);
  });
});

describe('the fingerprint', () => {
  it('is SHA-256 of the bytes', async () => {
    const expected = new Uint8Array(createHash('sha256').update(leaf).digest());
    expect(await certificateFingerprint(parseCertificate(leaf))).toEqual(expected);
  });

  it.each([undefined, null, {}, leaf, { ...parseCertificate(leaf) }])(
    'is of what parseCertificate returned: anything else is a TypeError',
    async (value) => {
      await expect(certificateFingerprint(value as Certificate)).rejects.toThrow(TypeError);
    },
  );
});

describe('the input', () => {
  it.each([
    undefined,
    null,
    'MIIC',
    [1, 2],
    {},
    new ArrayBuffer(9),
    new Uint16Array(9),
    new DataView(new ArrayBuffer(9)),
  ])('is bytes: %o is a TypeError', (value) => {
    expect(() => parseCertificate(value as never)).toThrow(TypeError);
  });

  it('has at most 16,384 bytes', async () => {
    expect(MAX_CERTIFICATE_BYTES).toBe(16_384);
    const sized = (size: number): Promise<Uint8Array> =>
      mintLeaf({ extensions: [extension('1.2.3.4', new Uint8Array(size))] });
    const overhead = (await sized(15_000)).length - 15_000;
    const largest = await sized(MAX_CERTIFICATE_BYTES - overhead);
    expect(largest).toHaveLength(MAX_CERTIFICATE_BYTES);
    expect(parseCertificate(largest).der).toEqual(largest);
    const larger = await sized(MAX_CERTIFICATE_BYTES - overhead + 1);
    expect(refusalOf(() => parseCertificate(larger))).toHaveProperty('code', 'ERR_MDA_CERTIFICATE_TOO_LARGE');
  });
});

const ecdsaWithSha384 = sequence(oid('1.2.840.10045.4.3.3'));
const times = { before: hex('170d3236303530313030303030305a'), after: hex('170d3236303733313030303030305a') };
const noExtensions = new Uint8Array();

/** One part of a certificate, replaced by what may not be there. */
const FAULTS: readonly (readonly [title: string, replace: Partial<CertificateParts>, code: string])[] = [
  ['no version', { version: new Uint8Array() }, 'ERR_MDA_CERTIFICATE_VERSION'],
  ['version 1', { version: explicit(0, integer(0)) }, 'ERR_MDA_CERTIFICATE_VERSION'],
  ['version 2', { version: explicit(0, integer(1)) }, 'ERR_MDA_CERTIFICATE_VERSION'],
  ['version 4', { version: explicit(0, integer(3)) }, 'ERR_MDA_CERTIFICATE_VERSION'],
  ['version 258', { version: explicit(0, integer(258)) }, 'ERR_MDA_CERTIFICATE_VERSION'],
  ['a negative version', { version: explicit(0, integer(-2)) }, 'ERR_MDA_DER_INTEGER'],
  ['a version that is padded', { version: explicit(0, hex('02020002')) }, 'ERR_MDA_DER_INTEGER'],
  ['a version without its tag', { version: integer(2) }, 'ERR_MDA_CERTIFICATE_VERSION'],
  ['a version that is a BOOLEAN', { version: explicit(0, hex('010102')) }, 'ERR_MDA_DER_TAG'],
  ['two versions', { version: explicit(0, concat(integer(2), integer(2))) }, 'ERR_MDA_DER_TRAILING'],

  ['serial number 0', { serialNumber: integer(0) }, 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER'],
  ['serial number -1', { serialNumber: integer(-1) }, 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER'],
  [
    'a serial number of 20 bytes that is negative',
    { serialNumber: integer(-(2n ** 159n)) },
    'ERR_MDA_CERTIFICATE_SERIAL_NUMBER',
  ],
  ['a serial number of 21 bytes', { serialNumber: integer(2n ** 160n) }, 'ERR_MDA_CERTIFICATE_SERIAL_NUMBER'],
  [
    'a serial number of 20 bytes and a sign',
    { serialNumber: integer(2n ** 159n) },
    'ERR_MDA_CERTIFICATE_SERIAL_NUMBER',
  ],
  ['a serial number that is padded', { serialNumber: hex('02020001') }, 'ERR_MDA_DER_INTEGER'],
  ['a serial number of no bytes', { serialNumber: hex('0200') }, 'ERR_MDA_DER_INTEGER'],
  ['no serial number', { serialNumber: new Uint8Array() }, 'ERR_MDA_DER_TAG'],

  ['an issuer without attributes', { issuer: sequence() }, 'ERR_MDA_CERTIFICATE_ISSUER_EMPTY'],
  ['no issuer', { issuer: new Uint8Array() }, 'ERR_MDA_DER_TAG'],
  [
    'a validity that ends before it begins',
    { notBefore: times.after, notAfter: times.before },
    'ERR_MDA_CERTIFICATE_VALIDITY',
  ],
  ['a validity without an end', { notAfter: new Uint8Array() }, 'ERR_MDA_DER_TRUNCATED'],
  ['a validity of three times', { notAfter: concat(times.after, times.after) }, 'ERR_MDA_DER_TRAILING'],
  ['an issuerUniqueID', { uniqueIdentifiers: tlv(0x81, hex('00ff')) }, 'ERR_MDA_DER_TAG'],
  ['a subjectUniqueID', { uniqueIdentifiers: tlv(0x82, hex('00ff')) }, 'ERR_MDA_DER_TAG'],
  ['both unique IDs', { uniqueIdentifiers: concat(tlv(0x81, hex('00ff')), tlv(0x82, hex('00ff'))) }, 'ERR_MDA_DER_TAG'],
  ['something else after the key', { uniqueIdentifiers: tlv(0x84, hex('00')) }, 'ERR_MDA_DER_TAG'],
  ['extensions twice', { uniqueIdentifiers: explicit(3, encodeExtensions(LEAF_EXTENSIONS)) }, 'ERR_MDA_DER_TRAILING'],
  [
    'extensions and something after them',
    { extensions: explicit(3, concat(encodeExtensions(LEAF_EXTENSIONS), hex('0500'))) },
    'ERR_MDA_DER_TRAILING',
  ],
  ['extensions without their tag', { extensions: encodeExtensions(LEAF_EXTENSIONS) }, 'ERR_MDA_DER_TAG'],
  ['no subject', { subject: new Uint8Array(), publicKey: LEAF_KEY.spki }, 'ERR_MDA_DER_TAG'],
  ['a NULL where extensions belong', { extensions: hex('0500') }, 'ERR_MDA_DER_TAG'],

  ...(
    [
      ['ecdsa-with-SHA1', '1.2.840.10045.4.1'],
      ['ecdsa-with-SHA224', '1.2.840.10045.4.3.1'],
      ['the arc of ECDSA with SHA-2 alone', '1.2.840.10045.4.3'],
      ['an unknown ECDSA with SHA-2', '1.2.840.10045.4.3.5'],
      ['something below ecdsa-with-SHA384', '1.2.840.10045.4.3.3.1'],
      ['a longer arc that begins as ecdsa-with-SHA256', '1.2.840.10045.4.3.258'],
      ['ecdsa-with-SHA3-384', '2.16.840.1.101.3.4.3.11'],
      ['sha256WithRSAEncryption', '1.2.840.113549.1.1.11'],
      ['Ed25519', '1.3.101.112'],
      ['one byte', '2.5'],
    ] as const
  ).flatMap(([title, id]): [string, Partial<CertificateParts>, string][] => [
    [`${title} inside`, { innerAlgorithm: sequence(oid(id)) }, 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM'],
    [`${title} outside`, { outerAlgorithm: sequence(oid(id)) }, 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM'],
    [
      `${title} inside and outside`,
      { innerAlgorithm: sequence(oid(id)), outerAlgorithm: sequence(oid(id)) },
      'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    ],
  ]),
  [
    'an algorithm with NULL for its parameters',
    {
      innerAlgorithm: sequence(oid('1.2.840.10045.4.3.3'), hex('0500')),
      outerAlgorithm: sequence(oid('1.2.840.10045.4.3.3'), hex('0500')),
    },
    'ERR_MDA_DER_TRAILING',
  ],
  [
    'an outer algorithm with NULL for its parameters',
    { outerAlgorithm: sequence(oid('1.2.840.10045.4.3.3'), hex('0500')) },
    'ERR_MDA_DER_TRAILING',
  ],
  ['an algorithm without an OID', { innerAlgorithm: sequence() }, 'ERR_MDA_DER_TRUNCATED'],
  [
    'another hash outside',
    { outerAlgorithm: sequence(oid('1.2.840.10045.4.3.2')) },
    'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH',
  ],
  [
    'another hash inside',
    { innerAlgorithm: sequence(oid('1.2.840.10045.4.3.4')) },
    'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH',
  ],
  [
    'an algorithm with an indefinite length outside',
    { outerAlgorithm: concat(hex('3080'), ecdsaWithSha384.subarray(2), hex('0000')) },
    'ERR_MDA_DER_LENGTH',
  ],
  ['no algorithm outside', { outerAlgorithm: new Uint8Array() }, 'ERR_MDA_DER_TAG'],
  ['two algorithms outside', { outerAlgorithm: concat(ecdsaWithSha384, ecdsaWithSha384) }, 'ERR_MDA_DER_TAG'],
];

describe('a certificate with', () => {
  it.each(FAULTS)('%s is refused', async (_, replace, code) => {
    const der = await mintLeafWith(replace);
    expect(refusalOf(() => parseCertificate(der))).toMatchObject({ code, certificate: undefined });
  });

  it('a signature algorithm that is not on the list has its OID in the error', async () => {
    const der = await mintLeafWith({ innerAlgorithm: sequence(oid('1.2.840.113549.1.1.11')) });
    expect(refusalOf(() => parseCertificate(der)).oid).toBe('1.2.840.113549.1.1.11');
  });

  it.each<[title: string, der: Uint8Array, code: string]>([
    ['no bytes', new Uint8Array(), 'ERR_MDA_DER_TRUNCATED'],
    ['one byte', hex('30'), 'ERR_MDA_DER_TRUNCATED'],
    ['an empty SEQUENCE', sequence(), 'ERR_MDA_DER_TRUNCATED'],
    ['text', bytes('-----BEGIN CERTIFICATE-----'), 'ERR_MDA_DER_TAG'],
    ['a SET around it', concat(hex('31'), leaf.subarray(1)), 'ERR_MDA_DER_TAG'],
    ['a byte after it', concat(leaf, hex('00')), 'ERR_MDA_DER_TRAILING'],
    ['itself after it', concat(leaf, leaf), 'ERR_MDA_DER_TRAILING'],
    ['its last byte cut off', leaf.subarray(0, -1), 'ERR_MDA_DER_TRUNCATED'],
    ['no signature', sequence(SIGNED), 'ERR_MDA_DER_TRUNCATED'],
    ['an empty BIT STRING for a signature', sequence(SIGNED, hex('0300')), 'ERR_MDA_DER_BIT_STRING'],
    ['a signature with unused bits', sequence(SIGNED, bitString(hex('02'), 1)), 'ERR_MDA_DER_BIT_STRING'],
    ['an OCTET STRING for a signature', sequence(SIGNED, hex('040101')), 'ERR_MDA_DER_TAG'],
    ['something after the signature', sequence(SIGNED, bitString(hex('01')), hex('0500')), 'ERR_MDA_DER_TRAILING'],
  ])('%s is refused', (_, der, code) => {
    expect(refusalOf(() => parseCertificate(der))).toHaveProperty('code', code);
  });
});

describe('a certificate may have', () => {
  it.each<[title: string, serialNumber: bigint, text: string]>([
    ['serial number 1', 1n, '01'],
    ['serial number 127', 127n, '7f'],
    ['serial number 128', 128n, '80'],
    ['a serial number with zeros within', 0x100000n, '100000'],
    ['a serial number of 20 bytes', 2n ** 159n - 1n, `7f${'ff'.repeat(19)}`],
    ['a serial number of 19 bytes and a sign', 2n ** 151n, `80${'00'.repeat(18)}`],
  ])('%s', async (_, serialNumber, text) => {
    expect((await parsedLeaf({ serialNumber })).serialNumber).toBe(text);
  });

  it('a subject without attributes', async () => {
    expect((await parsedLeaf({ subject: name({}) })).subject).toEqual({ der: hex('3000'), text: '' });
  });

  it('no extensions', async () => {
    expect((await parsedLeaf({ replace: { extensions: noExtensions } })).extensions).toEqual([]);
  });

  it('a validity of one instant', async () => {
    const { notBefore, notAfter } = await parsedLeaf({ notBefore: AT, notAfter: AT });
    expect([notBefore, notAfter]).toEqual([AT, AT]);
  });

  it('any bytes for a signature, as long as nobody verifies it', async () => {
    for (const signature of [new Uint8Array(), bytes('anything')])
      expect((await parsedLeaf({ signature: () => signature })).signature).toEqual(signature);
  });

  it('a key on any of the three curves', async () => {
    for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
      const key = keyFrom('any curve', curve);
      expect((await parsedLeaf({ key })).publicKey).toMatchObject({ curve, spki: key.spki, point: key.point });
    }
  });
});
