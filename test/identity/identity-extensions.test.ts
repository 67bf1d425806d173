import 'reflect-metadata';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as asn1X509 from '@peculiar/asn1-x509';
import * as peculiar from '@peculiar/x509';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  encodeHardwareModuleName,
  encodePermanentIdentifier,
  parseSubjectAlternativeNames,
} from '../../src/acme/index.ts';
import {
  attestationEvidenceOid,
  type CertificateExtension,
  decodeAttestationEvidence,
  identityExtensions,
  toPeculiarExtensions,
  toPkijsExtensions,
} from '../../src/identity/index.ts';
import {
  certificateFingerprint,
  decodeProperties,
  parseCertificate,
  type VerifiedAttestation,
} from '../../src/index.ts';
import { bytes, concat, type Der, explicit, integer, sequence, tlv } from '../../src/testing/der-writer.ts';
import { SERIAL_NUMBER, UDID, USER_ENROLLMENT } from '../support/acme.ts';
import { AT, digest, keyFrom, mintCertificate, ROOT_NAME } from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';
import { attested } from './world.ts';

const APPLE = '1.2.840.113635.100.8';
const SAN = '2.5.29.17';
const IDENTIFY = { include: 'all', privacy: 'identify' } as const;
const WITHHOLD = { include: 'all', privacy: 'withhold-identifiers' } as const;
const NAMED = ['10.1', '10.2', '10.3', '13.1', '13.2', '13.3', '9.1', '9.2', '9.4'].map((arcs) => `${APPLE}.${arcs}`);

let attestation: VerifiedAttestation;
beforeAll(async () => {
  ({ attestation } = await attested());
});

const oidsOf = (extensions: readonly CertificateExtension[]): string[] => extensions.map(({ oid }) => oid);
const valueOf = (extensions: readonly CertificateExtension[], wanted: string): Der =>
  extensions.find(({ oid }) => oid === wanted)!.value;

describe('identityExtensions', () => {
  it('names the device, passes on what is attested, and says by which attestation', async () => {
    const extensions = await identityExtensions(attestation, IDENTIFY);
    expect(oidsOf(extensions).slice(1, -1).sort()).toEqual(NAMED);
    expect(extensions.map(({ critical }) => critical)).not.toContain(true);
    expect(extensions[0]!.oid).toBe(SAN);
    expect(parseSubjectAlternativeNames(extensions[0]!.value)).toEqual([
      { kind: 'permanentIdentifier', identifierValue: SERIAL_NUMBER },
      { kind: 'hardwareModuleName', type: `${APPLE}.9.1`, serialNumber: bytes(SERIAL_NUMBER) },
    ]);
    const leaf = attestation.certificates[0]!;
    expect(decodeAttestationEvidence(valueOf(extensions, attestationEvidenceOid))).toEqual({
      version: 0,
      attestedAt: leaf.notBefore,
      verifiedAt: AT,
      notAfter: leaf.notAfter,
      freshness: 'matched',
      certificateHash: await certificateFingerprint(leaf),
      publicKeyHash: digest('SHA-256', leaf.publicKey.spki),
    });
    for (const { oid, value } of leaf.extensions)
      if (NAMED.includes(oid)) expect(valueOf(extensions, oid)).toEqual(value);
  });

  it('hands out bytes that nobody else holds', async () => {
    const [first] = await identityExtensions(attestation, IDENTIFY);
    first!.value.fill(0);
    first!.der.fill(0);
    const [second] = await identityExtensions(attestation, IDENTIFY);
    expect(parseSubjectAlternativeNames(second!.value)).toHaveLength(2);
  });

  it('says that freshness was not checked', async () => {
    const { attestation: unchecked } = await attested({}, { skip: true });
    const extensions = await identityExtensions(unchecked, IDENTIFY);
    expect(decodeAttestationEvidence(valueOf(extensions, attestationEvidenceOid)).freshness).toBe('not checked');
  });

  it('leaves out whatever may identify where that is withheld', async () => {
    const { attestation: odd } = await attested({ '99.1': bytes('who knows') });
    const withheld = oidsOf(await identityExtensions(odd, WITHHOLD));
    expect(withheld.sort()).toEqual(
      [...NAMED.filter((oid) => !oid.includes('.100.8.9.') || oid.endsWith('.9.4')), attestationEvidenceOid].sort(),
    );
    const all = oidsOf(await identityExtensions(odd, IDENTIFY));
    expect(all).toContain(`${APPLE}.99.1`);
    expect(all).not.toContain(`${APPLE}.11.1`);
  });

  it('passes on what is asked for, as far as it is there, blank and malformed as it stands', async () => {
    const { attestation: odd } = await attested({
      '13.1': new Uint8Array(),
      '13.2': bytes('No Security'),
      '9.4': undefined,
    });
    const extensions = await identityExtensions(odd, {
      include: ['systemIntegrityProtection', 'secureBoot', 'softwareUpdateDeviceId'],
      privacy: 'withhold-identifiers',
    });
    expect(oidsOf(extensions).sort()).toEqual([`${APPLE}.13.1`, `${APPLE}.13.2`, attestationEvidenceOid].sort());
    expect(valueOf(extensions, `${APPLE}.13.1`)).toEqual(new Uint8Array());
    expect(valueOf(extensions, `${APPLE}.13.2`)).toEqual(bytes('No Security'));
    const none = await identityExtensions(odd, { include: [], privacy: 'identify' });
    expect(oidsOf(none)).toEqual([SAN, attestationEvidenceOid]);
  });

  it.each([
    ['the UDID where there is no serial number', { '9.1': undefined }, UDID, '9.2'],
    ['the UDID where the serial number is blank', { '9.1': new Uint8Array() }, UDID, '9.2'],
    ['the UDID where the serial number is none that a name can be', { '9.1': bytes(' X') }, UDID, '9.2'],
  ])('names %s', async (_, replace, value, arcs) => {
    const [san] = await identityExtensions((await attested(replace)).attestation, IDENTIFY);
    expect(parseSubjectAlternativeNames(san!.value)).toEqual([
      { kind: 'permanentIdentifier', identifierValue: value },
      { kind: 'hardwareModuleName', type: `${APPLE}.${arcs}`, serialNumber: bytes(value) },
    ]);
  });

  it('names nobody in a User Enrollment, but what the authority names', async () => {
    const { attestation: user } = await attested(USER_ENROLLMENT);
    expect(oidsOf(await identityExtensions(user, IDENTIFY))).not.toContain(SAN);
    const mail = tlv(0x81, bytes('user@example.com'));
    const extensions = await identityExtensions(user, {
      ...IDENTIFY,
      subjectAlternativeNames: [mail, mail],
      subjectIsEmpty: true,
    });
    expect(extensions[0]).toMatchObject({ oid: SAN, critical: true, value: tlv(0x30, mail) });
    expect(extensions[0]!.der).toEqual(
      tlv(0x30, tlv(6, Uint8Array.of(0x55, 0x1d, 0x11)), tlv(1, Uint8Array.of(0xff)), tlv(4, tlv(0x30, mail))),
    );
  });

  it('takes the other names of the authority, and none that names a device but this one', async () => {
    const dns = tlv(0x82, bytes('device.example.com'));
    const own = encodePermanentIdentifier({ identifierValue: SERIAL_NUMBER });
    const [san] = await identityExtensions(attestation, { ...IDENTIFY, subjectAlternativeNames: [own, dns] });
    expect(parseSubjectAlternativeNames(san!.value).map(({ kind }) => kind)).toEqual([
      'permanentIdentifier',
      'hardwareModuleName',
      'dns',
    ]);
    const codeOf = async (...subjectAlternativeNames: Der[]) =>
      (await rejectionOf(identityExtensions(attestation, { ...IDENTIFY, subjectAlternativeNames }))).code;
    const other = encodePermanentIdentifier({ identifierValue: 'ANOTHER' });
    expect(await codeOf(other)).toBe('ERR_MDA_NAME_DEVICE');
    expect(await codeOf(encodeHardwareModuleName({ type: `${APPLE}.9.2`, serialNumber: bytes(UDID) }))).toBe(
      'ERR_MDA_NAME_DEVICE',
    );
    expect(await codeOf(concat(dns, other))).toBe('ERR_MDA_DER_TRAILING');
    expect(await codeOf(new Uint8Array())).toBe('ERR_MDA_DER_TRUNCATED');
    expect(await codeOf(integer(1))).toBe('ERR_MDA_NAME_KIND');
    expect(await codeOf(tlv(0x82, bytes('x'.repeat(16_384))))).toBe('ERR_MDA_NAME_COUNT');
    expect(await codeOf(...Array.from({ length: 63 }, (_, index) => tlv(0x82, bytes(`${index}.example.com`))))).toBe(
      'ERR_MDA_NAME_COUNT',
    );
    const withheld = identityExtensions(attestation, { ...WITHHOLD, subjectAlternativeNames: [own] });
    expect((await rejectionOf(withheld)).code).toBe('ERR_MDA_NAME_DEVICE');
  });

  it('refuses the mistakes of a caller', async () => {
    const refuses = (options: unknown, about = /./) =>
      expect(identityExtensions(attestation, options as typeof IDENTIFY)).rejects.toThrow(about);
    for (const options of [undefined, {}, { include: 'all' }, { privacy: 'identify' }, { ...IDENTIFY, more: 1 }])
      await expect(identityExtensions(attestation, options as typeof IDENTIFY)).rejects.toThrow(TypeError);
    await refuses({ ...IDENTIFY, privacy: 'none' }, /^privacy/);
    await refuses({ ...IDENTIFY, include: ['freshnessCode'] }, /^include/);
    await refuses({ ...IDENTIFY, include: ['toString'] }, /^include/);
    await refuses({ ...IDENTIFY, include: [,] }, /^include/);
    await refuses({ include: ['osVersion', 'udid'], privacy: 'withhold-identifiers' }, /^include/);
    await refuses({ ...IDENTIFY, subjectAlternativeNames: undefined }, /^subjectAlternativeNames/);
    await refuses({ ...IDENTIFY, subjectAlternativeNames: ['x'] }, /^subjectAlternativeNames\[0\]/);
    await refuses({ ...IDENTIFY, subjectIsEmpty: 1 }, /^subjectIsEmpty/);
    await expect(identityExtensions({ ...attestation }, IDENTIFY)).rejects.toThrow(TypeError);
  });
});

describe('a certificate that is issued with them', () => {
  const NOT_AFTER = new Date(AT.getTime() + 86_400_000);
  const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

  const issueByPkijs = async (): Promise<Der> => {
    pkijs.setEngine('tests', new pkijs.CryptoEngine({ name: 'tests', crypto: globalThis.crypto }));
    const { privateKey } = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
    const certificate = new pkijs.Certificate();
    certificate.version = 2;
    certificate.serialNumber = new asn1js.Integer({ value: 7 });
    const commonName = new pkijs.AttributeTypeAndValue({
      type: '2.5.4.3',
      value: new asn1js.Utf8String({ value: 'pkijs' }),
    });
    certificate.issuer.typesAndValues.push(commonName);
    certificate.subject.typesAndValues.push(commonName);
    certificate.notBefore.value = AT;
    certificate.notAfter.value = NOT_AFTER;
    await certificate.subjectPublicKeyInfo.importKey(await importAttestedKey());
    const extensions = await identityExtensions(attestation, { ...IDENTIFY, subjectIsEmpty: true });
    certificate.extensions = toPkijsExtensions(extensions, pkijs.Extension);
    await certificate.sign(privateKey, 'SHA-256');
    return new Uint8Array(certificate.toSchema(true).toBER());
  };

  const issueByPeculiar = async (): Promise<Der> => {
    const { privateKey } = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
    const extensions = await identityExtensions(attestation, { ...IDENTIFY, subjectIsEmpty: true });
    const certificate = await peculiar.X509CertificateGenerator.create({
      serialNumber: '07',
      issuer: 'CN=peculiar',
      notBefore: AT,
      notAfter: NOT_AFTER,
      publicKey: await importAttestedKey(),
      signingKey: privateKey,
      signingAlgorithm: ECDSA,
      extensions: toPeculiarExtensions(extensions, peculiar.Extension),
    });
    return new Uint8Array(certificate.rawData);
  };

  /** With the whole of each extension: what an authority does that writes its own DER. */
  const issueByHand = async (): Promise<Der> => {
    const extensions = await identityExtensions(attestation, { ...IDENTIFY, subjectIsEmpty: true });
    return mintCertificate({
      subject: sequence(),
      issuer: ROOT_NAME,
      key: attestation.publicKey,
      issuerKey: keyFrom('authority of the tests'),
      notBefore: AT,
      notAfter: NOT_AFTER,
      extensions: [],
      replace: { extensions: explicit(3, sequence(...extensions.map(({ der }) => der))) },
    });
  };

  const importAttestedKey = (): Promise<CryptoKey> => {
    const { spki, curve } = attestation.publicKey;
    return crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: curve }, true, ['verify']);
  };

  const AUTHORITIES = [
    ['pkijs', issueByPkijs],
    ['@peculiar/x509', issueByPeculiar],
    ['an authority that writes DER', issueByHand],
  ] as const;

  it.each(AUTHORITIES)('by %s says what was attested', async (_, issue) => {
    const der = await issue();
    const certificate = parseCertificate(der);
    expect(decodeProperties(certificate)).toEqual({
      ...attestation.properties,
      freshnessCode: { status: 'absent' },
    });
    expect(certificate.publicKey.spki).toEqual(attestation.publicKey.spki);
    const extensions = await identityExtensions(attestation, { ...IDENTIFY, subjectIsEmpty: true });
    expect(certificate.extensions).toEqual(extensions.map(({ oid, critical, value }) => ({ oid, critical, value })));
  });

  it.each(AUTHORITIES)('by %s says the same to others', async (_, issue) => {
    const der = await issue();
    const expected = (await identityExtensions(attestation, { ...IDENTIFY, subjectIsEmpty: true })).map(
      ({ oid, critical, value }) => ({ oid, critical, value }),
    );
    const { extensions = [] } = pkijs.Certificate.fromBER(der);
    expect(
      extensions.map(({ extnID, critical, extnValue }) => ({
        oid: extnID,
        critical,
        value: new Uint8Array(extnValue.getValue()),
      })),
    ).toEqual(expected);
    const certificate = new peculiar.X509Certificate(der);
    expect(
      certificate.extensions.map(({ type, critical, value }) => ({
        oid: type,
        critical,
        value: new Uint8Array(value),
      })),
    ).toEqual(expected);
    const names = AsnConvert.parse(expected[0]!.value, asn1X509.SubjectAlternativeName);
    expect(names.map(({ otherName }) => otherName?.typeId)).toEqual(['1.3.6.1.5.5.7.8.3', '1.3.6.1.5.5.7.8.4']);
  });
});
