import { p256 } from '@noble/curves/nist.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_REMEMBERED_ISSUERS } from '../../src/core/issuer-memory.ts';
import {
  attestingAuthority,
  explainIdentity,
  type IdentityCheckName,
  identityTrustAnchor,
  isVerifiedIdentity,
  MAX_IDENTITY_CERTIFICATES,
  noAttestingAuthority,
  verifyIdentity,
  type VerifyIdentityOptions,
} from '../../src/identity/index.ts';
import { attestationEvidenceOid } from '../../src/identity/oids.ts';
import { identityIssuers } from '../../src/identity/verified-issuers.ts';
import { bitString, bytes, explicit, hex, integer, name, oid, sequence } from '../../src/testing/der-writer.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  encodeExtensions,
  extension,
  keyUsage,
  property,
} from '../../src/testing/certificate-writer.ts';
import { otherName } from '../../src/testing/general-name-writer.ts';
import { withIndefiniteLength, withLongLength } from '../support/ber.ts';
import {
  alternativeNames,
  ANY_PURPOSE,
  AT,
  type Authority,
  CERTIFICATE_HASH,
  type Changes,
  CLIENT_AUTH,
  DEVICE,
  deviceCertificate,
  ecSigner,
  evidenceFor,
  extendedKeyUsage,
  NAMES,
  PLAIN_EXTENSIONS,
  PROPERTIES,
  pssAlgorithm,
  rootAuthority,
  rsaSigner,
  SERIAL_NUMBER,
  SERVER_AUTH,
  type Signer,
  skiOf,
  subAuthority,
} from '../support/organisation.ts';
import { rejectionOf } from '../support/refusal.ts';

const RSA = await rsaSigner();
const PSS = await rsaSigner('RSA-PSS', 'SHA-384', 3072);
const root = await rootAuthority('Root', ecSigner('root', 'SHA-384', 'P-384'));
const sub = await subAuthority('Issuing', ecSigner('issuing'), root);
const leaf = await deviceCertificate(sub);
const trustAnchors = [identityTrustAnchor(root.der)];
const attestingAuthorities = [attestingAuthority(sub.der)];
const options: VerifyIdentityOptions = { at: AT, trustAnchors, attestingAuthorities };
const OIDS = [
  '1.2.840.113635.100.8.9.1',
  '1.2.840.113635.100.8.10.1',
  '1.2.840.113635.100.8.13.2',
  attestationEvidenceOid,
];

beforeEach(() => void (identityIssuers.length = 0));
afterEach(() => vi.restoreAllMocks());

const codeOf = async (chain: readonly Uint8Array[], given: VerifyIdentityOptions = options) => {
  const { code, certificate } = await rejectionOf(verifyIdentity(chain, given));
  const explanation = await explainIdentity(chain, given);
  expect(explanation.accepted ? undefined : explanation.error.code).toBe(code);
  return [code, certificate];
};

describe('a verified identity', () => {
  it('says what is attested, who says it, and what it rests on', async () => {
    const identity = await verifyIdentity([leaf, sub.der], options);
    expect(identity.unattested).toBeUndefined();
    expect(identity.properties.serialNumber).toEqual({ status: 'attested', value: SERIAL_NUMBER });
    expect(identity.properties.osVersion).toEqual({ status: 'attested', value: '26.4.1' });
    expect(identity.properties.secureBoot).toEqual({ status: 'attested', value: 'Full Security' });
    expect(identity.properties.udid).toEqual({ status: 'absent' });
    expect(identity.identifiers).toEqual([
      { kind: 'permanentIdentifier', identifierValue: SERIAL_NUMBER, saidBy: 'attestation' },
      {
        kind: 'hardwareModuleName',
        type: '1.2.840.113635.100.8.9.1',
        serialNumber: bytes(SERIAL_NUMBER),
        saidBy: 'attestation',
      },
    ]);
    expect(identity.names).toHaveLength(2);
    expect(identity.evidence?.freshness).toBe('matched');
    expect(identity.attestedAt).toEqual(new Date('2026-05-01T00:00:00Z'));
    expect(identity.attestationCertificate).toBe('07'.repeat(32));
    expect(identity.evidence?.certificateHash).toEqual(CERTIFICATE_HASH);
    expect(identity.publicKey).toMatchObject({ keyType: 'EC', curve: 'P-256', spki: DEVICE.spki });
    expect(identity.certificates.map(({ der }) => der)).toEqual([leaf, sub.der]);
    expect(identity.trustAnchor.der).toEqual(root.der);
    expect(identity.at).toEqual(AT);
    expect(identity.notAfter).toEqual(new Date('2026-06-15T00:00:00Z'));
    expect(identity.validUntil).toEqual(new Date('2026-06-15T00:00:00Z'));
    expect(identity.certificateSerialNumber).toBe('d0e1');
    const digest = await crypto.subtle.digest('SHA-256', leaf);
    expect(identity.fingerprint).toBe(Buffer.from(digest).toString('hex'));
  });

  it('is branded, and nobody makes another one', async () => {
    const identity = await verifyIdentity([leaf, sub.der], options);
    expect(isVerifiedIdentity(identity)).toBe(true);
    expect(isVerifiedIdentity({ ...identity })).toBe(false);
    expect(isVerifiedIdentity(undefined)).toBe(false);
    expect(identity.constructor).toBe(Object);
    expect(Object.isFrozen(identity)).toBe(true);
  });

  it('has two fingerprints and one key, for ECDSA signs each certificate twice', async () => {
    const mirrored = await deviceCertificate(sub, {
      signature: (value) => {
        const { r, s } = p256.Signature.fromBytes(value, 'der');
        return new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes('der');
      },
    });
    const [one, other] = [
      await verifyIdentity([leaf, sub.der], options),
      await verifyIdentity([mirrored, sub.der], options),
    ];
    expect(other.fingerprint).not.toBe(one.fingerprint);
    expect(other.publicKey).toEqual(one.publicKey);
  });

  it('hands out copies', async () => {
    const identity = await verifyIdentity([leaf, sub.der], options);
    identity.evidence!.certificateHash.fill(0);
    identity.evidence!.attestedAt.setTime(0);
    identity.publicKey.spki.fill(0);
    identity.at.setTime(0);
    expect(identity.evidence!.certificateHash).toEqual(CERTIFICATE_HASH);
    expect(identity.attestedAt).toEqual(new Date('2026-05-01T00:00:00Z'));
    expect(identity.publicKey.spki).toEqual(DEVICE.spki);
    expect(identity.at).toEqual(AT);
  });

  it('ends with the certificate of its path that ends first', async () => {
    const early = await subAuthority('Early', ecSigner('early'), root, { notAfter: new Date('2026-06-02T00:00:00Z') });
    const identity = await verifyIdentity([await deviceCertificate(early), early.der], options);
    expect(identity.validUntil).toEqual(new Date('2026-06-02T00:00:00Z'));
    expect(identity.notAfter).toEqual(new Date('2026-06-15T00:00:00Z'));
  });

  it('takes the anchor at the end of the chain, and an anchor that issues itself', async () => {
    expect((await verifyIdentity([leaf, sub.der, root.der], options)).certificates).toHaveLength(2);
    const own = await deviceCertificate(root);
    const identity = await verifyIdentity([own], { ...options, attestingAuthorities: trustAnchors });
    expect(identity.unattested).toBeUndefined();
  });

  it('gives the same answer when the issuer is remembered, and verifies one signature less', async () => {
    const verify = vi.spyOn(crypto.subtle, 'verify');
    const first = await verifyIdentity([leaf, sub.der], options);
    expect(verify).toHaveBeenCalledTimes(2);
    const second = await verifyIdentity([leaf, sub.der], options);
    expect(verify).toHaveBeenCalledTimes(3);
    expect(second.fingerprint).toBe(first.fingerprint);
    const late = { ...options, at: new Date('2036-01-01T00:00:00Z') };
    expect(await codeOf([leaf, sub.der], late)).toEqual(['ERR_MDA_CHAIN_EXPIRED', 0]);
  });

  it('remembers a bounded number of issuers', async () => {
    const subs: Authority[] = [];
    for (let index = 0; index <= MAX_REMEMBERED_ISSUERS; index++)
      subs.push(await subAuthority(`Issuing ${index}`, ecSigner(`issuing ${index}`), root));
    for (const authority of subs) await verifyIdentity([await deviceCertificate(authority), authority.der], options);
    const chain = async (index: number) => [await deviceCertificate(subs[index]!), subs[index]!.der];
    const [oldest, newest, second] = [await chain(0), await chain(MAX_REMEMBERED_ISSUERS), await chain(1)];
    const verify = vi.spyOn(crypto.subtle, 'verify');
    await verifyIdentity(newest, options);
    expect(verify).toHaveBeenCalledTimes(1);
    await verifyIdentity(second, options);
    expect(verify).toHaveBeenCalledTimes(2);
    await verifyIdentity(oldest, options);
    expect(verify).toHaveBeenCalledTimes(4);
  });

  it('does not believe a remembered issuer under an anchor of the same name with another key', async () => {
    await verifyIdentity([leaf, sub.der], options);
    const impostor = await rootAuthority('Root', ecSigner('impostor', 'SHA-384', 'P-384'), {
      extensions: [basicConstraints(true), keyUsage(0x06)],
    });
    const given = { ...options, trustAnchors: [identityTrustAnchor(impostor.der)] };
    expect(await codeOf([leaf, sub.der], given)).toEqual(['ERR_MDA_CHAIN_SIGNATURE', 1]);
  });

  it('chooses among anchors of one name by key', async () => {
    const older = await rootAuthority('Root', ecSigner('older root'));
    const given = { ...options, trustAnchors: [identityTrustAnchor(older.der), ...trustAnchors] };
    expect((await verifyIdentity([leaf, sub.der], given)).trustAnchor.der).toEqual(root.der);
    const none = [
      identityTrustAnchor(older.der),
      identityTrustAnchor((await rootAuthority('Root', ecSigner('x'))).der),
    ];
    expect((await codeOf([leaf, sub.der], { ...options, trustAnchors: none }))[0]).toBe('ERR_MDA_CHAIN_KEY_IDENTIFIER');
  });

  it('has no names if the certificate has none', async () => {
    const nameless = await deviceCertificate(sub, { extensions: PLAIN_EXTENSIONS });
    const identity = await verifyIdentity([nameless, sub.der], options);
    expect(identity.names).toEqual([]);
    expect(identity.identifiers).toEqual([]);
  });
});

describe('what is believed', () => {
  const unattestedOf = async (chain: readonly Uint8Array[], given: Partial<VerifyIdentityOptions> = {}) => {
    const identity = await verifyIdentity(chain, { ...options, ...given });
    const { properties, unattested, identifiers } = identity;
    const { other, ...named } = properties;
    expect(other).toEqual([]);
    expect(Object.values(named).every(({ status }) => status === 'absent')).toBe(true);
    expect(identity.evidence).toBeUndefined();
    expect(identity.attestedAt).toBeUndefined();
    expect(identity.attestationCertificate).toBeUndefined();
    expect(identifiers.every(({ saidBy }) => saidBy === 'authority')).toBe(true);
    return unattested;
  };

  it('is nothing where no authority is known to attest', async () => {
    expect(await unattestedOf([leaf, sub.der], { attestingAuthorities: noAttestingAuthority })).toEqual({
      reason: 'authority-not-attesting',
      oids: OIDS,
    });
  });

  it('is nothing of a request that an authority which does not attest has copied', async () => {
    const copying = await subAuthority('Copies what is asked for', ecSigner('copying'), root);
    const chain = [await deviceCertificate(copying), copying.der];
    expect((await unattestedOf(chain))?.reason).toBe('authority-not-attesting');
  });

  it('is nothing where the authority that attests is further up', async () => {
    const below = await subAuthority('Below', ecSigner('below'), sub);
    const chain = [await deviceCertificate(below), below.der, sub.der];
    expect((await unattestedOf(chain))?.reason).toBe('authority-not-attesting');
  });

  it('is nothing of another authority with the name of the one that attests', async () => {
    const twin = await subAuthority('Issuing', ecSigner('twin'), root);
    expect((await unattestedOf([await deviceCertificate(twin), twin.der]))?.reason).toBe('authority-not-attesting');
  });

  it('is what the authority says after its certificate was renewed', async () => {
    const renewed = await subAuthority('Issuing', sub.signer, root, { serialNumber: 99 });
    expect((await verifyIdentity([leaf, renewed.der], options)).unattested).toBeUndefined();
  });

  it('is nothing without evidence', async () => {
    const chain = [await deviceCertificate(sub, { extensions: [...PLAIN_EXTENSIONS, ...PROPERTIES] }), sub.der];
    expect(await unattestedOf(chain)).toEqual({ reason: 'no-evidence', oids: OIDS.slice(0, 3) });
    const plain = [await deviceCertificate(sub, { extensions: PLAIN_EXTENSIONS }), sub.der];
    expect(await unattestedOf(plain)).toEqual({ reason: 'no-evidence', oids: [] });
  });

  it('is nothing with evidence that cannot be read', async () => {
    for (const value of [new Uint8Array(), sequence(integer(1)), new Uint8Array(500)]) {
      const evidence = extension(attestationEvidenceOid, value);
      const extensions = [...PLAIN_EXTENSIONS, ...PROPERTIES, evidence];
      const chain = [await deviceCertificate(sub, { extensions }), sub.der];
      expect((await unattestedOf(chain))?.reason).toBe('evidence-malformed');
    }
  });

  it('is nothing with evidence of another key, as after a renewal for a new key', async () => {
    const extensions = [...PLAIN_EXTENSIONS, ...PROPERTIES, evidenceFor(ecSigner('earlier key').spki)];
    const chain = [await deviceCertificate(sub, { extensions }), sub.der];
    expect((await unattestedOf(chain))?.reason).toBe('other-key');
    const rsa = [await deviceCertificate(sub, { spki: RSA.spki }), sub.der];
    expect((await unattestedOf(rsa))?.reason).toBe('other-key');
  });

  it('is nothing outside the validity of the attestation', async () => {
    const chainOf = async (attestedAt: Date, notAfter: Date) => {
      const evidence = evidenceFor(DEVICE.spki, { attestedAt, verifiedAt: attestedAt, notAfter });
      const extensions = [...PLAIN_EXTENSIONS, alternativeNames(NAMES), ...PROPERTIES, evidence];
      return [await deviceCertificate(sub, { extensions }), sub.der];
    };
    const [before, after] = [new Date(AT.getTime() - 1000), new Date(AT.getTime() + 1000)];
    for (const chain of [await chainOf(after, after), await chainOf(before, before)]) {
      expect(await unattestedOf(chain)).toEqual({ reason: 'not-current', oids: OIDS });
      const { validUntil } = await verifyIdentity(chain, options);
      expect(validUntil).toEqual(new Date('2026-06-15T00:00:00Z'));
    }
    const chain = await chainOf(AT, AT);
    const { unattested, validUntil } = await verifyIdentity(chain, options);
    expect([unattested, validUntil]).toEqual([undefined, AT]);
    for (const at of [before, after])
      expect((await verifyIdentity(chain, { ...options, at })).unattested?.reason).toBe('not-current');
  });

  it('hands out its reasons as copies', async () => {
    const identity = await verifyIdentity([leaf, sub.der], { ...options, attestingAuthorities: noAttestingAuthority });
    (identity.unattested!.oids as string[]).length = 0;
    expect(identity.unattested!.oids).toHaveLength(4);
  });

  it('keeps what has no name yet', async () => {
    const extensions = [...PLAIN_EXTENSIONS, property('99.1', bytes('new')), evidenceFor(DEVICE.spki)];
    const { properties } = await verifyIdentity([await deviceCertificate(sub, { extensions }), sub.der], options);
    expect(properties.other.map(({ oid: id }) => id)).toEqual(['1.2.840.113635.100.8.99.1']);
  });
});

describe('algorithms', () => {
  const chainOf = async (signer: Signer, changes: Changes = {}) => {
    const anchor = await rootAuthority('Algorithms', signer);
    const given = { ...options, trustAnchors: [identityTrustAnchor(anchor.der)] };
    return { chain: [await deviceCertificate(anchor, changes)], given };
  };

  const RIGHT: readonly (readonly [string, () => Signer | Promise<Signer>])[] = [
    ['ECDSA P-256 SHA-256', () => ecSigner('a')],
    ['ECDSA P-384 SHA-384', () => ecSigner('a', 'SHA-384', 'P-384')],
    ['ECDSA P-521 SHA-512', () => ecSigner('a', 'SHA-512', 'P-521')],
    ['RSA 2048 SHA-256', () => RSA],
    ['RSA 3072 SHA-384', () => rsaSigner('RSASSA-PKCS1-v1_5', 'SHA-384', 3072)],
    ['RSA 2048 SHA-512', () => rsaSigner('RSASSA-PKCS1-v1_5', 'SHA-512')],
    ['RSA-PSS 2048 SHA-256', () => rsaSigner('RSA-PSS', 'SHA-256')],
    ['RSA-PSS 3072 SHA-384', () => PSS],
    ['RSA-PSS 2048 SHA-512', () => rsaSigner('RSA-PSS', 'SHA-512')],
  ];

  it.each(RIGHT)('%s', async (algorithm, signer) => {
    const { chain, given } = await chainOf(await signer());
    const { trustAnchor } = await verifyIdentity(chain, given);
    const [scheme, size] = algorithm.split(' ');
    const { keyType } = trustAnchor.publicKey;
    expect(keyType).toBe(scheme === 'ECDSA' ? 'EC' : 'RSA');
    if (trustAnchor.publicKey.keyType === 'RSA') expect(String(trustAnchor.publicKey.modulusBits)).toBe(size);
    expect(trustAnchor.signatureAlgorithm.name).toBe(scheme === 'RSA' ? 'RSASSA-PKCS1-v1_5' : scheme);
    const damaged = await chainOf(await signer(), {
      signature: (value) => value.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    });
    expect(['ERR_MDA_CHAIN_SIGNATURE', 'ERR_MDA_CHAIN_SIGNATURE_ENCODING']).toContain(
      (await codeOf(damaged.chain, damaged.given))[0],
    );
  });

  it('imports an RSA key once for each algorithm', async () => {
    const { chain, given } = await chainOf(RSA);
    const importKey = vi.spyOn(crypto.subtle, 'importKey');
    await verifyIdentity(chain, given);
    await verifyIdentity(chain, given);
    expect(importKey).toHaveBeenCalledTimes(1);
  });

  it('describes an RSA key', async () => {
    const { publicKey } = identityTrustAnchor((await rootAuthority('RSA', RSA)).der);
    expect(publicKey.spki).toEqual(RSA.spki);
    if (publicKey.keyType !== 'RSA') throw new Error('RSA was expected');
    const imported = await crypto.subtle.importKey('jwk', publicKey.jwk, { name: 'RSA-PSS', hash: 'SHA-256' }, true, [
      'verify',
    ]);
    expect(new Uint8Array(await crypto.subtle.exportKey('spki', imported))).toEqual(RSA.spki);
    expect(publicKey.jwk.e).toBe('AQAB');
  });

  const ALGORITHM_FAULTS: readonly (readonly [string, Uint8Array, string])[] = [
    ['SHA-1 with RSA', sequence(oid('1.2.840.113549.1.1.5'), hex('0500')), '1.2.840.113549.1.1.5'],
    ['MD5 with RSA', sequence(oid('1.2.840.113549.1.1.4'), hex('0500')), '1.2.840.113549.1.1.4'],
    ['RSA without NULL', sequence(oid('1.2.840.113549.1.1.11')), '1.2.840.113549.1.1.11'],
    ['RSA with other parameters', sequence(oid('1.2.840.113549.1.1.11'), integer(0)), '1.2.840.113549.1.1.11'],
    ['PSS without parameters', sequence(oid('1.2.840.113549.1.1.10')), '1.2.840.113549.1.1.10'],
    ['PSS with a short salt', pssAlgorithm('SHA-256', 20), '1.2.840.113549.1.1.10'],
    ['ECDSA with SHA-1', sequence(oid('1.2.840.10045.4.1')), '1.2.840.10045.4.1'],
    ['ECDSA with NULL', sequence(oid('1.2.840.10045.4.3.2'), hex('0500')), '1.2.840.10045.4.3.2'],
    ['Ed25519', sequence(oid('1.3.101.112')), '1.3.101.112'],
  ];
  it.each(ALGORITHM_FAULTS)('refuses %s', async (_, algorithm, id) => {
    const der = await deviceCertificate(sub, { innerAlgorithm: algorithm, outerAlgorithm: algorithm });
    const error = await rejectionOf(verifyIdentity([der, sub.der], options));
    expect([error.code, error.oid]).toEqual(['ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM', id]);
  });

  it('refuses two algorithms in one certificate', async () => {
    const der = await deviceCertificate(sub, { innerAlgorithm: sequence(oid('1.2.840.10045.4.3.3')) });
    expect(await codeOf([der, sub.der])).toEqual(['ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH', 0]);
  });

  it('refuses a signature by another kind of key than that of the issuer', async () => {
    const { algorithm } = sub.signer;
    const rsa = await chainOf(RSA, { innerAlgorithm: algorithm, outerAlgorithm: algorithm });
    expect(await codeOf(rsa.chain, rsa.given)).toEqual(['ERR_MDA_CHAIN_SIGNATURE', 0]);
    const ec = await chainOf(sub.signer, { innerAlgorithm: RSA.algorithm, outerAlgorithm: RSA.algorithm });
    expect(await codeOf(ec.chain, ec.given)).toEqual(['ERR_MDA_CHAIN_SIGNATURE', 0]);
  });

  const rsaKey = (modulus: Uint8Array, exponent: Uint8Array, parameters = hex('0500'), rest = new Uint8Array()) =>
    sequence(
      sequence(oid('1.2.840.113549.1.1.1'), parameters),
      bitString(new Uint8Array([...sequence(modulus, exponent), ...rest])),
    );
  const modulus = (bits: number, last = 1): Uint8Array => integer((1n << BigInt(bits - 1)) + BigInt(last));
  const KEY_FAULTS: readonly (readonly [string, Uint8Array, string])[] = [
    ['2047 bits', rsaKey(modulus(2047), integer(65537)), 'ERR_MDA_KEY_MODULUS'],
    ['4097 bits', rsaKey(modulus(4097), integer(65537)), 'ERR_MDA_KEY_MODULUS'],
    ['an even modulus', rsaKey(modulus(2048, 2), integer(65537)), 'ERR_MDA_KEY_MODULUS'],
    ['a negative modulus', rsaKey(integer(-(1n << 2047n)), integer(65537)), 'ERR_MDA_DER_INTEGER'],
    ['exponent 1', rsaKey(modulus(2048), integer(1)), 'ERR_MDA_KEY_EXPONENT'],
    ['exponent 3', rsaKey(modulus(2048), integer(3)), 'ERR_MDA_KEY_EXPONENT'],
    ['an even exponent', rsaKey(modulus(2048), integer(65538)), 'ERR_MDA_KEY_EXPONENT'],
    ['an exponent of 33 bits', rsaKey(modulus(2048), integer(0x100000001n)), 'ERR_MDA_KEY_EXPONENT'],
    ['no NULL', rsaKey(modulus(2048), integer(65537), new Uint8Array()), 'ERR_MDA_KEY_PARAMETERS'],
    ['other parameters', rsaKey(modulus(2048), integer(65537), integer(0)), 'ERR_MDA_KEY_PARAMETERS'],
    ['bytes after the key', rsaKey(modulus(2048), integer(65537), undefined, integer(1)), 'ERR_MDA_DER_TRAILING'],
    [
      'a key of RSASSA-PSS',
      sequence(sequence(oid('1.2.840.113549.1.1.10')), bitString(integer(1))),
      'ERR_MDA_KEY_ALGORITHM',
    ],
    [
      'a key of Ed25519',
      sequence(sequence(oid('1.3.101.112')), bitString(new Uint8Array(32))),
      'ERR_MDA_KEY_ALGORITHM',
    ],
    [
      'explicit parameters of a curve',
      sequence(sequence(oid('1.2.840.10045.2.1'), sequence(integer(1))), bitString(integer(1))),
      'ERR_MDA_KEY_PARAMETERS',
    ],
    ['next to nothing', sequence(sequence(hex('06 01 2a'))), 'ERR_MDA_KEY_ALGORITHM'],
  ];
  it.each(KEY_FAULTS)('refuses a key with %s', async (_, spki, code) => {
    expect(await codeOf([await deviceCertificate(sub, { spki }), sub.der])).toEqual([code, 0]);
  });

  it('takes the longest modulus and the longest exponent', async () => {
    const spki = rsaKey(modulus(4096), integer(0xffffffffn));
    const { publicKey } = await verifyIdentity([await deviceCertificate(sub, { spki }), sub.der], options);
    expect(publicKey).toMatchObject({ keyType: 'RSA', modulusBits: 4096 });
  });

  it('says so where the platform lacks an algorithm, and tries again', async () => {
    const { chain, given } = await chainOf(PSS);
    const importKey = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new Error('not supported'));
    const { code } = await rejectionOf(verifyIdentity(chain, given));
    expect(code).toBe('ERR_MDA_CHAIN_UNSUPPORTED');
    importKey.mockRestore();
    expect(isVerifiedIdentity(await verifyIdentity(chain, given))).toBe(true);
  });

  it('that the platform gives up on is a limit of the platform, whatever it throws', async () => {
    const { chain, given } = await chainOf(PSS);
    const verify = vi.spyOn(crypto.subtle, 'verify');
    // Some platforms import what they give up on later, with a plain error, when it is used.
    for (const thrown of [new Error('too large'), new TypeError('unknown'), 'a text', undefined])
      for (const fail of [
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a platform may
        () => Promise.reject(thrown),
        () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- a platform may
          throw thrown;
        },
      ]) {
        identityIssuers.length = 0;
        verify.mockImplementation(fail);
        expect(await rejectionOf(verifyIdentity(chain, given))).toMatchObject({
          code: 'ERR_MDA_CHAIN_UNSUPPORTED',
          cause: thrown,
        });
        const explained = await explainIdentity(chain, given);
        expect(explained.accepted ? undefined : explained.error.code).toBe('ERR_MDA_CHAIN_UNSUPPORTED');
      }
    verify.mockRestore();
    expect(isVerifiedIdentity(await verifyIdentity(chain, given))).toBe(true);
  });
});

type Chain = readonly Uint8Array[];

describe('refused paths', () => {
  const ca = (...more: readonly ReturnType<typeof extension>[]) => ({
    extensions: [basicConstraints(true), keyUsage(0x06), ...more],
  });
  const below = async (changes: Changes, leafChanges: Changes = {}) => {
    const authority = await subAuthority('Below', ecSigner('below'), root, changes);
    return [await deviceCertificate(authority, leafChanges), authority.der];
  };
  const leafWith = async (...extensions: readonly ReturnType<typeof extension>[]) => [
    await deviceCertificate(sub, { extensions }),
    sub.der,
  ];
  const nameConstraints = extension('2.5.29.30', sequence(explicit(0, sequence(sequence(hex('82 00'))))), true);

  const FAULTS: Readonly<Record<string, readonly [() => Chain | Promise<Chain>, string, number | undefined]>> = {
    'no certificate': [() => [], 'ERR_MDA_CHAIN_EMPTY', undefined],
    'more certificates than the limit': [
      () => Array.from({ length: MAX_IDENTITY_CERTIFICATES + 1 }, () => leaf),
      'ERR_MDA_CHAIN_TOO_LONG',
      undefined,
    ],
    'a certificate twice': [() => [leaf, leaf], 'ERR_MDA_CHAIN_DUPLICATE', 1],
    'an unknown root': [
      async () => {
        const other = await rootAuthority('Other', ecSigner('other'));
        return [await deviceCertificate(other)];
      },
      'ERR_MDA_CHAIN_TRUST_ANCHOR',
      0,
    ],
    'another authority with the name of the root': [
      async () => {
        const twin = await rootAuthority('Root', ecSigner('twin root'));
        return [await deviceCertificate(twin, { extensions: PLAIN_EXTENSIONS })];
      },
      'ERR_MDA_CHAIN_SIGNATURE',
      0,
    ],
    'a leaf of another issuer': [async () => [await deviceCertificate(root), sub.der], 'ERR_MDA_CHAIN_NAME', 0],
    'an expired leaf': [
      async () => [await deviceCertificate(sub, { notAfter: new Date('2026-06-01T11:59:59Z') }), sub.der],
      'ERR_MDA_CHAIN_EXPIRED',
      0,
    ],
    'a leaf of tomorrow': [
      async () => [await deviceCertificate(sub, { notBefore: new Date('2026-06-02T00:00:00Z') }), sub.der],
      'ERR_MDA_CHAIN_NOT_YET_VALID',
      0,
    ],
    'an expired authority': [() => below({ notAfter: new Date('2026-05-31T00:00:00Z') }), 'ERR_MDA_CHAIN_EXPIRED', 1],
    'an authority that is none': [() => below({ extensions: [basicConstraints(false)] }), 'ERR_MDA_CHAIN_NOT_A_CA', 1],
    'an authority without basic constraints': [
      () => below({ extensions: [keyUsage(0x06)] }),
      'ERR_MDA_CHAIN_NOT_A_CA',
      1,
    ],
    'an authority of version 1': [
      () => below({ extensions: [], version: new Uint8Array() }),
      'ERR_MDA_CERTIFICATE_VERSION',
      1,
    ],
    'an authority that may not sign': [
      () => below({ extensions: [basicConstraints(true), keyUsage(0x80)] }),
      'ERR_MDA_CHAIN_KEY_USAGE',
      1,
    ],
    'an authority for servers': [() => below(ca(extendedKeyUsage(SERVER_AUTH))), 'ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', 1],
    'an authority with name constraints': [() => below(ca(nameConstraints)), 'ERR_MDA_CHAIN_NAME_CONSTRAINTS', 1],
    'name constraints that are not critical': [
      () => below(ca({ ...nameConstraints, critical: false })),
      'ERR_MDA_CHAIN_NAME_CONSTRAINTS',
      1,
    ],
    'policy constraints': [
      () => below(ca(extension('2.5.29.36', sequence(), true))),
      'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      1,
    ],
    'critical certificate policies': [
      () => below(ca(extension('2.5.29.32', sequence(), true))),
      'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      1,
    ],
    'critical distribution points': [
      () => below(ca(extension('2.5.29.31', sequence(), true))),
      'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      1,
    ],
    'a path that is too long for an authority': [
      async () => {
        const first = await subAuthority('First', ecSigner('first'), root, {
          extensions: [basicConstraints(true, 0)],
        });
        const second = await subAuthority('Second', ecSigner('second'), first);
        return [await deviceCertificate(second), second.der, first.der];
      },
      'ERR_MDA_CHAIN_PATH_LENGTH',
      2,
    ],
    'a key identifier of another issuer': [
      () => leafWith(...PLAIN_EXTENSIONS, authorityKeyIdentifier(skiOf(DEVICE))),
      'ERR_MDA_CHAIN_KEY_IDENTIFIER',
      0,
    ],
    'a leaf that is an authority': [
      () => leafWith(basicConstraints(true), extendedKeyUsage(CLIENT_AUTH)),
      'ERR_MDA_CHAIN_LEAF_IS_CA',
      0,
    ],
    'a leaf that may not sign': [
      () => leafWith(keyUsage(0x08), extendedKeyUsage(CLIENT_AUTH)),
      'ERR_MDA_CHAIN_LEAF_KEY_USAGE',
      0,
    ],
    'a leaf that may sign certificates': [
      () => leafWith(keyUsage(0x84), extendedKeyUsage(CLIENT_AUTH)),
      'ERR_MDA_CHAIN_LEAF_KEY_USAGE',
      0,
    ],
    'a leaf without extended key usage': [() => leafWith(keyUsage(0x80)), 'ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', 0],
    'a leaf for servers': [() => leafWith(extendedKeyUsage(SERVER_AUTH)), 'ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', 0],
    'a leaf for any purpose': [() => leafWith(extendedKeyUsage(ANY_PURPOSE)), 'ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', 0],
    'an extended key usage without one': [() => leafWith(extendedKeyUsage()), 'ERR_MDA_CERTIFICATE_EXTENSION', 0],
    'a property that is critical': [
      () => leafWith(...PLAIN_EXTENSIONS, { ...PROPERTIES[0]!, critical: true }),
      'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      0,
    ],
    'an extension twice': [
      () => leafWith(...PLAIN_EXTENSIONS, keyUsage(0x80)),
      'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
      0,
    ],
    'a property twice': [
      () => leafWith(...PLAIN_EXTENSIONS, PROPERTIES[0]!, property('9.1', bytes('OTHER'))),
      'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
      0,
    ],
    'no name in the subjectAltName': [
      () => leafWith(...PLAIN_EXTENSIONS, alternativeNames([])),
      'ERR_MDA_CERTIFICATE_EXTENSION',
      0,
    ],
    'bytes after the subjectAltName': [
      () => leafWith(...PLAIN_EXTENSIONS, extension('2.5.29.17', new Uint8Array([...sequence(NAMES[0]!), 5, 0]))),
      'ERR_MDA_CERTIFICATE_EXTENSION',
      0,
    ],
    'a permanent identifier that hides something': [
      () =>
        leafWith(
          ...PLAIN_EXTENSIONS,
          alternativeNames([otherName('1.3.6.1.5.5.7.8.3', sequence(hex('0c 03 e2 80 8b')))]),
        ),
      'ERR_MDA_CERTIFICATE_EXTENSION',
      0,
    ],
    'bytes after basic constraints': [
      () => leafWith(extension('2.5.29.19', new Uint8Array([...sequence(), 5, 0]))),
      'ERR_MDA_CERTIFICATE_EXTENSION',
      0,
    ],
    'bytes after the certificate': [() => [new Uint8Array([...leaf, 0]), sub.der], 'ERR_MDA_DER_TRAILING', 0],
    'a length in too many bytes': [() => [withLongLength(leaf), sub.der], 'ERR_MDA_DER_LENGTH', 0],
    'an indefinite length': [() => [leaf, withIndefiniteLength(sub.der)], 'ERR_MDA_DER_LENGTH', 1],
    'an empty certificate': [() => [new Uint8Array()], 'ERR_MDA_DER_TRUNCATED', 0],
    'a huge certificate': [() => [new Uint8Array(16_385)], 'ERR_MDA_CERTIFICATE_TOO_LARGE', 0],
    'no issuer': [
      async () => [await deviceCertificate(sub, { issuer: sequence() }), sub.der],
      'ERR_MDA_CERTIFICATE_ISSUER_EMPTY',
      0,
    ],
    'an end before its beginning': [
      async () => [await deviceCertificate(sub, { notAfter: new Date('2020-01-01T00:00:00Z') }), sub.der],
      'ERR_MDA_CERTIFICATE_VALIDITY',
      0,
    ],
    'a signature in BER': [
      async () => [await deviceCertificate(sub, { signature: withLongLength }), sub.der],
      'ERR_MDA_CHAIN_SIGNATURE_ENCODING',
      0,
    ],
    'the root alone': [() => [root.der], 'ERR_MDA_CHAIN_LEAF_IS_CA', 0],
  };

  it.each(Object.entries(FAULTS))('%s', async (_, [mint, code, index]) => {
    expect(await codeOf(await mint())).toEqual([code, index]);
  });

  it('judges what the anchor says of itself', async () => {
    const anchored = async (changes: Changes) => {
      const anchor = await rootAuthority('Root of its own', ecSigner('own'), changes);
      return codeOf([await deviceCertificate(anchor)], { ...options, trustAnchors: [identityTrustAnchor(anchor.der)] });
    };
    expect(await anchored(ca(nameConstraints))).toEqual(['ERR_MDA_CHAIN_NAME_CONSTRAINTS', 1]);
    expect(await anchored(ca(extendedKeyUsage(SERVER_AUTH)))).toEqual(['ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', 1]);
    expect(await anchored({ notAfter: new Date('2026-01-01T00:00:00Z') })).toEqual(['ERR_MDA_CHAIN_EXPIRED', 1]);
  });

  it('takes a path of six authorities below the anchor, and no more', async () => {
    const path: Authority[] = [];
    let issuer = root;
    for (let index = 0; index < 7; index++) {
      issuer = await subAuthority(`Level ${index}`, ecSigner(`level ${index}`), issuer);
      path.unshift(issuer);
    }
    const six = path.slice(1);
    const chain = [await deviceCertificate(six[0]!), ...six.map(({ der }) => der)];
    expect((await verifyIdentity([...chain, root.der], options)).certificates).toHaveLength(7);
    const long = [await deviceCertificate(path[0]!), ...path.map(({ der }) => der), root.der];
    expect(await codeOf(long)).toEqual(['ERR_MDA_CHAIN_TOO_LONG', undefined]);
  });

  it('takes an authority for any purpose, and one for clients', async () => {
    for (const purpose of [ANY_PURPOSE, CLIENT_AUTH])
      expect((await verifyIdentity(await below(ca(extendedKeyUsage(SERVER_AUTH, purpose))), options)).at).toEqual(AT);
  });

  it('takes a subjectAltName that is critical, and an empty subject', async () => {
    const extensions = [...PLAIN_EXTENSIONS, alternativeNames(NAMES, true)];
    const der = await deviceCertificate(sub, { subject: name({}), extensions });
    expect((await verifyIdentity([der, sub.der], options)).names).toHaveLength(2);
  });

  it('does not read the names of an authority', async () => {
    const chain = await below(ca(alternativeNames([], true)));
    expect(isVerifiedIdentity(await verifyIdentity(chain, options))).toBe(true);
  });

  it('takes no extensions at all for what they are', async () => {
    const der = await deviceCertificate(sub, { extensions: [] });
    expect(await codeOf([der, sub.der])).toEqual(['ERR_MDA_CHAIN_EXTENDED_KEY_USAGE', 0]);
    const empty = await deviceCertificate(sub, { extensionsField: explicit(3, encodeExtensions([])) });
    expect(await codeOf([empty, sub.der])).toEqual(['ERR_MDA_CERTIFICATE_EXTENSION_COUNT', 0]);
  });
});

describe('the expected key', () => {
  it('is that of the certificate', async () => {
    const given = { ...options, expectedPublicKey: DEVICE.spki };
    expect((await verifyIdentity([leaf, sub.der], given)).publicKey.spki).toEqual(DEVICE.spki);
    expect(await codeOf([leaf, sub.der], { ...options, expectedPublicKey: RSA.spki })).toEqual([
      'ERR_MDA_IDENTITY_PUBLIC_KEY',
      0,
    ]);
  });
});

describe('explainIdentity', () => {
  const CHECKS: readonly IdentityCheckName[] = [
    'certificates',
    'trust-anchor',
    'names',
    'validity',
    'critical-extensions',
    'certification-authorities',
    'path-length',
    'key-usage',
    'leaf',
    'key-identifiers',
    'extended-key-usage',
    'name-constraints',
    'signatures',
    'public-key',
  ];

  it('reports every check', async () => {
    const { accepted, checks } = await explainIdentity([leaf, sub.der], options);
    expect(accepted).toBe(true);
    expect(checks.map(({ name: check }) => check)).toEqual(CHECKS);
    expect(checks.map(({ outcome }) => outcome)).toEqual([...Array<string>(13).fill('passed'), 'not run']);
  });

  it('reports every fault of a refused identity', async () => {
    const der = await deviceCertificate(sub, {
      extensions: [basicConstraints(true)],
      notAfter: new Date('2026-05-31T00:00:00Z'),
    });
    const explanation = await explainIdentity([der, sub.der], options);
    expect(explanation.checks.filter(({ outcome }) => outcome === 'failed').map(({ name: check }) => check)).toEqual([
      'validity',
      'leaf',
      'extended-key-usage',
    ]);
  });

  it('reports bytes that do not parse', async () => {
    const { accepted, checks } = await explainIdentity([new Uint8Array(3)], options);
    expect(accepted).toBe(false);
    expect(checks.map(({ name: check }) => check)).toEqual(CHECKS);
    expect(checks[0]).toMatchObject({ outcome: 'failed', code: 'ERR_MDA_DER_TAG', certificate: 0 });
  });
});

describe("a caller's mistakes", () => {
  const MISTAKES: Readonly<Record<string, readonly [unknown, unknown, RegExp]>> = {
    'no array of certificates': [leaf, options, /certificates/],
    'no bytes': [[leaf, 'MIIB'], options, /certificates\[1\]/],
    'no options': [[leaf], undefined, /options/],
    'an unknown option': [[leaf], { ...options, trustedAnchors: [] }, /trustedAnchors/],
    'no time': [[leaf], { ...options, at: Date.now() }, /at/],
    'no anchors': [[leaf], { ...options, trustAnchors: [] }, /trustAnchors/],
    'anchors that are not there': [[leaf], { ...options, trustAnchors: undefined }, /trustAnchors/],
    'an attesting authority for an anchor': [
      [leaf],
      { ...options, trustAnchors: attestingAuthorities },
      /trustAnchors\[0\]/,
    ],
    'attesting authorities left out': [[leaf], { at: AT, trustAnchors }, /attestingAuthorities/],
    'no attesting authorities': [[leaf], { ...options, attestingAuthorities: [] }, /attestingAuthorities/],
    'bytes for an authority': [[leaf], { ...options, attestingAuthorities: [sub.der] }, /attestingAuthorities\[0\]/],
    'an expected key that was not found': [[leaf], { ...options, expectedPublicKey: undefined }, /expectedPublicKey/],
  };
  it.each(Object.entries(MISTAKES))('%s', async (_, [chain, given, message]) => {
    const run = verifyIdentity(chain as Uint8Array[], given as VerifyIdentityOptions);
    await expect(run).rejects.toThrow(TypeError);
    await expect(run).rejects.toThrow(message);
    await expect(explainIdentity(chain as Uint8Array[], given as VerifyIdentityOptions)).rejects.toThrow(TypeError);
  });

  it('an authority that is none is refused', () => {
    for (const read of [identityTrustAnchor, attestingAuthority]) {
      expect(() => read(leaf)).toThrow(expect.objectContaining({ code: 'ERR_MDA_CHAIN_NOT_A_CA' }) as Error);
      expect(() => read('pem' as never)).toThrow(TypeError);
    }
  });
});
