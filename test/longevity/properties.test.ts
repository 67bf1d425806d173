import { describe, expect, it } from 'vitest';
import {
  decodeProperties,
  parseAttestationChain,
  parseCertificate,
  type PropertyDecoder,
  skipFreshnessCheck,
  verifyAttestation,
} from '../../src/index.ts';
import { bytes, integer, utf8 } from '../../src/testing/der-writer.ts';
import { createAttestationAuthority, type PropertyValues } from '../../src/testing/index.ts';
import { AT, FRESHNESS_CODE, keyFrom, LEAF_EXTENSIONS, mintChain, property } from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';

const ARC = '1.2.840.113635.100.8';
const key = keyFrom('properties');

/** What is verified of a device that the test kit attests. */
async function attested(properties: PropertyValues) {
  const authority = await createAttestationAuthority({ seed: 'longevity', at: AT });
  const x5c = await authority.attest({ publicKey: key.spki, freshnessCode: FRESHNESS_CODE, properties });
  const { trustAnchors } = authority;
  const chain = parseAttestationChain(x5c);
  return verifyAttestation(chain, { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors });
}

async function verifyWith(...extensions: Parameters<typeof property>[]) {
  const changed = extensions.map(([arcs, value]) => property(arcs, value));
  const kept = LEAF_EXTENSIONS.filter(({ oid }) => !changed.some((other) => other.oid === oid));
  const { x5c, root } = await mintChain({ leaf: { extensions: [...kept, ...changed] } });
  return verifyAttestation(parseAttestationChain(x5c), {
    at: AT,
    expectedFreshnessCode: skipFreshnessCheck,
    trustAnchors: [parseCertificate(root)],
  });
}

describe('Apple adds a property', () => {
  const other = [
    { oid: `${ARC}.9.3`, bytes: bytes('beside the serial number') },
    { oid: `${ARC}.13.4`, bytes: integer(1) },
    { oid: `${ARC}.14.1`, bytes: utf8('a new group') },
    { oid: `${ARC}.11.1.1`, bytes: bytes('below a known one') },
    { oid: `${ARC}.99.2.7`, bytes: new Uint8Array() },
  ];

  it('is kept by its OID, with its bytes, and changes nothing else', async () => {
    const { properties } = await attested({ serialNumber: 'SIMULATED1', other });
    expect(properties.other).toEqual(other.map(({ oid, bytes: value }) => ({ oid, bytes: value, decoded: undefined })));
    expect(properties.serialNumber).toEqual({ status: 'attested', value: 'SIMULATED1' });
    expect(properties.freshnessCode).toEqual({ status: 'attested', value: FRESHNESS_CODE });
  });

  it('is read by a decoder of the caller, before this library knows it', async () => {
    const { certificates } = await attested({ other });
    const text: PropertyDecoder = (value) => new TextDecoder().decode(value);
    const { other: read } = decodeProperties(certificates[0]!, {
      decoders: { [`${ARC}.9.3`]: text, [`${ARC}.13.4`]: () => undefined, [`${ARC}.99.2.7`]: text },
    });
    expect(read.map(({ decoded }) => decoded)).toEqual([
      { status: 'attested', value: 'beside the serial number' },
      { status: 'malformed', bytes: integer(1) },
      undefined,
      undefined,
      { status: 'blank' },
    ]);
  });

  it('is lost in no crowd: fifty new ones are kept', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ oid: `${ARC}.20.${index}`, bytes: integer(index) }));
    expect((await attested({ other: many })).properties.other.map(({ oid }) => oid)).toEqual(
      many.map(({ oid }) => oid),
    );
  });

  it('is refused if it is marked as critical', async () => {
    const critical = { ...property('14.1', bytes('new')), critical: true };
    const { x5c, root } = await mintChain({ leaf: { extensions: [...LEAF_EXTENSIONS, critical] } });
    const options = { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors: [parseCertificate(root)] };
    expect(await rejectionOf(verifyAttestation(parseAttestationChain(x5c), options))).toMatchObject({
      code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      oid: `${ARC}.14.1`,
    });
  });
});

describe('Apple changes a property', () => {
  it.each([
    ['secureBoot', '13.2', bytes('Maximum Security')],
    ['systemIntegrityProtection', '13.1', integer(2)],
    ['systemIntegrityProtection', '13.1', utf8('enabled')],
    ['thirdPartyKernelExtensions', '13.3', bytes('none')],
  ] as const)(
    '%s with a value that is not known is malformed, with its bytes, and the chain stays good',
    async (name, arcs, value) => {
      const { properties } = await verifyWith([arcs, value]);
      expect(properties[name]).toEqual({ status: 'malformed', bytes: value });
      expect(properties.serialNumber.status).toBe('attested');
    },
  );

  it('a serial number or a version of another form is a text still', async () => {
    const { properties } = await verifyWith(['9.1', bytes('7f3c-new-style-11')], ['10.1', bytes('30.0 (a)')]);
    expect(properties.serialNumber).toEqual({ status: 'attested', value: '7f3c-new-style-11' });
    expect(properties.osVersion).toEqual({ status: 'attested', value: '30.0 (a)' });
  });

  it('a freshness code of more than 32 bytes is malformed: no caller can expect one', async () => {
    const code = new Uint8Array(48).fill(7);
    const { properties } = await verifyWith(['11.1', code]);
    expect(properties.freshnessCode).toEqual({ status: 'malformed', bytes: code });
  });

  it('one that is left out is absent', async () => {
    const { properties } = await attested({ serialNumber: 'SIMULATED1' });
    expect(properties.secureBoot).toEqual({ status: 'absent' });
  });
});
