import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { enrollmentProfile } from '../../src/mdm/index.ts';
import { mintResponse, TOKEN } from '../support/acme.ts';
import { mintRequest } from '../support/certificate-request.ts';
import { AT, FRESHNESS_CODE, keyFrom, mintChain } from '../support/mint.ts';

/** The built package in a realm that has the language, what the web adds that the core names, and nothing else. */

const ROOT = join(import.meta.dirname, '..', '..');
const WEB = { crypto, TextDecoder, TextEncoder, atob, btoa };

const SCRIPT = `
import * as core from '${ROOT}/dist/index.js';
import * as acme from '${ROOT}/dist/acme/index.js';
import { enrollmentProfile, parsePlist } from '${ROOT}/dist/mdm/index.js';
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
    return acme.parseAttestationObject(core.fromBase64(text)).format;
  } catch (error) {
    return error.code;
  }
};
globalThis.enroll = async ({ attObj, token, root, at, csr }) => {
  const clock = () => new Date(at);
  const store = acme.createMemoryStore({ clock });
  const secret = { id: '2026a', key: new Uint8Array(32) };
  const expiresAt = new Date(clock().getTime() + 1000);
  const value = await acme.issueClientIdentifier({ secret, store, user: 'alice', at: clock(), expiresAt });
  const validate = acme.createDeviceAttestValidator({
    identify: acme.identifierIsTicket({ secrets: [secret], store }),
    seenKeys: acme.createSeenKeys({ store }),
    trustAnchors: [core.parseCertificate(core.fromBase64(root))],
  });
  const identifier = { type: 'permanent-identifier', value };
  const outcome = await validate({ token, payload: { attObj }, identifier, at: clock() });
  if (outcome.status === 'invalid') return outcome.reasons[0].code;
  const request = await acme.verifyCertificateRequest(core.fromBase64(csr), {
    attestedKeys: [outcome.attestedKey.spki],
  });
  return [outcome.identification.user, request.subjectAlternativeNames[0].kind].join();
};
globalThis.parsePlist = (text) => {
  try {
    return parsePlist(new TextEncoder().encode(text)).get('Status');
  } catch (error) {
    return error.code;
  }
};
globalThis.enrollmentProfile = (options) => enrollmentProfile(options);`;

type Verify = (evidence: { x5c: string[]; root: string; at: string; code: string }) => Promise<string>;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

let realm: {
  verify: Verify;
  parse: (text: string) => string;
  enroll: (evidence: Record<'attObj' | 'token' | 'root' | 'at' | 'csr', string>) => Promise<string>;
  parsePlist: (text: string) => string;
  enrollmentProfile: typeof enrollmentProfile;
};

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: ROOT },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
    // Chunks that stand in the right order already are imported for their order alone.
    logLevel: 'error',
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

  it('takes a device from its ticket to its certificate request', async () => {
    const { payload, root, keys } = await mintResponse();
    const evidence = {
      attObj: payload.attObj,
      token: TOKEN,
      root: base64(root),
      at: AT.toISOString(),
      csr: base64(await mintRequest({ key: keyFrom('chain leaf') })),
    };
    expect(base64(keys.leaf.spki)).toBe(base64(keyFrom('chain leaf').spki));
    expect(await realm.enroll(evidence)).toBe('alice,dns');
    expect(await realm.enroll({ ...evidence, token: 'x' })).toBe('ERR_MDA_FRESHNESS_MISMATCH');
  });

  it('reads property lists and writes profiles', async () => {
    expect(realm.parsePlist('<plist><dict><key>Status</key><string>Idle</string></dict></plist>')).toBe('Idle');
    expect(realm.parsePlist('<plist><dict>')).toBe('ERR_MDA_PLIST_XML');
    const options = {
      identifier: 'com.example.enrollment',
      uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
      displayName: 'Example',
      mdm: { serverUrl: 'https://mdm.example.com', topic: 'com.apple.mgmt.x' },
      acme: { directoryUrl: 'https://acme.example.com', clientIdentifier: 'x', subject: [['CN', 'x']] as const },
      trustAnchors: [],
    };
    expect(await realm.enrollmentProfile(options)).toBe(await enrollmentProfile(options));
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
