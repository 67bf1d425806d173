import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/conformance/answer.ts';
import { parseVector, VECTOR_FLAGS } from '../../src/conformance/index.ts';
import { OPERATIONS } from '../../src/conformance/vector.ts';
import { mda, temporaryFolder } from '../support/mda.ts';
import { mintVectors } from '../support/vectors.ts';
import { readSource, ROOT } from './sources.ts';

/** docs/conformance.md: what it shows must be right, for people build on it. */

const page = readSource('docs/conformance.md').text;
/** The examples shorten base64 with an ellipsis; without it, it is base64 again. */
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text]) =>
    text!.replaceAll('…"', '"'),
  );

const schema = JSON.parse(readFileSync(join(ROOT, 'vectors/protocol.schema.json'), 'utf8')) as object;
const isRequest = new Ajv2020({ strict: true })
  .addSchema(schema, 'protocol')
  .compile<{ op: string }>({ $ref: 'protocol#/$defs/request' });

const folder = temporaryFolder();
afterAll(() => folder.remove());

describe('the page on conformance', () => {
  it('shows a request of each operation, and answers', () => {
    const lines = blocks('json').flatMap((block) => (block.startsWith('{"') ? block.trim().split('\n') : []));
    const requests = lines.filter((line) => line.includes('"op"')).map((line) => JSON.parse(line) as unknown);
    expect(requests.filter((request) => !isRequest(request))).toEqual([]);
    expect(requests.map((request) => (request as { op: string }).op)).toEqual(OPERATIONS);
    const answers = lines.filter((line) => !line.includes('"op"')).map((line) => readAnswer(line).result);
    expect(answers).toEqual(['accept', 'accept', 'accept', 'accept', 'reject', 'unsupported', 'error']);
  });

  it('shows a vector', () => {
    const [vector] = blocks('json').filter((block) => block.startsWith('{\n'));
    expect(parseVector(vector!, 'chain/leaf-expired.json').result).toBe('reject');
  });

  it('lists the flags with their meanings', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.*) \|$/gm)].map(([, flag, meaning]) => [flag!, meaning!]);
    const listed = rows.slice(rows.findIndex(([flag]) => flag === 'path'));
    expect(listed).toEqual(Object.entries(VECTOR_FLAGS));
  });

  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('shows a verifier that runs', async () => {
    const [vector] = await mintVectors();
    const vectors = join(folder.path('vectors'), 'acme');
    mkdirSync(vectors, { recursive: true });
    writeFileSync(join(vectors, 'genuine.json'), JSON.stringify(vector));
    const verifier = folder.write('verifier.py', blocks('python')[0]!);
    const args = ['--vectors', folder.path('vectors'), '--verifier', `python3 '${verifier}'`];
    const { code, stdout } = await mda(['conformance', ...args]);
    expect(code).toBe(1);
    expect(stdout).toContain('passed 0, failed 0, unsupported 1');
  });
});
