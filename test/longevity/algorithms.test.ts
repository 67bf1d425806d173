import { describe, expect, it } from 'vitest';
import { createDeviceAttestValidator, parseAttestationObject } from '../../src/acme/index.ts';
import {
  explainAttestation,
  parseAttestationChain,
  parseCertificate,
  toBase64Url,
  verifyAttestation,
} from '../../src/index.ts';
import { bitString, oid, sequence } from '../../src/testing/der-writer.ts';
import { encodeAttestationObject } from '../../src/testing/index.ts';
import { readSource } from '../docs/sources.ts';
import { AT, extension, FRESHNESS_CODE, keyFrom, LEAF_EXTENSIONS, mintChain, spkiOf } from '../support/mint.ts';
import { responseOf } from '../support/mdm.ts';
import { refusalOf, rejectionOf } from '../support/refusal.ts';
import {
  algorithmOf,
  type AlgorithmName,
  ALGORITHMS,
  keyOf,
  mintPostQuantumChain,
  noise,
  signedBy,
} from './post-quantum.ts';

const MAX_CERTIFICATE_BYTES = 16_384;
const PAGE = readSource('docs/longevity.md').text;
const NAMES = Object.keys(ALGORITHMS) as AlgorithmName[];
const FITTING = NAMES.filter((name) => !/-(?:192|256)s$/.test(name));

const { root } = await mintChain();
const options = { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors: [parseCertificate(root)] };

describe.each(FITTING)('a chain that is signed with %s', (name) => {
  const { oid: id } = ALGORITHMS[name];

  it('is refused by a code that names the algorithm', async () => {
    const { x5c } = await mintPostQuantumChain(name);
    expect(refusalOf(() => parseAttestationChain(x5c))).toMatchObject({
      code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
      certificate: 0,
      oid: id,
    });
  });

  it('fails the first check, for people, and the others are not run', async () => {
    const { x5c } = await mintPostQuantumChain(name);
    const { accepted, checks } = await explainAttestation(x5c, options);
    expect(accepted).toBe(false);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['failed', ...checks.slice(1).map(() => 'not run')]);
  });

  it('gets an outcome of the ACME validator, not a failure of the server', async () => {
    const { x5c } = await mintPostQuantumChain(name);
    const validate = createDeviceAttestValidator({ identify: () => ({ identified: false, reasons: [] }) });
    const outcome = await validate({
      token: 'token',
      payload: { attObj: toBase64Url(encodeAttestationObject(x5c)) },
      identifier: { type: 'permanent-identifier', value: 'SIMULATED1' },
      at: AT,
    });
    expect(outcome).toMatchObject({
      status: 'invalid',
      problem: { type: 'urn:ietf:params:acme:error:badAttestationStatement' },
      reasons: [{ stage: 'chain', code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM' }],
    });
  });

  it('is not accepted as a trust anchor either', async () => {
    const chain = await mintPostQuantumChain(name);
    expect(refusalOf(() => parseCertificate(chain.root)).code).toBe('ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM');
  });
});

describe.each(NAMES)('a key of %s that an authority of today attests', (name) => {
  it('is refused by a code that names the algorithm', async () => {
    const { x5c } = await mintChain({ leaf: { key: { spki: keyOf(name, 'attested') } } });
    expect(refusalOf(() => parseAttestationChain(x5c))).toMatchObject({
      code: 'ERR_MDA_KEY_ALGORITHM',
      certificate: 0,
      oid: ALGORITHMS[name].oid,
    });
  });
});

describe('what limits leave for larger keys and signatures', () => {
  it.each(NAMES)(
    '%s: the page has the sizes of key, signature, leaf and Sub CA, and whether they fit',
    async (name) => {
      const { keyBytes, signatureBytes } = ALGORITHMS[name];
      const { x5c } = await mintPostQuantumChain(name);
      const [leaf, subCa] = x5c.map(({ length }) => length) as [number, number];
      const fits = leaf <= MAX_CERTIFICATE_BYTES;
      const cells = [
        name,
        ...[keyBytes, signatureBytes, leaf, subCa].map((size) => size.toLocaleString('en')),
        fits ? 'yes' : 'no',
      ];
      expect(PAGE.split('\n').find((line) => line.startsWith(`| ${name} |`))).toBe(`| ${cells.join(' | ')} |`);
      expect(fits).toBe(FITTING.includes(name));
    },
  );

  it.each(NAMES.filter((name) => !FITTING.includes(name)))(
    '%s does not fit, and is refused by its size',
    async (name) => {
      const { x5c } = await mintPostQuantumChain(name);
      expect(refusalOf(() => parseAttestationChain(x5c))).toMatchObject({
        code: 'ERR_MDA_CERTIFICATE_TOO_LARGE',
        certificate: 0,
      });
    },
  );

  it('an attestation object and a property list carry the largest chain of ML-DSA, with two more certificates', async () => {
    const { leaf, subCa, root: anchor } = await mintPostQuantumChain('ML-DSA-87');
    const x5c = [leaf, subCa, anchor, leaf, subCa];
    // Refused for the algorithm, after the object around it was read.
    expect(refusalOf(() => parseAttestationObject(encodeAttestationObject(x5c))).code).toBe(
      'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    );
    expect(responseOf({ QueryResponses: { DevicePropertiesAttestation: x5c } })).toMatchObject({ attestation: x5c });
  });

  it('a certificate of today has room for a second signature and key beside its own', async () => {
    // X.509 (2019), 9.8: altSignatureAlgorithm, altSignatureValue, subjectAltPublicKeyInfo. Not critical.
    const alternatives = [
      extension('2.5.29.72', keyOf('ML-DSA-87', 'alternative')),
      extension('2.5.29.73', algorithmOf('ML-DSA-87')),
      extension('2.5.29.74', bitString(noise('alternative signature', 4627))),
    ];
    const { x5c } = await mintChain({ leaf: { extensions: [...LEAF_EXTENSIONS, ...alternatives] } });
    const { publicKey } = await verifyAttestation(parseAttestationChain(x5c), options);
    expect(publicKey.curve).toBe('P-384');
    const critical = alternatives.map((other) => ({ ...other, critical: true }));
    const insisting = await mintChain({ leaf: { extensions: [...LEAF_EXTENSIONS, ...critical] } });
    expect(await rejectionOf(verifyAttestation(parseAttestationChain(insisting.x5c), options))).toMatchObject({
      code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
      oid: '2.5.29.72',
    });
  });
});

describe('other algorithms', () => {
  it.each([
    ['ECDSA with SHA3-384', '2.16.840.1.101.3.4.3.11'],
    ['ECDSA with SHA3-512', '2.16.840.1.101.3.4.3.12'],
    ['Ed25519', '1.3.101.112'],
    ['RSA with SHA-384', '1.2.840.113549.1.1.12'],
    ['a composite of ML-DSA-65 and ECDSA', '1.3.6.1.5.5.7.6.45'],
  ])('a signature by %s is refused by a code that names it', async (_, id) => {
    const algorithm = sequence(oid(id));
    const replace = { innerAlgorithm: algorithm, outerAlgorithm: algorithm };
    const { x5c } = await mintChain({ leaf: { replace } });
    expect(refusalOf(() => parseAttestationChain(x5c))).toMatchObject({
      code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
      oid: id,
    });
  });

  it('the Sub CA is refused like the leaf, and the index says which it was', async () => {
    const { x5c } = await mintChain({ subCa: signedBy('ML-DSA-65', 'sub CA') });
    expect(refusalOf(() => parseAttestationChain(x5c))).toMatchObject({
      code: 'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
      certificate: 1,
    });
  });

  it('P-521 and SHA-512 are accepted, wherever they stand in the chain', async () => {
    const keys = {
      root: keyFrom('longevity root', 'P-521'),
      subCa: keyFrom('longevity sub CA', 'P-521'),
      leaf: keyFrom('longevity leaf', 'P-521'),
    };
    const hash = 'SHA-512';
    const chain = await mintChain({ keys, root: { hash }, subCa: { hash }, leaf: { hash } });
    const trustAnchors = [parseCertificate(chain.root)];
    const { publicKey } = await verifyAttestation(parseAttestationChain(chain.x5c), { ...options, trustAnchors });
    expect(publicKey.curve).toBe('P-521');
  });

  it('a curve that is not one of the three is refused', async () => {
    const spki = sequence(
      sequence(oid('1.2.840.10045.2.1'), oid('1.3.36.3.3.2.8.1.1.11')),
      bitString(spkiOf('P-384', new Uint8Array(97)).subarray(-97)),
    );
    const { x5c } = await mintChain({ leaf: { key: { spki } } });
    expect(refusalOf(() => parseAttestationChain(x5c)).code).toBe('ERR_MDA_KEY_CURVE');
  });
});
