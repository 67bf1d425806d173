import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import type { ConformanceReport, Vector } from '../../src/conformance/index.ts';
import { mintVectors } from '../support/vectors.ts';

/** What a worker has and this entry needs, and nothing else. */
const WEB = { crypto, TextDecoder, TextEncoder, atob, btoa, setTimeout, clearTimeout };

const SCRIPT = `
import { answerRequest, parseVector, runVectors, verifierFromFunction } from './index.ts';
globalThis.test = (files) =>
  runVectors(files.map(([path, text]) => parseVector(text, path)), verifierFromFunction(answerRequest), { compareCodes: true });`;

it('runs in a worker: no platform but the web, no eval', async () => {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: join(import.meta.dirname, '../../src/conformance') },
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    write: false,
  });
  const context = createContext({ ...WEB }, { codeGeneration: { strings: false, wasm: false } });
  runInContext(outputFiles[0]!.text, context);
  const files = (await mintVectors()).map((vector: Vector) => [`${vector.id}.json`, JSON.stringify(vector)]);
  const { test } = context as unknown as { readonly test: (files: unknown) => Promise<ConformanceReport> };
  expect(await test(files)).toMatchObject({ conforms: true, passed: 10, failed: 0, unsupported: 0 });
});
