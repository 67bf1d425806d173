import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64, toBase64Url } from '../../src/index.ts';
import { MAX_LINE_BYTES, readLines } from '../../src/cli/lines.ts';
import { bytes, concat, hex } from '../../src/testing/der-writer.ts';
import { collect, MAIN, mda, start } from '../support/mda.ts';
import { FRESHNESS_CODE, type MintedChain, mintChain } from '../support/mint.ts';

const AT = '2026-06-01T12:00:00Z';

let chain: MintedChain;
let otherRoot: string;

interface Answer {
  id: string | number | null;
  result: string;
  code?: string;
  message?: string;
  properties?: Record<string, unknown>;
  publicKey?: string;
}

const request = (fields: Record<string, unknown> = {}) => ({
  id: 1,
  op: 'chain',
  x5c: chain.x5c.map(toBase64),
  trustAnchors: [toBase64(chain.root)],
  at: AT,
  ...fields,
});

async function ask(stdin: Uint8Array | string): Promise<Answer[]> {
  const { code, stdout, stderr } = await mda(['verifier'], { stdin });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return parse(stdout);
}

const parse = (stdout: string): Answer[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer);

const askAll = (requests: readonly unknown[]): Promise<Answer[]> =>
  ask(requests.map((one) => `${JSON.stringify(one)}\n`).join(''));

beforeAll(async () => {
  chain = await mintChain();
  otherRoot = toBase64((await mintChain({ seed: 'other' })).root);
});

describe('op chain', () => {
  it('accepts with the properties and the key', async () => {
    const [answer] = await askAll([request()]);
    expect(Object.keys(answer!)).toEqual(['id', 'result', 'properties', 'publicKey']);
    expect(answer).toMatchObject({
      id: 1,
      result: 'accept',
      properties: {
        serialNumber: { status: 'attested', value: 'SIMULATED1' },
        freshnessCode: { status: 'attested', value: Buffer.from(FRESHNESS_CODE).toString('hex') },
        other: [],
      },
      publicKey: toBase64(chain.keys.leaf.spki),
    });
  });

  it('rejects evidence, whatever it holds, with the code alone', async () => {
    const [leaf, subCa] = chain.x5c.map(toBase64);
    const cases: [Record<string, unknown>, string][] = [
      [{ at: '2026-08-01T00:00:00Z' }, 'ERR_MDA_CHAIN_EXPIRED'],
      [{ trustAnchors: [otherRoot] }, 'ERR_MDA_CHAIN_KEY_IDENTIFIER'],
      [{ trustAnchors: undefined }, 'ERR_MDA_CHAIN_TRUST_ANCHOR'],
      [{ x5c: [] }, 'ERR_MDA_CHAIN_EMPTY'],
      [{ x5c: [leaf, leaf] }, 'ERR_MDA_CHAIN_DUPLICATE'],
      [{ x5c: [leaf, leaf, leaf, leaf, leaf, leaf] }, 'ERR_MDA_CHAIN_TOO_LONG'],
      [{ x5c: [subCa] }, 'ERR_MDA_CHAIN_LEAF_IS_CA'],
      [{ x5c: ['', subCa] }, 'ERR_MDA_DER_TRUNCATED'],
      [{ x5c: [`${leaf!}\n`, subCa] }, 'ERR_MDA_ENCODING_BASE64'],
      [{ x5c: ['-_8', subCa] }, 'ERR_MDA_ENCODING_BASE64'],
      [{ x5c: [toBase64Url(chain.leaf), '\ud800'] }, 'ERR_MDA_ENCODING_BASE64'],
      [{ x5c: [toBase64(new Uint8Array(20_000)), subCa] }, 'ERR_MDA_CERTIFICATE_TOO_LARGE'],
    ];
    const answers = await askAll(cases.map(([fields], id) => request({ id, ...fields })));
    expect(answers).toEqual(cases.map(([, code], id) => ({ id, result: 'reject', code })));
  });

  it('calls what breaks the protocol an error, names the field, and goes on', async () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ x5c: undefined }, 'x5c'],
      [{ x5c: 'MIIB' }, 'x5c'],
      [{ x5c: ['MIIB', 1] }, 'x5c'],
      [{ x5c: null }, 'x5c'],
      [{ at: undefined }, 'at'],
      [{ at: 1780315200 }, 'at'],
      [{ at: '2026-06-01' }, 'at'],
      [{ at: '2026-02-30T00:00:00Z' }, 'at'],
      [{ trustAnchors: null }, 'trustAnchors'],
      [{ trustAnchors: [] }, 'trustAnchors'],
      [{ trustAnchors: {} }, 'trustAnchors'],
      [{ trustAnchors: ['AAAA'] }, 'trustAnchors[0]'],
      [{ trustAnchors: [otherRoot, '!'] }, 'trustAnchors[1]'],
      [{ freshness: 'AAAA' }, 'field'],
      [{ trustanchors: [otherRoot] }, 'field'],
      [{ op: undefined }, 'op'],
      [{ op: 1 }, 'op'],
    ];
    const answers = await askAll([...cases.map(([fields], id) => request({ id, ...fields })), request({ id: 'last' })]);
    expect(answers.slice(0, -1).map(({ id, result }) => [id, result])).toEqual(cases.map((_, id) => [id, 'error']));
    cases.forEach(([, field], index) => {
      expect(answers[index]?.message).toContain(field);
    });
    expect(answers.at(-1)).toMatchObject({ id: 'last', result: 'accept' });
  });

  it('does not know other operations, whatever else they ask', async () => {
    const ops = ['attestation-object', 'Chain', '', 'constructor', '__proto__'];
    const answers = await askAll(ops.map((op) => ({ id: op, op, whatever: 1 })));
    expect(answers).toEqual(ops.map((id) => ({ id, result: 'unsupported' })));
  });

  it('echoes an id that is a string or a finite number, and no other', async () => {
    const echoed = ['', '\u001b\n"\ud800', 0, -1.5, 1e300];
    expect(await askAll(echoed.map((id) => ({ id, op: 'x' })))).toEqual(
      echoed.map((id) => ({ id, result: 'unsupported' })),
    );
    const others = [
      '{"op":"x"}',
      '{"id":null,"op":"x"}',
      '{"id":1e999,"op":"x"}',
      '{"id":[1],"op":"x"}',
      '{"id":true}',
    ];
    const answers = await ask(others.join('\n'));
    expect(answers.map(({ id, result }) => [id, result])).toEqual(others.map(() => [null, 'error']));
  });
});

describe('lines', () => {
  it('may be blank, end in CRLF, or lack the last line feed', async () => {
    const line = JSON.stringify(request());
    expect((await ask(`\n \t\r\n${line}\r\n\n${line}`)).map(({ result }) => result)).toEqual(['accept', 'accept']);
    expect(await ask('')).toEqual([]);
    expect(await ask('\n\n')).toEqual([]);
  });

  it('that are no request are answered with an error, and the next one is read', async () => {
    const hostile = [
      bytes('rubbish'),
      bytes('[]'),
      bytes('null'),
      bytes('"chain"'),
      bytes('{"id":1,"op":"chain"'),
      bytes('['.repeat(200_000)),
      hex('fffe7b7d'),
      hex('7b00'),
      concat(bytes('{"id":"'), hex('c3'), bytes('","op":"x"}')),
      bytes('{"__proto__":{"id":1,"op":"x"}}'),
    ];
    const feed = bytes('\n');
    const lines = [...hostile, bytes('{"id":"last","op":"x"}')].flatMap((line) => [line, feed]);
    const answers = await ask(concat(...lines));
    expect(answers.slice(0, -1).map(({ id, result }) => [id, result])).toEqual(hostile.map(() => [null, 'error']));
    expect(answers.at(-1)).toEqual({ id: 'last', result: 'unsupported' });
  });

  it('may hold as many bytes as the limit, and not one more', async () => {
    const padded = (length: number) => `${' '.repeat(length - 18)}{"id":1,"op":"x"}\n`.padStart(length);
    const answers = await ask(padded(MAX_LINE_BYTES + 1) + padded(MAX_LINE_BYTES + 2) + padded(20));
    expect(answers.map(({ id, result }) => [id, result])).toEqual([
      [1, 'unsupported'],
      [null, 'error'],
      [1, 'unsupported'],
    ]);
  });

  it('are cut wherever the chunks are', async () => {
    const cut = async (text: string, size: number, limit: number) => {
      // eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous
      async function* chunks() {
        for (let i = 0; i < text.length; i += size) yield bytes(text.slice(i, i + size));
      }
      const lines: (string | undefined)[] = [];
      for await (const line of readLines(chunks(), limit)) lines.push(line && Buffer.from(line).toString());
      return lines;
    };
    for (const size of [1, 2, 3, 7, 100]) {
      expect(await cut('abc\n\nde\n12345\nf', size, 4)).toEqual(['abc', '', 'de', undefined, 'f']);
      expect(await cut('123456789', size, 4)).toEqual([undefined]);
      expect(await cut('1234\n12345', size, 4)).toEqual(['1234', undefined]);
      expect(await cut('12345\n12345\n', size, 4)).toEqual([undefined, undefined]);
      expect(await cut('abc\n', size, 4)).toEqual(['abc']);
    }
  });
});

describe('a pipe', () => {
  const lineOf = (id: number) => `${JSON.stringify(request({ id }))}\n`;

  it('of 1,000 requests is answered in order, and a slow reader stops the reading', async () => {
    const child = start(['verifier']);
    const write = (id: number) => new Promise<'taken'>((done) => child.stdin.write(lineOf(id), () => done('taken')));
    // Nobody reads the answers: once their pipe is full, requests are no longer taken either.
    let id = 0;
    let last = write(id);
    while (id < 999 && (await Promise.race([last, sleep(1000, 'stuck')])) === 'taken') last = write(++id);
    expect(id).toBeLessThan(999);
    while (id < 999) void write(++id);
    child.stdin.end();
    const { code, stdout, stderr } = await collect(child);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answers = parse(stdout);
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 1000 }, (_, id) => id));
    expect(new Set(answers.map(({ result }) => result))).toEqual(new Set(['accept']));
  });

  it('is answered as it comes, without waiting for its end', async () => {
    const child = start(['verifier']);
    const answered = new Promise<string>((done) =>
      child.stdout.once('data', (chunk: Buffer) => done(chunk.toString())),
    );
    child.stdin.write(lineOf(7));
    expect(parse(await answered)[0]).toMatchObject({ id: 7, result: 'accept' });
    child.stdin.end();
    expect((await collect(child)).code).toBe(0);
  });

  it.skipIf(!existsSync('/proc/self/status'))('with a line of 128 MiB takes no memory for it', async () => {
    const child = start(['verifier']);
    const peakKibibytes = () =>
      Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'))?.[1]);
    const answers: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => answers.push(text));
    const answersAre = async (count: number) => {
      while (parse(answers.join('')).length < count) await sleep(10);
    };
    child.stdin.write(lineOf(1));
    await answersAre(1);
    const before = peakKibibytes();
    const chunk = Buffer.alloc(1_048_576, 0x20);
    for (let i = 0; i < 128; i++)
      await new Promise((done) => {
        child.stdin.write(chunk, done);
      });
    child.stdin.write(`\n${lineOf(2)}`);
    await answersAre(3);
    expect(peakKibibytes() - before).toBeLessThan(64 * 1024);
    child.stdin.end();
    expect((await collect(child)).code).toBe(0);
    expect(parse(answers.join('')).map(({ id, result }) => [id, result])).toEqual([
      [1, 'accept'],
      [null, 'error'],
      [2, 'accept'],
    ]);
  });

  it('whose reader goes away ends quietly', async () => {
    const child = start(['verifier']);
    child.stdin.on('error', () => undefined);
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const closed = new Promise<number | null>((done) => child.on('close', done));
    // Never ended: only the broken pipe can end the run.
    for (let id = 0; child.exitCode === null && id < 100_000; id++) {
      child.stdin.write(lineOf(id));
      await sleep(1);
    }
    expect({ code: await closed, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('what cannot be written', () => {
  it.skipIf(!existsSync('/dev/full'))('is no verdict', async () => {
    const code = await new Promise((done) => {
      execFile('/bin/sh', ['-c', '"$0" "$1" --help > /dev/full', process.execPath, MAIN], (error) => done(error?.code));
    });
    expect(code).toBe(2);
  });
});
