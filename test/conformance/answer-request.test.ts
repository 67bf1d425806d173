import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { toBase64, toBase64Url } from '../../src/index.ts';
import { answerRequest } from '../../src/conformance/index.ts';
import { readId } from '../../src/conformance/request.ts';
import { encodeAttestationObject } from '../../src/testing/index.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import { KEY, mintRequest } from '../support/certificate-request.ts';
import { digest, LEAF_EXTENSIONS, type MintedChain, mintChain, property } from '../support/mint.ts';

const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const AT = '2026-06-01T12:00:00Z';

let chain: MintedChain;
let withoutFreshness: MintedChain;
let userEnrollment: MintedChain;
let path: object;
let csr: string;

beforeAll(async () => {
  csr = toBase64(await mintRequest());
  const rest = LEAF_EXTENSIONS.filter(({ oid }) => !oid.endsWith('.8.11.1'));
  chain = await mintChain({ leaf: { extensions: [...rest, property('11.1', digest('SHA-256', bytes(TOKEN)))] } });
  const anonymous = [...rest, property('11.1', digest('SHA-256', bytes(TOKEN)))].filter(
    ({ oid }) => !/\.8\.9\.[12]$/.test(oid),
  );
  userEnrollment = await mintChain({ leaf: { extensions: anonymous } });
  withoutFreshness = await mintChain({ leaf: { extensions: rest } });
  path = { trustAnchors: [toBase64(chain.root)], at: AT };
});

const objectOf = (x5c: readonly Uint8Array[]) => toBase64Url(encodeAttestationObject(x5c));
const chainRequest = (fields = {}) => ({ id: 1, op: 'chain', x5c: chain.x5c.map(toBase64), ...path, ...fields });
const acmeRequest = (fields = {}) => ({
  id: 1,
  op: 'acme',
  attObj: objectOf(chain.x5c),
  token: TOKEN,
  ...path,
  ...fields,
});
const csrRequest = (fields = {}) => ({ id: 1, op: 'csr', csr, attestedKey: toBase64(KEY.spki), ...fields });
const deviceInformationRequest = (fields = {}) => ({
  id: 1,
  op: 'device-information',
  x5c: chain.x5c.map(toBase64),
  nonce: toBase64(digest('SHA-256', bytes(TOKEN))),
  knownNonces: [],
  ...path,
  ...fields,
});
const propertiesRequest = (fields = {}) => ({ id: 1, op: 'properties', certificate: toBase64(chain.leaf), ...fields });

const PROPERTIES = {
  serialNumber: { status: 'attested', value: 'SIMULATED1' },
  udid: { status: 'attested', value: '00006030-0000000000000001' },
  softwareUpdateDeviceId: { status: 'attested', value: 'J999xAP' },
  osVersion: { status: 'attested', value: '26.4.1' },
  sepOsVersion: { status: 'attested', value: '26.4.1' },
  llbVersion: { status: 'attested', value: '26.4.1' },
  freshnessCode: { status: 'attested', value: Buffer.from(digest('SHA-256', bytes(TOKEN))).toString('hex') },
  systemIntegrityProtection: { status: 'attested', value: 'enabled' },
  secureBoot: { status: 'attested', value: 'Full Security' },
  thirdPartyKernelExtensions: { status: 'attested', value: 'not allowed' },
  other: [],
};

describe('accepts', () => {
  it('a chain, with the properties and the key', async () => {
    const publicKey = toBase64(chain.keys.leaf.spki);
    expect(await answerRequest(chainRequest())).toEqual({ id: 1, result: 'accept', properties: PROPERTIES, publicKey });
  });

  it('an ACME response, with the properties and the key', async () => {
    const publicKey = toBase64(chain.keys.leaf.spki);
    expect(await answerRequest(acmeRequest())).toEqual({ id: 1, result: 'accept', properties: PROPERTIES, publicKey });
  });

  it('an ACME response to the order of its serial number, or of its UDID', async () => {
    for (const identifier of ['SIMULATED1', '00006030-0000000000000001'])
      expect(await answerRequest(acmeRequest({ identifier }))).toMatchObject({
        result: 'accept',
        properties: PROPERTIES,
      });
  });

  it('a certificate request of the attested key', async () => {
    expect(await answerRequest(csrRequest())).toEqual({ id: 1, result: 'accept' });
  });

  it.each([
    ['fresh', {}],
    ['cached', { nonce: 'AQ==', knownNonces: ['Ag==', toBase64(digest('SHA-256', bytes(TOKEN)))] }],
    ['unknown-nonce', { nonce: 'AQ==', knownNonces: ['Ag=='] }],
    ['not-requested', { nonce: null }],
  ])('an answer to DeviceInformation that is %s', async (freshness, fields) => {
    const publicKey = toBase64(chain.keys.leaf.spki);
    expect(await answerRequest(deviceInformationRequest(fields))).toEqual({
      id: 1,
      result: 'accept',
      properties: PROPERTIES,
      publicKey,
      freshness,
    });
  });

  it('an answer to DeviceInformation without a freshness code, if none was asked for', async () => {
    const x5c = withoutFreshness.x5c.map(toBase64);
    expect(await answerRequest(deviceInformationRequest({ x5c, nonce: null }))).toMatchObject({
      result: 'accept',
      freshness: 'not-requested',
    });
  });

  it('the properties of a leaf that nobody has verified, in each of their states', async () => {
    expect(await answerRequest(propertiesRequest())).toEqual({ id: 1, result: 'accept', properties: PROPERTIES });
    const { leaf } = await mintChain({
      leaf: {
        extensions: [
          property('9.1', new Uint8Array()),
          property('13.1', bytes('yes')),
          property('99.1', Uint8Array.of(0, 0xff)),
        ],
      },
    });
    expect(await answerRequest(propertiesRequest({ id: 'x', certificate: toBase64(leaf) }))).toMatchObject({
      id: 'x',
      properties: {
        serialNumber: { status: 'blank' },
        udid: { status: 'absent' },
        systemIntegrityProtection: { status: 'malformed', bytes: '796573' },
        other: [{ oid: '1.2.840.113635.100.8.99.1', bytes: '00ff' }],
      },
    });
  });
});

describe('rejects evidence, whatever it holds, with the code', () => {
  it.each([
    [() => chainRequest({ x5c: [] }), 'ERR_MDA_CHAIN_EMPTY'],
    [() => chainRequest({ x5c: ['!'] }), 'ERR_MDA_ENCODING_BASE64'],
    [() => chainRequest({ at: '2026-08-01T00:00:00Z' }), 'ERR_MDA_CHAIN_EXPIRED'],
    [() => acmeRequest({ attObj: '' }), 'ERR_MDA_CBOR_TRUNCATED'],
    [() => acmeRequest({ attObj: 'oA==' }), 'ERR_MDA_ENCODING_BASE64URL'],
    [() => acmeRequest({ attObj: objectOf([]) }), 'ERR_MDA_CHAIN_EMPTY'],
    [() => acmeRequest({ attObj: objectOf(withoutFreshness.x5c) }), 'ERR_MDA_FRESHNESS_MISSING'],
    [() => acmeRequest({ token: 'x' }), 'ERR_MDA_FRESHNESS_MISMATCH'],
    [() => acmeRequest({ identifier: '' }), 'ERR_MDA_IDENTIFIER_MISMATCH'],
    [() => acmeRequest({ identifier: 'SIMULATED2' }), 'ERR_MDA_IDENTIFIER_MISMATCH'],
    [() => acmeRequest({ identifier: 'simulated1' }), 'ERR_MDA_IDENTIFIER_MISMATCH'],
    [() => acmeRequest({ identifier: 'J999xAP' }), 'ERR_MDA_IDENTIFIER_MISMATCH'],
    [
      () => acmeRequest({ attObj: objectOf(userEnrollment.x5c), identifier: 'SIMULATED1' }),
      'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    ],
    [() => acmeRequest({ attObj: '!', identifier: 'SIMULATED2' }), 'ERR_MDA_ENCODING_BASE64URL'],
    [() => csrRequest({ csr: '' }), 'ERR_MDA_DER_TRUNCATED'],
    [() => csrRequest({ csr: '!' }), 'ERR_MDA_ENCODING_BASE64'],
    [() => csrRequest({ csr: toBase64(chain.leaf) }), 'ERR_MDA_DER_TAG'],
    [() => csrRequest({ attestedKey: toBase64(chain.keys.leaf.spki) }), 'ERR_MDA_CSR_PUBLIC_KEY'],
    [() => csrRequest({ attestedKey: 'AAAA' }), 'ERR_MDA_CSR_PUBLIC_KEY'],
    [() => deviceInformationRequest({ x5c: [] }), 'ERR_MDA_CHAIN_EMPTY'],
    [() => deviceInformationRequest({ x5c: ['!'] }), 'ERR_MDA_ENCODING_BASE64'],
    [() => deviceInformationRequest({ x5c: withoutFreshness.x5c.map(toBase64) }), 'ERR_MDA_FRESHNESS_MISSING'],
    [() => deviceInformationRequest({ at: '2026-08-01T00:00:00Z', nonce: null }), 'ERR_MDA_CHAIN_EXPIRED'],
    [() => propertiesRequest({ certificate: '' }), 'ERR_MDA_DER_TRUNCATED'],
    [() => propertiesRequest({ certificate: '!' }), 'ERR_MDA_ENCODING_BASE64'],
  ])('%#', async (request, code) => {
    expect(await answerRequest(request())).toEqual({ id: 1, result: 'reject', code });
  });

  it("of Apple's root alone where no anchor is given", async () => {
    const request = { id: 1, op: 'chain', x5c: chain.x5c.map(toBase64), at: AT };
    expect(await answerRequest(request)).toMatchObject({ code: 'ERR_MDA_CHAIN_TRUST_ANCHOR' });
  });
});

describe('calls a request malformed that breaks the protocol, and names the field', () => {
  it.each([
    [() => undefined, null, 'request'],
    [() => [], null, 'request'],
    [() => 'chain', null, 'request'],
    [() => ({ op: 'chain' }), null, 'id'],
    [() => chainRequest({ id: Infinity }), null, 'id'],
    [() => chainRequest({ op: 1 }), 1, 'op'],
    [() => chainRequest({ x5c: 'MIIB' }), 1, 'x5c'],
    [() => chainRequest({ x5c: [1] }), 1, 'x5c'],
    [() => chainRequest({ at: 1 }), 1, 'at'],
    [() => chainRequest({ at: '2026-06-01' }), 1, 'at'],
    [() => chainRequest({ trustAnchors: [] }), 1, 'trustAnchors'],
    [() => chainRequest({ trustAnchors: undefined }), 1, 'trustAnchors'],
    [() => chainRequest({ trustAnchors: ['AAAA'] }), 1, 'trustAnchors[0]'],
    [() => chainRequest({ token: TOKEN }), 1, 'field that op chain'],
    [() => acmeRequest({ attObj: undefined }), 1, 'attObj'],
    [() => acmeRequest({ attObj: 1 }), 1, 'attObj'],
    [() => acmeRequest({ token: undefined }), 1, 'token'],
    [() => acmeRequest({ token: 1 }), 1, 'token'],
    [() => acmeRequest({ token: '' }), 1, 'token'],
    [() => acmeRequest({ token: `${TOKEN}.thumbprint` }), 1, 'token'],
    [() => acmeRequest({ identifier: null }), 1, 'identifier'],
    [() => acmeRequest({ identifier: 'SIMULATED1', at: 'now' }), 1, 'at'],
    [() => acmeRequest({ nonce: 'AAAA' }), 1, 'field that op acme'],
    [() => acmeRequest({ trustAnchors: null }), 1, 'trustAnchors'],
    [() => csrRequest({ csr: undefined }), 1, 'csr'],
    [() => csrRequest({ csr: 1 }), 1, 'csr'],
    [() => csrRequest({ attestedKey: undefined }), 1, 'attestedKey'],
    [() => csrRequest({ attestedKey: ['AAAA'] }), 1, 'attestedKey'],
    [() => csrRequest({ attestedKey: '' }), 1, 'attestedKey'],
    [() => csrRequest({ attestedKey: '!' }), 1, 'attestedKey'],
    [() => csrRequest({ attestedKey: toBase64(new Uint8Array(16_385)) }), 1, 'attestedKey'],
    [() => csrRequest({ at: AT }), 1, 'field that op csr'],
    [() => deviceInformationRequest({ x5c: 'AAAA' }), 1, 'x5c'],
    [() => deviceInformationRequest({ nonce: undefined }), 1, 'nonce'],
    [() => deviceInformationRequest({ nonce: '' }), 1, 'nonce'],
    [() => deviceInformationRequest({ nonce: '!' }), 1, 'nonce'],
    [() => deviceInformationRequest({ nonce: 'A'.repeat(44) }), 1, 'nonce'],
    [() => deviceInformationRequest({ knownNonces: undefined }), 1, 'knownNonces'],
    [() => deviceInformationRequest({ knownNonces: ['AQ==', ''] }), 1, 'knownNonces[1]'],
    [() => deviceInformationRequest({ token: TOKEN }), 1, 'field that op device-information'],
    [() => propertiesRequest({ certificate: undefined }), 1, 'certificate'],
    [() => propertiesRequest({ certificate: ['AAAA'] }), 1, 'certificate'],
    [() => propertiesRequest({ at: AT }), 1, 'field that op properties'],
  ])('%#', async (request, id, field) => {
    const answer = await answerRequest(request());
    expect(answer).toMatchObject({ id, result: 'error' });
    expect('message' in answer && answer.message).toContain(field);
  });
});

describe('does not support', () => {
  it('operations that are not there yet, or never will be', async () => {
    for (const op of ['Chain', '', '__proto__', 'constructor'])
      expect(await answerRequest({ id: op, op, whatever: 1 })).toEqual({ id: op, result: 'unsupported' });
  });
});

describe('a fault of the program', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is no answer', async () => {
    const fault = new RangeError('broken');
    const broken = {
      get id() {
        throw fault;
      },
    };
    await expect(answerRequest(broken)).rejects.toBe(fault);
  });

  it('is none either while a key is read', async () => {
    const fault = new RangeError('broken');
    const request = csrRequest();
    vi.stubGlobal('btoa', () => {
      throw fault;
    });
    await expect(answerRequest(request)).rejects.toBe(fault);
  });

  it.each([
    ['the anchors are', () => chainRequest()],
    ['a nonce is', () => deviceInformationRequest()],
  ])('is none either while %s read', async (_, requestOf) => {
    const fault = new RangeError('broken');
    const request = requestOf();
    vi.stubGlobal('btoa', () => {
      throw fault;
    });
    await expect(answerRequest(request)).rejects.toBe(fault);
  });
});

describe('the id of a request that went wrong', () => {
  it('is read where there is one', () => {
    expect([{ id: 1 }, { id: 'x' }].map(readId)).toEqual([1, 'x']);
    expect([{ id: null }, {}, null, undefined, 'id', { id: NaN }].map(readId)).toEqual(Array(6).fill(null));
  });
});
