import { describe, expect, it } from 'vitest';
import * as asn1js from 'asn1js';
import { decodeAttestationEvidence } from '../../src/identity/index.ts';
import { encodeAttestationEvidence } from '../../src/identity/attestation-evidence.ts';
import { bytes, concat, type Der, integer, octetString, sequence, tlv } from '../../src/testing/der-writer.ts';
import { outcomeOf } from '../support/refusal.ts';

const hash = (byte: number): Der => new Uint8Array(32).fill(byte);
const EVIDENCE = {
  version: 0,
  attestedAt: new Date('2026-05-01T00:00:00Z'),
  verifiedAt: new Date('2026-06-01T12:00:00Z'),
  notAfter: new Date('2051-07-31T00:00:00Z'),
  freshness: 'matched',
  certificateHash: hash(1),
  publicKeyHash: hash(2),
} as const;

const time = (text: string): Der => tlv(0x18, bytes(text));
const PARTS = {
  version: integer(0),
  attestedAt: time('20260501000000Z'),
  verifiedAt: time('20260601120000Z'),
  notAfter: time('20510731000000Z'),
  freshness: tlv(1, Uint8Array.of(0xff)),
  certificateHash: octetString(hash(1)),
  publicKeyHash: octetString(hash(2)),
};
const written = (parts: Partial<typeof PARTS> & { readonly more?: Der } = {}): Der =>
  sequence(...Object.values({ ...PARTS, ...parts }));

describe('the extension "attestation evidence"', () => {
  it('is written as documented, and reads back', () => {
    const der = encodeAttestationEvidence(EVIDENCE);
    expect(der).toEqual(written());
    expect(der).toHaveLength(127);
    expect(decodeAttestationEvidence(der)).toEqual(EVIDENCE);
    const unchecked = { ...EVIDENCE, freshness: 'not checked' } as const;
    expect(decodeAttestationEvidence(encodeAttestationEvidence(unchecked))).toEqual(unchecked);
  });

  it('reads the same for another parser', () => {
    const { result } = asn1js.fromBER(encodeAttestationEvidence(EVIDENCE));
    const lines = result
      .toString()
      .split('\n')
      .map((line) => line.trim());
    expect(lines.filter((line) => !line.startsWith('BOOLEAN'))).toEqual([
      'SEQUENCE :',
      'INTEGER : 0',
      'GeneralizedTime : 2026-05-01T00:00:00.000Z',
      'GeneralizedTime : 2026-06-01T12:00:00.000Z',
      'GeneralizedTime : 2051-07-31T00:00:00.000Z',
      `OCTET STRING : ${'01'.repeat(32)}`,
      `OCTET STRING : ${'02'.repeat(32)}`,
    ]);
  });

  it('drops what is smaller than a second', () => {
    const verifiedAt = new Date('2026-06-01T12:00:00.999Z');
    expect(encodeAttestationEvidence({ ...EVIDENCE, verifiedAt })).toEqual(written());
  });

  it.each([
    ['another version', { version: integer(1) }, 'ERR_MDA_EVIDENCE_VERSION'],
    ['a negative version', { version: integer(-1) }, 'ERR_MDA_DER_INTEGER'],
    ['verified before it was attested', { attestedAt: time('20260601120001Z') }, 'ERR_MDA_EVIDENCE_VALUE'],
    ['verified after its end', { notAfter: time('20260601115959Z') }, 'ERR_MDA_EVIDENCE_VALUE'],
    ['a time of UTCTime', { attestedAt: tlv(0x17, bytes('260501000000Z')) }, 'ERR_MDA_DER_TAG'],
    ['a fraction of a second', { attestedAt: time('20260501000000.5Z') }, 'ERR_MDA_DER_TIME'],
    ['an offset', { attestedAt: time('20260501000000+0000') }, 'ERR_MDA_DER_TIME'],
    ['30 February', { attestedAt: time('20260230000000Z') }, 'ERR_MDA_DER_TIME'],
    ['month 13', { attestedAt: time('20261301000000Z') }, 'ERR_MDA_DER_TIME'],
    ['hour 24', { attestedAt: time('20260430240000Z') }, 'ERR_MDA_DER_TIME'],
    ['other bytes than text', { attestedAt: tlv(0x18, new Uint8Array(15).fill(0xff)) }, 'ERR_MDA_DER_TIME'],
    ['TRUE of BER', { freshness: tlv(1, Uint8Array.of(1)) }, 'ERR_MDA_DER_BOOLEAN'],
    ['a BOOLEAN of nothing', { freshness: tlv(1) }, 'ERR_MDA_DER_BOOLEAN'],
    ['a short hash', { certificateHash: octetString(new Uint8Array(31)) }, 'ERR_MDA_EVIDENCE_VALUE'],
    ['a hash left out', { publicKeyHash: new Uint8Array() }, 'ERR_MDA_DER_TRUNCATED'],
    ['NULL for a hash', { publicKeyHash: tlv(5) }, 'ERR_MDA_DER_TAG'],
    ['a field more', { more: tlv(5) }, 'ERR_MDA_DER_TRAILING'],
  ])('refuses %s', (_, parts, code) => {
    expect(outcomeOf(() => decodeAttestationEvidence(written(parts)))).toBe(code);
  });

  it('refuses every end but its own, and what is no bytes', () => {
    const der = written();
    for (let length = 0; length < der.length; length++)
      expect(outcomeOf(() => decodeAttestationEvidence(der.subarray(0, length)))).toMatch(/^ERR_MDA_DER_/);
    for (const more of [1, 200, 100_000])
      expect(outcomeOf(() => decodeAttestationEvidence(concat(der, new Uint8Array(more))))).toBe(
        'ERR_MDA_DER_TRAILING',
      );
    // @ts-expect-error text is no bytes
    expect(() => decodeAttestationEvidence('')).toThrow(TypeError);
  });
});
