import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ERROR_GUIDE } from '../../src/cli/error-guide.ts';
import { parseVector, type Vector, VECTOR_FLAGS } from '../../src/conformance/index.ts';
import { FOLDERS } from './draft.ts';
import { vectorFiles } from './files.ts';

const ROOT = join(import.meta.dirname, '../../vectors');

const onDisk = new Map(
  readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: folder }) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);
const vectors: readonly Vector[] = [...onDisk].map(([path, text]) => parseVector(text, path));

const generated = await vectorFiles();

describe('the published vectors', () => {
  it('are those that npm run vectors writes, byte for byte', () => {
    expect([...onDisk.keys()].sort()).toEqual([...generated.keys()].sort());
    const different = [...generated].filter(([path, text]) => onDisk.get(path) !== text).map(([path]) => path);
    expect(different).toEqual([]);
  });

  it('are at least 200, in every folder some that are refused and some that are not', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(200);
    for (const folder of FOLDERS) {
      const results = new Set(vectors.filter(({ id }) => id.startsWith(`${folder}/`)).map(({ result }) => result));
      expect([...results], folder).toEqual(expect.arrayContaining(['accept', 'reject']));
    }
  });

  it('keep to the schema', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'vector.schema.json'), 'utf8')) as object;
    const isVector = new Ajv2020({ strict: true }).compile(schema);
    expect(vectors.filter((vector) => !isVector(vector)).map(({ id }) => id)).toEqual([]);
  });

  it('have every flag', () => {
    const flags = new Set(vectors.flatMap((vector) => vector.flags));
    expect([...flags].sort()).toEqual(Object.keys(VECTOR_FLAGS).sort());
  });

  it('have every code that evidence can cause', () => {
    const codes = new Set(vectors.flatMap((vector) => (vector.result === 'reject' ? (vector.code ?? []) : [])));
    const silent = Object.keys(ERROR_GUIDE).filter((code) => !codes.has(code));
    // What a server keeps or its caller decides is no evidence, the names of a request may be read or not, and no
    // operation takes a property list, a policy, a profile, or what an organisation's own authority issued.
    const beside =
      /^ERR_MDA_(?:CHALLENGE|CLIENT_IDENTIFIER|NAME|PLIST|RESPONSE|POLICY|PROFILE|IDENTITY|REVOCATION|EVIDENCE|HEADER|CONNECTION)_|^ERR_MDA_IDENTIFIER_(?:TYPE|REFUSED|CLAIMED)$|^ERR_MDA_KEY_(?:MODULUS|EXPONENT)$|^ERR_MDA_CHAIN_(?:EXTENDED_KEY_USAGE|NAME_CONSTRAINTS)$/;
    expect(silent.filter((code) => !beside.test(code))).toEqual([
      // No operation takes PEM, an expected key or an expected device, and no platform here lacks a curve.
      'ERR_MDA_ENCODING_PEM',
      // Of a request both answers are right: order, depth, size and number of its attributes.
      'ERR_MDA_DER_ORDER',
      'ERR_MDA_DER_DEPTH',
      'ERR_MDA_CHAIN_UNSUPPORTED',
      'ERR_MDA_ATTESTATION_PUBLIC_KEY',
      'ERR_MDA_ATTESTATION_DEVICE',
      'ERR_MDA_CSR_TOO_LARGE',
      'ERR_MDA_CSR_ATTRIBUTE_COUNT',
      'ERR_MDA_CSR_UNSUPPORTED',
    ]);
  });

  it('ask each question once in a folder', () => {
    const questions = vectors.map((vector) => {
      const { id, op, input } = vector;
      const path = 'at' in vector ? [vector.trustAnchors, vector.at] : [];
      return JSON.stringify([id.split('/')[0], op, input, ...path]);
    });
    const twice = vectors.filter((_, index) => questions.indexOf(questions[index]!) !== index);
    expect(twice.map(({ id }) => id)).toEqual([]);
  });

  it('have a title that is a sentence and a fault or reason that is none', () => {
    for (const vector of vectors) {
      expect(vector.title, vector.id).toMatch(/^\S.*[^.]\.$/);
      const why = 'fault' in vector ? vector.fault : 'reason' in vector ? vector.reason : 'x';
      expect(why, vector.id).toMatch(/^\S.*[^.]$|^x$/);
    }
  });
});
