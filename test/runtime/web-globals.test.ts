import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { AT, FRESHNESS_CODE, mintChain } from '../support/mint.ts';

/** The built package in a realm that has the language, what the web adds that the core names, and nothing else. */

const ROOT = join(import.meta.dirname, '..', '..');
const WEB = { crypto, TextDecoder, TextEncoder, atob, btoa };

const SCRIPT = `
import * as core from '${ROOT}/dist/index.js';
import { parseAttestationObject } from '${ROOT}/dist/acme/index.js';
globalThis.verify = async ({ x5c, root, at, code }) => {
  const bytes = (text) => core.fromBase64(text);
  try {
    const attestation = await core.verifyAttestation(core.parseAttestationChain(x5c.map(bytes)), {
      at: new Date(at),
      expectedFreshnessCode: bytes(code),
      trustAnchors: [core.parseCertificate(bytes(root))],
    });
    return attestation.properties.serialNumber.value;
  } catch (error) {
    return error instanceof core.AttestationError ? error.code : String(error);
  }
};
globalThis.parse = (text) => {
  try {
    return parseAttestationObject(core.fromBase64(text)).format;
  } catch (error) {
    return error.code;
  }
};`;

type Verify = (evidence: { x5c: string[]; root: string; at: string; code: string }) => Promise<string>;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

let realm: { verify: Verify; parse: (text: string) => string };

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: ROOT },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
  });
  const context = createContext({ ...WEB }, { codeGeneration: { strings: false, wasm: false } });
  runInContext(outputFiles[0]!.text, context);
  realm = context as unknown as typeof realm;
});

describe('in a realm of web globals alone, where eval is an error', () => {
  it('verifies a chain and refuses it with another freshness code', async () => {
    const { x5c, root } = await mintChain();
    const evidence = { x5c: x5c.map(base64), root: base64(root), at: AT.toISOString() };
    expect(await realm.verify({ ...evidence, code: base64(FRESHNESS_CODE) })).toBe('SIMULATED1');
    expect(await realm.verify({ ...evidence, code: base64(FRESHNESS_CODE.slice(1)) })).toBe(
      'ERR_MDA_FRESHNESS_MISMATCH',
    );
  });

  it('parses attestation objects', () => {
    expect(realm.parse('oA==')).toBe('ERR_MDA_OBJECT_SHAPE');
  });

  it('has no Node API to lean on', () => {
    const context = createContext({ ...WEB }, { codeGeneration: { strings: false, wasm: false } });
    expect(runInContext('[typeof process, typeof Buffer, typeof require, typeof fetch].join()', context)).toBe(
      'undefined,undefined,undefined,undefined',
    );
    expect((): unknown => runInContext('new Function("return 1")', context)).toThrow(
      'Code generation from strings disallowed',
    );
  });
});
