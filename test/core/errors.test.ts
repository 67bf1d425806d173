import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAttestationObject } from '../../src/acme/index.ts';
import {
  AttestationError,
  fromBase64,
  fromBase64Url,
  fromPem,
  parseAttestationChain,
  parseCertificate,
} from '../../src/index.ts';
import { bytes, name } from '../../src/testing/der-writer.ts';
import { mintLeaf } from '../support/leaf.ts';
import { extension } from '../support/mint.ts';
import { refusalOf } from '../support/refusal.ts';

const ROOT = join(import.meta.dirname, '../..');
const CODES = readFileSync(join(ROOT, 'src/core/error-codes.ts'), 'utf8').match(/(?<=')ERR_MDA_\w+(?=')/g) ?? [];

function sourcesUnder(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n');
}

describe('an AttestationError', () => {
  it('is an Error with a name, a code, and where the fault lies', () => {
    const cause = new Error('why');
    const details = { certificate: 1, offset: 2, oid: '1.2.3', field: 'KeySize', cause };
    const error = new AttestationError('ERR_MDA_CHAIN_SIGNATURE', details);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'AttestationError', code: 'ERR_MDA_CHAIN_SIGNATURE', ...details });
    expect(String(error)).toContain('AttestationError');
    expect(error.stack).toContain('errors.test.ts');
  });

  it('has undefined where nothing is known, and no cause of its own', () => {
    const error = new AttestationError('ERR_MDA_CHAIN_EMPTY');
    expect(error).toMatchObject({ certificate: undefined, offset: undefined, oid: undefined, field: undefined });
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });

  it('keeps a cause that is undefined', () => {
    expect(Object.hasOwn(new AttestationError('ERR_MDA_CHAIN_EMPTY', { cause: undefined }), 'cause')).toBe(true);
  });

  it('has a message for each code, made of the code alone', () => {
    const messages = CODES.map((code) => new AttestationError(code as AttestationError['code']).message);
    expect(new Set(messages).size).toBe(CODES.length);
    for (const [index, message] of messages.entries())
      expect(`ERR_MDA_${message.replace(':', '').replaceAll(' ', '_').toUpperCase()}`).toBe(CODES[index]);
  });

  it('never echoes the input', async () => {
    const secret = 'S3cretValue';
    const inputs: (() => unknown)[] = [
      () => fromBase64(`${secret}!`),
      () => fromBase64Url(`${secret}=`),
      () => fromPem(`-----BEGIN ${secret}-----`),
      () => parseCertificate(bytes(secret)),
      () => parseAttestationChain([bytes(secret)]),
      () => parseAttestationObject(bytes(secret)),
      ...(
        await Promise.all([
          mintLeaf({ subject: name({ C: `${secret}_` }) }),
          mintLeaf({ extensions: [extension('2.5.29.19', bytes(secret))] }),
          mintLeaf({ replace: { notBefore: bytes(secret) } }),
        ])
      ).map((der) => () => parseCertificate(der)),
    ];
    for (const input of inputs) {
      const error = refusalOf(input);
      for (let at: unknown = error; at instanceof Error; at = at.cause)
        expect(`${at.name} ${at.message}`).not.toMatch(/s3cretvalue/i);
      expect(JSON.stringify(Object.entries(error))).not.toContain(secret);
    }
  });
});

describe('the codes', () => {
  it('are of one form and each stands once', () => {
    expect(CODES.length).toBeGreaterThan(60);
    expect(new Set(CODES).size).toBe(CODES.length);
    for (const code of CODES) expect(code).toMatch(/^ERR_MDA_[A-Z0-9]+(_[A-Z0-9]+)+$/);
  });

  it('are all used by the library, and all asserted by a test', () => {
    const source = sourcesUnder('src');
    const folders = ['core', 'acme', 'mdm', 'policy', 'identity', 'relying-party', 'support'];
    const tests = folders.map((folder) => sourcesUnder(`test/${folder}`)).join('\n');
    expect(CODES.filter((code) => !new RegExp(`${code}\\b`).test(source))).toEqual([]);
    expect(CODES.filter((code) => !new RegExp(`${code}\\b`).test(tests))).toEqual([]);
  });
});
