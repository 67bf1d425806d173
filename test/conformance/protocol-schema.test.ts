import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/conformance/answer.ts';
import { answerRequest } from '../../src/conformance/index.ts';
import { ShapeFault } from '../../src/conformance/shape.ts';
import { mintVectors } from '../support/vectors.ts';

const ajv = new Ajv2020({ strict: true });
const schema = JSON.parse(
  readFileSync(new URL('../../vectors/protocol.schema.json', import.meta.url), 'utf8'),
) as object;
ajv.addSchema(schema, 'protocol');
const isRequest = ajv.compile({ $ref: 'protocol#/$defs/request' });
const isAnswer = ajv.compile({ $ref: 'protocol#/$defs/answer' });
const isLine = ajv.getSchema('protocol')!;

const vectors = await mintVectors();
const requests = vectors.map((vector) => {
  const { id, op, input } = vector;
  return 'at' in vector ? { id, op, ...input, trustAnchors: vector.trustAnchors, at: vector.at } : { id, op, ...input };
});

describe('a request', () => {
  it.each(requests.map((request) => [request.id, request]))('of %s keeps to the schema', (_, request) => {
    expect(isRequest(request)).toBe(true);
    expect(isLine(request)).toBe(true);
    expect(isAnswer(request)).toBe(false);
  });

  it('that breaks the schema is called malformed by the library', async () => {
    const [genuine] = requests.filter(({ id }) => id === 'acme/genuine');
    const cases: object[] = [
      { ...genuine, id: true },
      { ...genuine, attObj: 1 },
      { ...genuine, token: '' },
      { ...genuine, at: 'now' },
      { ...genuine, trustAnchors: [] },
      { ...genuine, nonce: 'AAAA' },
    ];
    for (const request of cases) {
      expect(isRequest(request)).toBe(false);
      expect(await answerRequest(request)).toMatchObject({ result: 'error' });
    }
  });
});

describe('an answer', () => {
  it.each(requests.map((request) => [request.id, request]))(
    'of the library to %s keeps to the schema',
    async (_, request) => {
      const answer = await answerRequest(request);
      expect(isAnswer(answer), JSON.stringify(answer)).toBe(true);
      expect(isLine(answer)).toBe(true);
      expect(readAnswer(JSON.stringify(answer))).toEqual(answer);
    },
  );

  it.each([
    ...[null, 1, 'accept', [], {}, { id: 1 }, { result: 'accept' }, { id: 1, result: 'maybe' }],
    ...[
      { id: null, result: 'accept' },
      { id: [], result: 'reject' },
      { id: 1, result: 'reject', code: 1 },
      { id: 1, result: 'reject', reason: 'x' },
      { id: 1, result: 'accept', code: 'x' },
      { id: 1, result: 'accept', properties: [] },
      { id: 1, result: 'accept', publicKey: null },
      { id: 1, result: 'accept', freshness: 'stale' },
      { id: 1, result: 'unsupported', message: 'x' },
      { id: 1, result: 'error' },
      { id: 1, result: 'error', message: 1 },
    ],
  ])('%j is none', (value) => {
    expect(() => readAnswer(JSON.stringify(value))).toThrow(ShapeFault);
    expect(isAnswer(value)).toBe(false);
  });

  it.each([
    { id: 1, result: 'reject' },
    { id: 'x', result: 'reject', code: 'EXPIRED' },
    { id: 1, result: 'accept' },
    { id: 1, result: 'accept', publicKey: 'AAAA', freshness: 'cached' },
    { id: null, result: 'error', message: '' },
  ])('%j of another verifier is one', (value) => {
    expect(readAnswer(` ${JSON.stringify(value)}\r`)).toEqual(value);
    expect(isAnswer(value)).toBe(true);
  });

  it('is no line that JSON cannot read', () => {
    for (const line of ['', 'Listening on port 80', '{"id":1,"result":"reject"}}', '{"id":1e999,"result":"reject"}'])
      expect(() => readAnswer(line)).toThrow(ShapeFault);
  });
});
