import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issuers } from '../../src/core/issuer-memory.ts';
import {
  type AttestationChain,
  type CheckName,
  explainAttestation,
  isVerifiedAttestation,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  verifyAttestation,
  type VerifyAttestationOptions,
} from '../../src/index.ts';
import { CHAIN_FAULTS, FRESHNESS_FAULTS } from '../support/faults.ts';
import { AT, basicConstraints, FRESHNESS_CODE, keyFrom, keyUsage, mintChain } from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';

const CHECKS: readonly CheckName[] = [
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
  'signatures',
  'freshness',
  'public-key',
];

const minted = await mintChain();
const chain = parseAttestationChain(minted.x5c);
const trustAnchors = [parseCertificate(minted.root)];
const LEAF_SPKI = minted.keys.leaf.spki;
const options: VerifyAttestationOptions = { at: AT, trustAnchors, expectedFreshnessCode: FRESHNESS_CODE };

beforeEach(() => void (issuers.length = 0));
afterEach(() => vi.restoreAllMocks());

describe('a verified attestation', () => {
  it('holds the properties, the key, the chain, the anchor and the time', async () => {
    const attestation = await verifyAttestation(chain, options);
    expect(attestation.properties).toEqual({
      serialNumber: { status: 'attested', value: 'SIMULATED1' },
      udid: { status: 'attested', value: '00006030-0000000000000001' },
      softwareUpdateDeviceId: { status: 'attested', value: 'J999xAP' },
      osVersion: { status: 'attested', value: '26.4.1' },
      sepOsVersion: { status: 'attested', value: '26.4.1' },
      llbVersion: { status: 'attested', value: '26.4.1' },
      freshnessCode: { status: 'attested', value: FRESHNESS_CODE },
      systemIntegrityProtection: { status: 'attested', value: 'enabled' },
      secureBoot: { status: 'attested', value: 'Full Security' },
      thirdPartyKernelExtensions: { status: 'attested', value: 'not allowed' },
      other: [],
    });
    expect(attestation.publicKey.spki).toEqual(LEAF_SPKI);
    expect(attestation.certificates).toEqual(minted.x5c.map(parseCertificate));
    expect(attestation.trustAnchor).toEqual(trustAnchors[0]);
    expect(attestation.at).toEqual(AT);
    expect(attestation.freshness).toBe('matched');
  });

  it('leaves out an anchor that was repeated', async () => {
    const { certificates } = await verifyAttestation(parseAttestationChain([...minted.x5c, minted.root]), options);
    expect(certificates).toHaveLength(2);
  });

  it('is frozen', async () => {
    const attestation = await verifyAttestation(chain, options);
    expect(Object.isFrozen(attestation)).toBe(true);
    expect(() => Object.assign(attestation, { freshness: 'not checked' })).toThrow(TypeError);
    expect(() => Object.assign(attestation, { publicKey: undefined })).toThrow(TypeError);
  });

  it('hands out fresh copies: what is done to them reaches nobody else', async () => {
    const attestation = await verifyAttestation(chain, options);
    attestation.publicKey.spki.fill(0);
    attestation.trustAnchor.der.fill(0);
    attestation.certificates[0]?.publicKey.point.fill(0);
    attestation.at.setTime(0);
    Object.assign(attestation.properties, { serialNumber: { status: 'absent' } });
    expect(attestation.publicKey.spki).toEqual(LEAF_SPKI);
    expect(attestation.trustAnchor.der).toEqual(minted.root);
    expect(attestation.certificates[0]?.publicKey.spki).toEqual(LEAF_SPKI);
    expect(attestation.at).toEqual(AT);
    expect(attestation.properties.serialNumber).toEqual({ status: 'attested', value: 'SIMULATED1' });
    await expect(verifyAttestation(chain, options)).resolves.toHaveProperty('at', AT);
  });

  it('may be told from everything that looks like it', async () => {
    const attestation = await verifyAttestation(chain, options);
    expect(isVerifiedAttestation(attestation)).toBe(true);
    const { publicKey, certificates, trustAnchor, at, properties, freshness } = attestation;
    const lookAlikes: unknown[] = [
      undefined,
      null,
      true,
      0,
      'attestation',
      Symbol('verified'),
      [],
      () => attestation,
      chain,
      { ...attestation },
      { publicKey, certificates, trustAnchor, at, properties, freshness },
      Object.create(attestation),
      Object.create(Object.getPrototypeOf(attestation) as object),
      Object.create(Object.getPrototypeOf(attestation) as object, { freshness: { value: freshness } }),
      new Proxy(attestation, {}),
      JSON.parse(JSON.stringify(attestation)),
      structuredClone({ ...attestation }),
    ];
    for (const lookAlike of lookAlikes) expect(isVerifiedAttestation(lookAlike)).toBe(false);
  });
});

describe('freshness', () => {
  it('is not checked where the caller says so, and the answer says it too', async () => {
    const attestation = await verifyAttestation(chain, { ...options, expectedFreshnessCode: skipFreshnessCheck });
    expect(attestation.freshness).toBe('not checked');
    expect(attestation.properties.freshnessCode).toEqual({ status: 'attested', value: FRESHNESS_CODE });
    expect(isVerifiedAttestation(attestation)).toBe(true);
  });

  it.each(FRESHNESS_FAULTS)('$title is refused with $code', async ({ extensions, code }) => {
    const { x5c } = await mintChain({ leaf: { extensions } });
    const evidence = parseAttestationChain(x5c);
    expect(await rejectionOf(verifyAttestation(evidence, options))).toMatchObject({ code, certificate: 0 });
    const skipped = { ...options, expectedFreshnessCode: skipFreshnessCheck } as const;
    await expect(verifyAttestation(evidence, skipped)).resolves.toHaveProperty('freshness', 'not checked');
    expect((await explainAttestation(evidence, options)).checks[11]).toMatchObject({ outcome: 'failed', code });
  });

  it('of 1 to 32 bytes is compared whole', async () => {
    for (const size of [1, 16, 31]) {
      const expectedFreshnessCode = FRESHNESS_CODE.slice(0, size);
      expect(await rejectionOf(verifyAttestation(chain, { ...options, expectedFreshnessCode }))).toMatchObject({
        code: 'ERR_MDA_FRESHNESS_MISMATCH',
        certificate: 0,
      });
    }
    const lastBit = FRESHNESS_CODE.with(31, FRESHNESS_CODE[31]! ^ 1);
    expect(await rejectionOf(verifyAttestation(chain, { ...options, expectedFreshnessCode: lastBit }))).toHaveProperty(
      'code',
      'ERR_MDA_FRESHNESS_MISMATCH',
    );
  });
});

describe('the expected key', () => {
  it('is the attested one', async () => {
    const attestation = await verifyAttestation(chain, { ...options, expectedPublicKey: LEAF_SPKI });
    expect(attestation.publicKey.spki).toEqual(LEAF_SPKI);
  });

  it.each([
    ['another key', keyFrom('another').spki],
    ['a key on another curve', keyFrom('another', 'P-256').spki],
    ['the key of the Sub CA', minted.keys.subCa.spki],
    ['the key without its algorithm', keyFrom('chain leaf').point],
    ['the key with a byte after it', Uint8Array.of(...LEAF_SPKI, 0)],
    ['the beginning of the key', LEAF_SPKI.slice(0, -1)],
  ])('is not %s', async (_, expectedPublicKey) => {
    expect(await rejectionOf(verifyAttestation(chain, { ...options, expectedPublicKey }))).toMatchObject({
      code: 'ERR_MDA_ATTESTATION_PUBLIC_KEY',
      certificate: 0,
    });
  });
});

describe('an option', () => {
  class OptionsOf {
    readonly at = AT;
    readonly trustAnchors = trustAnchors;
    readonly expectedFreshnessCode = FRESHNESS_CODE;
  }
  const { expectedFreshnessCode, ...withoutFreshness } = options;
  const { at, ...withoutTime } = options;

  it.each<[title: string, wrong: unknown]>([
    ['object that is missing', undefined],
    ['object that is null', null],
    ['object without a freshness code', withoutFreshness],
    ['object without a time', withoutTime],
    ['of an unknown name', { ...options, expectedSerialNumber: 'SIMULATED1' }],
    ['name in another case', { ...options, expectedpublickey: LEAF_SPKI }],
    ['that skips freshness with a symbol of the same name', { ...options, expectedFreshnessCode: Symbol('skip') }],
    ['that skips freshness by being undefined', { ...options, expectedFreshnessCode: undefined }],
    ['that skips freshness by being null', { ...options, expectedFreshnessCode: null }],
    ['with an empty freshness code', { ...options, expectedFreshnessCode: new Uint8Array() }],
    ['with a freshness code of 33 bytes', { ...options, expectedFreshnessCode: new Uint8Array(33) }],
    ['with a freshness code as text', { ...options, expectedFreshnessCode: 'AQID' }],
    ['with a freshness code as an array', { ...options, expectedFreshnessCode: [1, 2, 3] }],
    ['with a freshness code as an ArrayBuffer', { ...options, expectedFreshnessCode: new ArrayBuffer(32) }],
    ['with a freshness code as a DataView', { ...options, expectedFreshnessCode: new DataView(new ArrayBuffer(32)) }],
    ['with a freshness code as wider numbers', { ...options, expectedFreshnessCode: new Uint16Array(16) }],
    ['that expects a key that is undefined', { ...options, expectedPublicKey: undefined }],
    ['that expects a key that is null', { ...options, expectedPublicKey: null }],
    ['that expects an empty key', { ...options, expectedPublicKey: new Uint8Array() }],
    ['that expects a key larger than a certificate', { ...options, expectedPublicKey: new Uint8Array(16_385) }],
    ['that expects a described key', { ...options, expectedPublicKey: chain.certificates[0]?.publicKey }],
    [
      'in an instance whose class hides one that is misspelt',
      new (class extends OptionsOf {
        get expectedPublickey() {
          return LEAF_SPKI;
        }
      })(),
    ],
    ['that is inherited', Object.create(options)],
    [
      'that is misspelt and not enumerable',
      Object.defineProperty({ ...options }, 'expectedPublickey', { value: LEAF_SPKI }),
    ],
    ['that is a symbol', { ...options, [Symbol('expectedPublicKey')]: LEAF_SPKI }],
    ['list', Object.assign([], options)],
    ['with anchors that were not found', { ...options, trustAnchors: undefined }],
    ['with an invalid time', { ...options, at: new Date('yesterday') }],
    ['without any anchor', { ...options, trustAnchors: [] }],
  ])('%s is a TypeError', async (_, wrong) => {
    await expect(verifyAttestation(chain, wrong as never)).rejects.toThrow(TypeError);
    await expect(explainAttestation(chain, wrong as never)).rejects.toThrow(TypeError);
    await expect(explainAttestation([], wrong as never)).rejects.toThrow(TypeError);
  });

  it.each<[title: string, forged: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a copy', { ...chain }],
    ['text', 'MIIC'],
    ['one certificate', minted.leaf],
  ])('chain that is %s is a TypeError', async (_, forged) => {
    await expect(verifyAttestation(forged as AttestationChain, options)).rejects.toThrow(TypeError);
    await expect(explainAttestation(forged as AttestationChain, options)).rejects.toThrow(TypeError);
  });

  it('chain is no list of bytes for verifyAttestation', async () => {
    await expect(verifyAttestation(minted.x5c as never, options)).rejects.toThrow(TypeError);
  });

  it('is copied when it is given: later changes do not reach the verification', async () => {
    const code = FRESHNESS_CODE.slice();
    const key = LEAF_SPKI.slice();
    const pending = verifyAttestation(chain, { ...options, expectedFreshnessCode: code, expectedPublicKey: key });
    code.fill(0);
    key.fill(0);
    await expect(pending).resolves.toHaveProperty('freshness', 'matched');
    expect([at, expectedFreshnessCode]).toEqual([AT, FRESHNESS_CODE]);
  });

  it('that trusts nobody else leaves Apple’s root', async () => {
    const apple = { at: AT, expectedFreshnessCode: skipFreshnessCheck } as const;
    expect(await rejectionOf(verifyAttestation(chain, apple))).toHaveProperty('code', 'ERR_MDA_CHAIN_TRUST_ANCHOR');
  });
});

describe('an explanation', () => {
  it('of a good attestation lists every check as passed, in the order in which they run', async () => {
    const explanation = await explainAttestation(chain, { ...options, expectedPublicKey: LEAF_SPKI });
    if (!explanation.accepted) throw explanation.error;
    expect(explanation.checks.map(({ name }) => name)).toEqual(CHECKS);
    for (const check of explanation.checks) {
      expect(check).toMatchObject({ outcome: 'passed', code: undefined, certificate: undefined });
      expect(check.detail).not.toBe('');
      expect(check.reference).toMatch(/RFC|Apple/);
    }
    expect(isVerifiedAttestation(explanation.attestation)).toBe(true);
    expect(explanation.attestation.properties).toEqual((await verifyAttestation(chain, options)).properties);
  });

  it('says on which dates and on how many signatures it rests', async () => {
    const { checks } = await explainAttestation(chain, options);
    const detailOf = (name: CheckName) => checks.find((check) => check.name === name)?.detail;
    const { notBefore, notAfter } = chain.certificates[0]!;
    for (const date of [notBefore, notAfter, AT]) expect(detailOf('validity')).toContain(date.toISOString());
    expect(detailOf('signatures')).toMatch(/\b2\b/);
    expect(detailOf('names')).toBe('holds');
  });

  it('says which checks the caller left out', async () => {
    const { accepted, checks } = await explainAttestation(chain, {
      ...options,
      expectedFreshnessCode: skipFreshnessCheck,
    });
    expect(accepted).toBe(true);
    expect(checks.filter(({ outcome }) => outcome !== 'passed').map(({ name, outcome }) => [name, outcome])).toEqual([
      ['freshness', 'not run'],
      ['public-key', 'not run'],
    ]);
  });

  it('of bytes is that of the chain parsed from them', async () => {
    const ofBytes = await explainAttestation(minted.x5c, options);
    const ofChain = await explainAttestation(chain, options);
    expect(ofBytes.checks).toEqual(ofChain.checks);
    expect(ofBytes.accepted).toBe(true);
  });

  it.each(CHAIN_FAULTS)('of $title gives the verdict that verifyAttestation gives', async (fault) => {
    const { x5c, anchors, at } = await fault.evidence();
    const judged = { ...options, at, trustAnchors: anchors.map(parseCertificate) };
    const thrown = await rejectionOf(verifyAttestation(parseAttestationChain(x5c), judged));
    const { accepted, checks, ...rest } = await explainAttestation(x5c, judged);
    expect(accepted).toBe(false);
    expect(rest).not.toHaveProperty('attestation');
    expect(rest).toMatchObject({ error: { code: thrown.code, certificate: thrown.certificate, oid: thrown.oid } });
    expect(thrown).toMatchObject({ code: fault.code, certificate: fault.certificate });

    expect(checks.map(({ name }) => name)).toEqual(CHECKS);
    expect(checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: fault.check,
      code: fault.code,
      certificate: fault.certificate,
    });
    for (const { outcome, code } of checks) expect(code === undefined).toBe(outcome !== 'failed');
  });

  it('reports every fault, and its error is that of the first', async () => {
    const { x5c, root } = await mintChain({
      leaf: {
        extensions: [basicConstraints(true)],
        issuerKey: keyFrom('stranger'),
        notAfter: new Date('2026-05-02T00:00:00Z'),
      },
    });
    const { checks, ...verdict } = await explainAttestation(x5c, {
      ...options,
      trustAnchors: [parseCertificate(root)],
      expectedPublicKey: keyFrom('stranger').spki,
    });
    expect(checks.filter(({ outcome }) => outcome === 'failed').map(({ name, code }) => [name, code])).toEqual([
      ['validity', 'ERR_MDA_CHAIN_EXPIRED'],
      ['leaf', 'ERR_MDA_CHAIN_LEAF_IS_CA'],
      ['signatures', 'ERR_MDA_CHAIN_SIGNATURE'],
      ['freshness', 'ERR_MDA_FRESHNESS_MISSING'],
      ['public-key', 'ERR_MDA_ATTESTATION_PUBLIC_KEY'],
    ]);
    expect(verdict).toMatchObject({ accepted: false, error: { code: 'ERR_MDA_CHAIN_EXPIRED' } });
  });

  it('without an anchor says that the signatures could not be judged', async () => {
    const { checks } = await explainAttestation(chain, {
      at: AT,
      expectedFreshnessCode: FRESHNESS_CODE,
    });
    const unjudged = checks.filter(({ outcome }) => outcome !== 'passed').map(({ name, outcome }) => [name, outcome]);
    expect(unjudged).toEqual([
      ['trust-anchor', 'failed'],
      ['signatures', 'not run'],
      ['public-key', 'not run'],
    ]);
  });

  it('of an issuer without basicConstraints sees no limit of its path', async () => {
    const { x5c, root } = await mintChain({ subCa: { extensions: [keyUsage(0x06)] } });
    const { checks } = await explainAttestation(x5c, { ...options, trustAnchors: [parseCertificate(root)] });
    expect(checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)).toEqual([
      'certification-authorities',
    ]);
  });

  it.each<[title: string, evidence: readonly Uint8Array[], code: string, certificate: number | undefined]>([
    ['no certificates', [], 'ERR_MDA_CHAIN_EMPTY', undefined],
    ['too many certificates', Array.from({ length: 6 }, () => minted.leaf), 'ERR_MDA_CHAIN_TOO_LONG', undefined],
    ['a certificate twice', [minted.leaf, minted.leaf], 'ERR_MDA_CHAIN_DUPLICATE', 1],
    ['empty bytes', [new Uint8Array()], 'ERR_MDA_DER_TRUNCATED', 0],
    ['bytes that are no certificate', [minted.leaf, Uint8Array.of(1, 2, 3)], 'ERR_MDA_DER_TAG', 1],
    ['a huge certificate', [new Uint8Array(16_385)], 'ERR_MDA_CERTIFICATE_TOO_LARGE', 0],
  ])('of %s fails the first check and runs no other', async (_, evidence, code, certificate) => {
    const { checks, ...verdict } = await explainAttestation(evidence, options);
    expect(verdict).toMatchObject({ accepted: false, error: { code, certificate } });
    expect(checks[0]).toMatchObject({ name: 'certificates', outcome: 'failed', code, certificate });
    expect(checks.slice(1).map(({ name, outcome, code: none }) => [name, outcome, none])).toEqual(
      CHECKS.slice(1).map((name) => [name, 'not run', undefined]),
    );
    for (const { detail } of checks) expect(detail).toMatch(/\w/);
  });

  it('of a list that holds something other than bytes is a TypeError', async () => {
    await expect(explainAttestation([minted.leaf, 'MIIC' as never], options)).rejects.toThrow(TypeError);
  });

  it('of a platform without the curve says so', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new Error('not supported'));
    const explanation = await explainAttestation(minted.x5c, {
      ...options,
      trustAnchors: [parseCertificate(minted.root)],
    });
    expect(explanation).toMatchObject({ accepted: false, error: { code: 'ERR_MDA_CHAIN_UNSUPPORTED' } });
  });
});
