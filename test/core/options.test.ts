import { describe, expect, it } from 'vitest';
import {
  appleEnterpriseAttestationRoot,
  certificateFingerprint,
  constantTimeEqual,
  decodeProperties,
  explainAttestation,
  freshnessCodeForNonce,
  freshnessCodeForToken,
  fromBase64,
  fromBase64Url,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  skipFreshnessCheck,
  toBase64,
  toPem,
  verifyAttestation,
  verifyChain,
} from '../../src/index.ts';

const root = appleEnterpriseAttestationRoot();
const chain = parseAttestationChain([root.der]);
const options = { at: new Date('2026-06-01T00:00:00Z'), expectedFreshnessCode: skipFreshnessCheck } as const;

/** The message of the TypeError that a call ends in, thrown at once or later. */
async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const verifyWith = (changes: object) => () => verifyAttestation(chain, { ...options, ...changes });
const decodeWith = (wrong: unknown) => () => decodeProperties(root, wrong as never);

describe('the TypeError for a caller’s mistake names', () => {
  it.each<[name: string, title: string, call: () => unknown]>([
    ['options', 'that are missing', () => verifyAttestation(chain, undefined as never)],
    ['options', 'that are null', () => verifyChain(chain, null as never)],
    ['options', 'that are text', () => explainAttestation(chain, 'now' as never)],
    ['options', 'that are a function', () => explainAttestation(chain, (() => options) as never)],
    ['options', 'that are an instance', () => verifyChain(chain, options.at as never)],
    ['options', 'of a decoding, null', decodeWith(null)],
    ['at', 'that is missing', verifyWith({ at: undefined })],
    ['at', 'that is no time', verifyWith({ at: new Date(NaN) })],
    ['trustAnchors', 'that are none', verifyWith({ trustAnchors: [] })],
    ['trustAnchors', 'that are no list', verifyWith({ trustAnchors: root })],
    ['trustAnchors[1]', 'by its index', verifyWith({ trustAnchors: [root, { ...root }] })],
    ['expectedFreshnessCode', 'that is missing', verifyWith({ expectedFreshnessCode: undefined })],
    ['expectedFreshnessCode', 'that is too long', verifyWith({ expectedFreshnessCode: new Uint8Array(33) })],
    ['expectedPublicKey', 'that is undefined', verifyWith({ expectedPublicKey: undefined })],
    ['expectedPublicKey', 'that is empty', verifyWith({ expectedPublicKey: new Uint8Array() })],
    ['decoders', 'that are null', decodeWith({ decoders: null })],
    ['decoders', 'that are a list', decodeWith({ decoders: [] })],
    ['decoders', 'of a named property', decodeWith({ decoders: { '1.2.840.113635.100.8.9.1': String } })],
    ['token', 'that is no token', () => freshnessCodeForToken('a.b')],
    ['nonce', 'that is no bytes', () => freshnessCodeForNonce('AQID' as never)],
    ['nonce', 'that is too long', () => freshnessCodeForNonce(new Uint8Array(33))],
    ['chain', 'that is a copy', () => verifyChain({ ...chain }, { at: options.at })],
    ['certificate', 'that is a copy', () => certificateFingerprint({ ...root })],
    ['certificate', 'whose properties are asked for', () => decodeProperties({ ...root })],
    ['certificates', 'that are no list', () => parseAttestationChain(root.der as never)],
    ['certificates[1]', 'by its index', () => parseAttestationChain([root.der, 'MIIC' as never])],
    ['der', 'that is text', () => parseCertificate('MIIC' as never)],
    ['bytes', 'that are text', () => toBase64('AQID' as never)],
    ['bytes', 'of a PEM text', () => toPem(['AQID' as never])],
    ['text', 'of base64', () => fromBase64(new Uint8Array(1) as never)],
    ['text', 'of base64url', () => fromBase64Url(undefined as never)],
    ['text', 'of PEM', () => fromPem(null as never)],
    ['a', 'on the left', () => constantTimeEqual('A' as never, new Uint8Array(1))],
    ['b', 'on the right', () => constantTimeEqual(new Uint8Array(1), 'B' as never)],
  ])('%s %s', async (name, _, call) => {
    expect((await messageOf(call)).split(' ')[0]).toBe(name);
  });

  it('an option that no check reads', async () => {
    expect(await messageOf(verifyWith({ expectedSerialNumber: 'C02' }))).toContain('expectedSerialNumber');
    expect(await messageOf(verifyWith({ [Symbol('expectedPublicKey')]: root.der }))).toContain('expectedPublicKey');
  });
});
