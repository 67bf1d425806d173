import { decodeProperties, parseCertificate, toBase64, toBase64Url } from '../../src/index.ts';
import { jsonProperties } from '../../src/conformance/json-properties.ts';
import type { Vector } from '../../src/conformance/index.ts';
import { encodeAttestationObject } from '../../src/testing/index.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import { mintRequest } from './certificate-request.ts';
import { AT, digest, FRESHNESS_CODE, keyFrom, LEAF_EXTENSIONS, mintChain, property } from './mint.ts';

/** The challenge that the attestation of the ACME vectors answers. */
export const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';

const at = AT.toISOString();

/** A few vectors: every operation, every result, and one that this library cannot answer for every reason there is. */
export async function mintVectors(): Promise<readonly Vector[]> {
  const chain = await mintChain({
    leaf: {
      extensions: [
        ...LEAF_EXTENSIONS.filter(({ oid }) => !oid.endsWith('.8.11.1')),
        property('11.1', digest('SHA-256', bytes(TOKEN))),
      ],
    },
  });
  const x5c = chain.x5c.map(toBase64);
  const trustAnchors = [toBase64(chain.root)];
  const properties = jsonProperties(decodeProperties(parseCertificate(chain.leaf)));
  const publicKey = toBase64(chain.keys.leaf.spki);
  const attObj = toBase64Url(encodeAttestationObject(chain.x5c));
  const common = { title: 'One sentence.', flags: ['path', 'time'], source: 'RFC 5280, 6.1.3' } as const;
  const path = { trustAnchors, at };
  const answer = { properties, publicKey };
  return [
    {
      ...common,
      id: 'acme/genuine',
      op: 'acme',
      input: { attObj, token: TOKEN },
      ...path,
      result: 'accept',
      answer: { publicKey },
    },
    {
      ...common,
      id: 'acme/identifier',
      op: 'acme',
      input: { attObj, token: TOKEN, identifier: 'SIMULATED1' },
      ...path,
      result: 'accept',
    },
    {
      ...common,
      id: 'acme/other-token',
      op: 'acme',
      input: { attObj, token: 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA' },
      ...path,
      result: 'reject',
      code: 'ERR_MDA_FRESHNESS_MISMATCH',
      fault: 'the freshness code is that of another token',
    },
    {
      ...common,
      id: 'chain/expired',
      op: 'chain',
      input: { x5c },
      trustAnchors,
      at: '2026-08-01T00:00:00Z',
      result: 'reject',
      code: 'ERR_MDA_CHAIN_EXPIRED',
      fault: 'notAfter lies before at',
    },
    { ...common, id: 'chain/genuine', op: 'chain', input: { x5c }, ...path, result: 'accept', answer },
    {
      ...common,
      id: 'chain/empty',
      op: 'chain',
      input: { x5c: [] },
      ...path,
      result: 'either',
      reason: 'there is nothing to judge',
    },
    {
      ...common,
      id: 'csr/genuine',
      op: 'csr',
      input: { csr: toBase64(await mintRequest({ key: keyFrom('chain leaf') })), attestedKey: publicKey },
      result: 'accept',
    },
    {
      ...common,
      id: 'device-information/cached',
      op: 'device-information',
      input: { x5c, nonce: null, knownNonces: [toBase64(FRESHNESS_CODE)] },
      ...path,
      result: 'accept',
      answer: { ...answer, freshness: 'not-requested' },
    },
    {
      ...common,
      id: 'properties/genuine',
      op: 'properties',
      input: { certificate: x5c[0]! },
      result: 'accept',
      answer: { properties },
    },
    {
      ...common,
      id: 'properties/not-base64',
      op: 'properties',
      input: { certificate: '!' },
      result: 'reject',
      fault: 'it is no base64',
    },
  ];
}
