import { beforeEach, describe, expect, it } from 'vitest';
import { type AttestationObject, parseAttestationObject } from '../../src/acme/index.ts';
import {
  appleEnterpriseAttestationRoot,
  type AttestationChain,
  type Certificate,
  certificateFingerprint,
  decodeProperties,
  explainAttestation,
  isVerifiedAttestation,
  parseAttestationChain,
  parseCertificate,
  type VerifiedAttestation,
  verifyAttestation,
  verifyChain,
} from '../../src/index.ts';
import { bytes, concat } from '../../src/testing/der-writer.ts';
import { AT, FRESHNESS_CODE, LEAF_EXTENSIONS, type MintedChain, mintChain, property } from '../support/mint.ts';

/** Whatever a caller does to what went in or came out, the evidence stays as it was read and the verdict as it was given. */

let chain: MintedChain;
let anchors: readonly Certificate[];
let parsed: AttestationChain;
let attestation: VerifiedAttestation;

const options = () => ({ at: new Date(AT), expectedFreshnessCode: FRESHNESS_CODE.slice(), trustAnchors: anchors });

beforeEach(async () => {
  chain = await mintChain({ leaf: { extensions: [...LEAF_EXTENSIONS, property('9.3', bytes('unknown'))] } });
  anchors = [parseCertificate(chain.root)];
  parsed = parseAttestationChain(chain.x5c);
  attestation = await verifyAttestation(parsed, options());
});

/** Overwrites everything that can be reached and written, as a clumsy or hostile caller might. */
function vandalize(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) value.fill(0x5a);
  else if (value instanceof Date) value.setTime(0);
  else {
    for (const key of new Set([...Object.keys(value), ...accessorsOf(value)])) {
      vandalize((value as Record<string, unknown>)[key], seen);
      Reflect.set(value, key, 'vandalized');
      Reflect.deleteProperty(value, key);
    }
    Reflect.set(value, 'vandalized', true);
    if (Array.isArray(value)) Reflect.set(value, 'length', 0);
  }
}

function accessorsOf(value: object): string[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype || Array.isArray(value)) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(prototype as object)).flatMap(([key, descriptor]) =>
    descriptor.get === undefined ? [] : [key],
  );
}

/** Everything that an attestation says, in one text. */
function snapshot(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString('hex');
    if (key === '' && typeof item === 'object' && item !== null)
      return Object.fromEntries(
        [...Object.keys(item), ...accessorsOf(item)].map((name) => [name, (item as Record<string, unknown>)[name]]),
      );
    return item;
  });
}

describe('what went in', () => {
  it('may be overwritten after parsing', async () => {
    const [leaf, subCa] = [chain.leaf.slice(), chain.subCa.slice()];
    const evidence = [leaf, subCa];
    const copy = parseAttestationChain(evidence);
    const certificate = parseCertificate(leaf);
    leaf.fill(0);
    subCa.fill(0);
    evidence.length = 0;
    expect(certificate.der).toEqual(chain.leaf);
    expect(snapshot(await verifyAttestation(copy, options()))).toBe(snapshot(attestation));
  });

  it('may be overwritten while the signatures are verified', async () => {
    const given = options();
    const pending = verifyAttestation(parsed, given);
    given.at.setTime(0);
    given.expectedFreshnessCode.fill(0);
    (given.trustAnchors as Certificate[]).length = 0;
    vandalize(parsed.certificates);
    expect(snapshot(await pending)).toBe(snapshot(attestation));
  });

  it('may be overwritten in an attestation object', async () => {
    const text = (value: string) => concat(Uint8Array.of(0x60 + value.length), bytes(value));
    const certificate = (der: Uint8Array) => concat(Uint8Array.of(0x59, der.length >> 8, der.length & 0xff), der);
    const object = concat(
      ...[Uint8Array.of(0xa2), text('fmt'), text('apple'), text('attStmt'), Uint8Array.of(0xa1), text('x5c')],
      ...[Uint8Array.of(0x82), certificate(chain.leaf), certificate(chain.subCa)],
    );
    const read: AttestationObject = parseAttestationObject(object);
    object.fill(0);
    expect(read.x5c).toEqual(chain.x5c);
    vandalize(read.x5c);
    expect(snapshot(await verifyAttestation(read.chain, options()))).toBe(snapshot(attestation));
  });

  it('may be overwritten after it was remembered', async () => {
    const subCa = chain.subCa.slice();
    await verifyAttestation(parseAttestationChain([chain.leaf, subCa]), options());
    subCa[subCa.length - 1]! ^= 1;
    await expect(verifyAttestation(parseAttestationChain([chain.leaf, subCa]), options())).rejects.toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
    });
  });
});

describe('what came out', () => {
  it('of a certificate may be overwritten', async () => {
    const [anchor] = anchors;
    const before = await certificateFingerprint(anchor!);
    vandalize(anchor);
    expect(await certificateFingerprint(anchor!)).toEqual(before);
    expect(snapshot(await verifyAttestation(parsed, options()))).toBe(snapshot(attestation));
    const leaf = parseCertificate(chain.leaf);
    const properties = snapshot(decodeProperties(leaf));
    vandalize(leaf);
    expect(snapshot(decodeProperties(leaf))).toBe(properties);
  });

  it('of a chain may be overwritten', async () => {
    for (const certificate of parsed.certificates) vandalize(certificate);
    vandalize(parsed.certificates);
    expect(snapshot(await verifyAttestation(parsed, options()))).toBe(snapshot(attestation));
    const verified = await verifyChain(parsed, { at: AT, trustAnchors: anchors });
    const before = snapshot(attestation);
    vandalize(verified);
    expect(snapshot(await verifyAttestation(parsed, options()))).toBe(before);
  });

  it("of Apple's root may be overwritten", async () => {
    const before = await certificateFingerprint(appleEnterpriseAttestationRoot());
    vandalize(appleEnterpriseAttestationRoot());
    expect(await certificateFingerprint(appleEnterpriseAttestationRoot())).toEqual(before);
  });

  it('of an explanation may be overwritten', async () => {
    const before = snapshot((await explainAttestation(parsed, options())).checks);
    vandalize((await explainAttestation(parsed, options())).checks);
    expect(snapshot((await explainAttestation(parsed, options())).checks)).toBe(before);
  });

  // Rules read `attestation.properties`: what Apple attested must not be what somebody wrote there since.
  it('of an attestation may be overwritten, its properties included', () => {
    const before = snapshot(attestation);
    const { freshnessCode, serialNumber } = attestation.properties;
    for (const item of [attestation.publicKey, attestation.certificates, attestation.trustAnchor, attestation.at])
      vandalize(item);
    expect(snapshot(attestation)).toBe(before);
    expect([freshnessCode.status, serialNumber.status]).toEqual(['attested', 'attested']);
    vandalize(attestation.properties);
    expect(snapshot(attestation)).toBe(before);
  });
});

describe('a verified attestation', () => {
  it('cannot be made by other means', () => {
    const copies: unknown[] = [
      { ...attestation },
      Object.create(attestation),
      Object.create(Object.getPrototypeOf(attestation) as object),
      structuredClone({ ...attestation }),
      new Proxy(attestation, {}),
      Object.setPrototypeOf({}, attestation),
    ];
    for (const copy of copies) expect(isVerifiedAttestation(copy)).toBe(false);
  });

  it('cannot be made by the constructor of one', () => {
    const context = { expectedFreshnessCode: undefined, properties: { serialNumber: 'FORGED' } };
    expect(isVerifiedAttestation(constructLike(attestation, context))).toBe(false);
  });

  it('cannot be had from a chain that was made by the constructor of one', async () => {
    await expect(verifyAttestation(constructLike(parsed, []) as AttestationChain, options())).rejects.toSatisfy(
      (error) => error instanceof TypeError && error.message.includes('parseAttestationChain'),
    );
  });
});

function constructLike(instance: object, ...values: readonly unknown[]): unknown {
  try {
    return Reflect.construct(instance.constructor, values);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return undefined;
  }
}
