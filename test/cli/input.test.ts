import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64, toBase64Url, toPem } from '../../src/index.ts';
import { growingBuffer } from '../../src/cli/growing-buffer.ts';
import { OperatorError } from '../../src/cli/operator-error.ts';
import { MAX_INPUT_BYTES } from '../../src/cli/read-input.ts';
import { recognise } from '../../src/cli/recognise.ts';
import { splitDer } from '../../src/cli/split-der.ts';
import { bytes, concat, type Der, hex } from '../../src/testing/der-writer.ts';
import { appleChainPem, collect, mda, start, temporaryFolder } from '../support/mda.ts';
import { type MintedChain, mintChain } from '../support/mint.ts';

const folder = temporaryFolder();
let chain: MintedChain;
let anchor: string;
let object: Der;

/** Head and content of a CBOR string, of up to 65,535 bytes. */
function cbor(major: number, content: Uint8Array): Der {
  const { length } = content;
  const head = length < 24 ? [major + length] : [major + 25, length >> 8, length & 255];
  return concat(Uint8Array.from(head), content);
}

const text = (value: string): Der => cbor(0x60, bytes(value));

function attestationObject(x5c: readonly Uint8Array[]): Der {
  return concat(
    hex('a2'),
    text('fmt'),
    text('apple'),
    text('attStmt'),
    hex('a1'),
    text('x5c'),
    Uint8Array.of(0x80 + x5c.length),
    ...x5c.map((der) => cbor(0x40, der)),
  );
}

beforeAll(async () => {
  chain = await mintChain();
  anchor = folder.write('anchor.pem', toPem(chain.root));
  object = attestationObject(chain.x5c);
});
afterAll(() => folder.remove());

async function verifyJson(stdin: Uint8Array | string) {
  const args = ['verify', '-', '--at', '2026-06-01', '--trust-anchor', anchor, '--no-freshness', '--json'];
  const { code, stdout, stderr } = await mda(args, { stdin });
  const json = (stdout === '' ? {} : JSON.parse(stdout)) as {
    format?: string;
    error?: { code: string } | null;
    checks?: { name: string; outcome: string }[];
  };
  return { code, stderr, stdout, json };
}

const wrapped = (base64: string): string => base64.replace(/.{76}/g, '$&\n');

describe.concurrent('formats', () => {
  it.each<[string, string, () => Uint8Array | string]>([
    ['PEM', 'pem', () => toPem(chain.x5c)],
    ['PEM with text around it', 'pem', () => `{ a note\nsubject=…\n${toPem(chain.x5c)}\nthe end`],
    ['PEM of Windows, with a byte order mark', 'pem', () => `\ufeff${toPem(chain.x5c).replaceAll('\n', '\r\n')}`],
    ['DER, one certificate after the other', 'der', () => concat(...chain.x5c)],
    ['base64, one certificate a line', 'base64', () => chain.x5c.map(toBase64).join('\n')],
    ['base64 of Windows, with blank lines', 'base64', () => `\r\n${chain.x5c.map(toBase64).join('\r\n\r\n')} \r\n`],
    ['base64 of the DER as `base64` wraps it', 'base64', () => wrapped(toBase64(concat(...chain.x5c)))],
    ['a JSON array', 'json-array', () => JSON.stringify(chain.x5c.map(toBase64), null, 2)],
    ['the ACME payload', 'acme-payload', () => JSON.stringify({ attObj: toBase64Url(object) })],
    ['a CBOR attestation object', 'attestation-object', () => object],
    ['the same as base64', 'attestation-object', () => toBase64(object)],
    ['the same as base64, wrapped', 'attestation-object', () => `${wrapped(toBase64(object))}\n`],
    ['the same as base64url', 'attestation-object', () => `${toBase64Url(object)}\n`],
  ])('%s', async (_, format, input) => {
    const { code, json, stderr } = await verifyJson(input());
    expect({ code, stderr, format: json.format }).toEqual({ code: 0, stderr: '', format });
  });

  it('of one certificate are told from a chain', async () => {
    const runs = await Promise.all([
      verifyJson(chain.leaf),
      verifyJson(toBase64(chain.leaf)),
      verifyJson(JSON.stringify([toBase64(chain.leaf)])),
    ]);
    for (const { code, json } of runs) expect([code, json.error?.code]).toEqual([1, 'ERR_MDA_CHAIN_TRUST_ANCHOR']);
  });
});

describe.concurrent('an input that breaks its format is refused with the code', () => {
  const broken: [string, string, string, () => Uint8Array | string][] = [
    ['PEM', 'input', 'ERR_MDA_ENCODING_PEM', () => toPem(chain.leaf).replace('-----END', '-----ENT')],
    [
      'a private key',
      'input',
      'ERR_MDA_ENCODING_PEM',
      () => '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    ],
    ['DER with a byte too many', 'certificates', 'ERR_MDA_DER_TRAILING', () => concat(chain.leaf, hex('00'))],
    ['DER with a byte too few', 'certificates', 'ERR_MDA_DER_TRUNCATED', () => chain.leaf.subarray(0, -1)],
    ['DER of indefinite length', 'certificates', 'ERR_MDA_DER_LENGTH', () => hex('3080020100 0000')],
    ['base64', 'input', 'ERR_MDA_ENCODING_BASE64', () => toBase64(chain.leaf).slice(0, -3)],
    ['JSON', 'input', 'ERR_MDA_ENCODING_BASE64', () => JSON.stringify([toBase64Url(chain.leaf), '-_'])],
    ['an empty JSON array', 'certificates', 'ERR_MDA_CHAIN_EMPTY', () => '[]'],
    ['six certificates', 'certificates', 'ERR_MDA_CHAIN_TOO_LONG', () => toPem(Array<Der>(6).fill(chain.leaf))],
    ['an ACME payload with padding', 'input', 'ERR_MDA_ENCODING_BASE64URL', () => JSON.stringify({ attObj: 'oA==' })],
    ['CBOR with a byte too many', 'input', 'ERR_MDA_CBOR_TRAILING', () => concat(object, hex('00'))],
    ['an attestation object of no certificate', 'certificates', 'ERR_MDA_CHAIN_EMPTY', () => attestationObject([])],
    [
      'an attestation object of a broken one',
      'certificates',
      'ERR_MDA_DER_TRUNCATED',
      () => attestationObject([hex('30')]),
    ],
  ];
  it.each(broken)('%s', async (_, check, expected, input) => {
    const { code, json } = await verifyJson(input());
    expect([code, json.error?.code]).toEqual([1, expected]);
    const failed = json.checks?.findIndex(({ outcome }) => outcome === 'failed') ?? -1;
    expect(json.checks?.[failed]?.name).toBe(check);
    // Every check is named, whether or not it could run.
    expect(json.checks?.length).toBe(14);
    expect(json.checks?.slice(failed + 1).every(({ outcome }) => outcome === 'not run')).toBe(true);
  });
});

describe.concurrent('no verdict', () => {
  it.each<[string, Uint8Array | string]>([
    ['nothing', ''],
    ['white space', ' \r\n\t\n'],
    ['prose', 'this is not a certificate\n'],
    ['a word', 'test\n'],
    ['another word', 'rubbish'],
    ['a number', '0123456789'],
    ['base64 of something else', 'SGVsbG8sIHdvcmxkIQ=='],
    ['JSON that is none', '["MIIB'],
    ['a JSON array of numbers', '[1, 2]'],
    ['a JSON array of arrays', '[["MIIB"]]'],
    ['a client that could not attest', '{}'],
    ['a member that is inherited', '{"__proto__": {"attObj": "oA"}}'],
    ['an attestation object that is no string', '{"attObj": 1}'],
    ['deep JSON', '['.repeat(100_000)],
    ['a CBOR array', hex('8101')],
    ['null bytes', new Uint8Array(1000)],
    // Quadratic work on it would take minutes.
    ['a run of spaces', `MIIB${' '.repeat(1_000_000)}x`],
    ['UTF-16', Buffer.from('-----BEGIN CERTIFICATE-----', 'utf16le')],
  ])('for %s', (_, input) => {
    expect(() => recognise(Buffer.from(input)).decode()).toThrow(OperatorError);
  });

  it('for what was not recognised, which is said in a line', async () => {
    const { code, stdout, stderr } = await verifyJson('nonsense');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mda: .*PEM.*\n$/);
  });

  it('for a file that is missing or a folder, whose name cannot drive the terminal', async () => {
    const names = [folder.path('missing'), folder.path('.'), folder.path('\u001b[2J\nACCEPTED\u202e\u009b')];
    const runs = await Promise.all(names.map((name) => mda(['verify', name, '--no-freshness'])));
    for (const { code, stdout, stderr } of runs) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });

      expect(stderr).toMatch(/^mda: [^\u0000-\u001f\u007f-\u009f\u202e]+\n$/);
    }
  });

  it('for more than the limit, of which no more is read', async () => {
    const large = folder.write('large', new Uint8Array(MAX_INPUT_BYTES + 1).fill(0x41));
    const limit = folder.write('limit', new Uint8Array(MAX_INPUT_BYTES).fill(0x20));
    const [tooLarge, atLimit] = await Promise.all([mda(['inspect', large]), mda(['inspect', limit])]);
    expect(tooLarge.code).toBe(2);
    expect(tooLarge.stderr).toContain(String(MAX_INPUT_BYTES));
    expect(atLimit.code).toBe(2);
    expect(atLimit.stderr).not.toContain(String(MAX_INPUT_BYTES));
  });

  it('for an endless standard input, which is not read to its end', async () => {
    const child = start(['inspect', '-']);
    const chunk = Buffer.alloc(65_536, 0x41);
    let written = 0;
    const feed = () => {
      // The limit is far below: who read on would take all of it.
      while (written < 64 * MAX_INPUT_BYTES && !child.stdin.destroyed) {
        written += chunk.length;
        if (!child.stdin.write(chunk)) return;
      }
    };
    child.stdin.on('drain', feed).on('error', () => undefined);
    feed();
    const { code, stderr } = await collect(child);
    expect(code).toBe(2);
    expect(stderr).toContain(String(MAX_INPUT_BYTES));
    expect(written).toBeLessThan(4 * MAX_INPUT_BYTES);
  });
});

describe('pieces', () => {
  it('splitDer takes apart whole certificates alone', () => {
    const first = hex(`308180${'00'.repeat(128)}`);
    const second = hex(`30820101${'00'.repeat(257)}`);
    expect(splitDer(concat(first, second, first))).toEqual([first, second, first]);
    expect(splitDer(concat(first, hex('0500')))).toEqual([concat(first, hex('0500'))]);
    expect(splitDer(concat(first, second.subarray(0, 9)))).toEqual([concat(first, second.subarray(0, 9))]);
    expect(splitDer(first.subarray(0, 20))).toEqual([first.subarray(0, 20)]);
  });

  it('growingBuffer keeps to its limit, and forgets what it handed out', () => {
    const buffer = growingBuffer(100_000);
    expect(buffer.append(new Uint8Array(60_000).fill(1))).toBe(true);
    expect(buffer.append(new Uint8Array(40_001))).toBe(false);
    expect(buffer.append(new Uint8Array(40_000).fill(2))).toBe(true);
    expect(buffer.append(Uint8Array.of(3))).toBe(false);
    const taken = buffer.take();
    expect([taken.length, taken[59_999], taken[60_000]]).toEqual([100_000, 1, 2]);
    expect(buffer.take().length).toBe(0);
  });
});

const apple = appleChainPem();

it.skipIf(apple === undefined)('reads the published chain from a file as from standard input', async () => {
  const path = folder.write('apple.pem', apple!);
  const args = ['--no-freshness', '--at', '2025-08-01', '--json'];
  const [file, stdin] = await Promise.all([
    mda(['verify', path, ...args]),
    mda(['verify', '-', ...args], { stdin: apple! }),
  ]);
  expect(file).toEqual(stdin);
});
