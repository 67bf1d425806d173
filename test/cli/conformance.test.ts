import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConformanceReport, Vector } from '../../src/conformance/index.ts';
import { MAX_STDERR_BYTES } from '../../src/cli/verifier-program.ts';
import { collect, MAIN, mda, start, temporaryFolder } from '../support/mda.ts';
import { mintVectors } from '../support/vectors.ts';

const folder = temporaryFolder();
const VECTORS = folder.path('vectors');
const VERIFIER = `'${process.execPath}' '${MAIN}' verifier`;

let vectors: readonly Vector[];

function writeVector(root: string, path: string, text: string): void {
  const file = folder.path(`${root}/${path}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A folder of vectors beside the good ones, with one file more. */
function folderWith(root: string, path: string, text: string): string {
  for (const vector of vectors) writeVector(root, `${vector.id}.json`, JSON.stringify(vector));
  writeVector(root, path, text);
  return folder.path(root);
}

/** The command that runs a small verifier; `answer(request)` gives the right answer to every case that is to be rejected. */
function command(name: string, body: string): string {
  const source = `
    import { createInterface } from 'node:readline';
    const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
    const lines = createInterface({ input: process.stdin });
    const reject = ({ id }) => say({ id, result: 'reject' });
    let count = 0;
    ${body}`;
  return `'${process.execPath}' '${folder.write(`${name}.mjs`, source)}'`;
}

beforeAll(async () => {
  vectors = await mintVectors();
  for (const vector of vectors) writeVector('vectors', `${vector.id}.json`, JSON.stringify(vector));
  writeVector('vectors', 'vector.schema.json', '{}');
  writeVector('vectors', 'README.md', '# Vectors');
  for (let index = 0; index < 30; index++) {
    const rejected = vectors.find(({ id }) => id === 'properties/not-base64')!;
    const id = `many/n${String(index).padStart(2, '0')}`;
    writeVector('many', `${id}.json`, JSON.stringify({ ...rejected, id }));
  }
});
afterAll(() => folder.remove());

const conformance = (...args: readonly string[]) => mda(['conformance', '--vectors', VECTORS, ...args]);

/** Runs thirty cases that are to be rejected through a verifier. */
async function runMany(verifier: string, seconds = '5') {
  const args = ['--vectors', folder.path('many'), '--verifier', verifier, '--report', 'json', '--time-limit', seconds];
  const { code, stdout, stderr } = await mda(['conformance', ...args]);
  const report = JSON.parse(stdout) as ConformanceReport;
  const failures = report.cases.filter(({ outcome }) => outcome === 'failed');
  return { code, stderr, report, failures: failures.map(({ id, kind }) => `${id.slice(-2)} ${kind!}`) };
}

const EVERY = Array.from({ length: 30 }, (_, index) => String(index).padStart(2, '0'));

describe('a run', () => {
  it('of the library itself passes, in process and behind a pipe', async () => {
    const own = await conformance();
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(own.stdout).toContain('PASSED: passed 10, failed 0, unsupported 0\n');
    expect(await conformance('--verifier', VERIFIER)).toEqual(own);
  });

  it('is reported in each format', async () => {
    const [json, junit, markdown] = await Promise.all(
      ['json', 'junit', 'markdown'].map((format) => conformance('--report', format)),
    );
    expect(JSON.parse(json!.stdout)).toMatchObject({ conforms: true, passed: 10 });
    expect(junit!.stdout).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/);
    expect(markdown!.stdout).toMatch(/^# Conformance: passed\n/);
    expect([json, junit, markdown].map((one) => one!.code)).toEqual([0, 0, 0]);
  });

  it('takes the vectors that were asked for, sorted', async () => {
    const idsOf = async (...args: readonly string[]) => {
      const { stdout } = await conformance('--report', 'json', ...args);
      return (JSON.parse(stdout) as ConformanceReport).cases.map(({ id }) => id);
    };
    expect(await idsOf()).toEqual(vectors.map(({ id }) => id).sort());
    expect(await idsOf('--only', 'properties', '--only', 'chain/e')).toEqual([
      'chain/empty',
      'chain/expired',
      'properties/genuine',
      'properties/not-base64',
    ]);
    expect(await idsOf('--only', 'chain/genuine')).toEqual(['chain/genuine']);
  });

  it('in which nothing passed has failed, and says so', async () => {
    const none = command(
      'none',
      `lines.on('line', (line) => say({ id: JSON.parse(line).id, result: 'unsupported' }));`,
    );
    const { code, stdout } = await conformance('--verifier', none, '--only', 'csr');
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED: nothing passed');
  });

  it('compares no codes with those of another verifier', async () => {
    const other = command(
      'other',
      `lines.on('line', (line) => say({ id: JSON.parse(line).id, result: 'reject', code: 'NO' }));`,
    );
    expect(await runMany(other)).toMatchObject({ code: 0, failures: [] });
  });
});

// Most of their time is waiting.
describe.concurrent('a verifier that', () => {
  it('crashes at its third request has crashed, and the rest runs', async () => {
    const crashing = command(
      'crashing',
      `lines.on('line', (line) => { if (++count === 3) process.exit(9); reject(JSON.parse(line)); });`,
    );
    const { code, failures, report } = await runMany(crashing);
    expect(code).toBe(1);
    expect(failures.every((failure) => failure.endsWith('crashed'))).toBe(true);
    expect(failures.length).toBeGreaterThan(5);
    expect(report.passed + report.failed).toBe(30);
    expect(report.cases.find(({ kind }) => kind === 'crashed')?.got).toBe('it ended with exit code 9');
  });

  it('crashes at one case has crashed there alone', async () => {
    const crashing = command(
      'crashing-once',
      `lines.on('line', (line) => { if (line.includes('n17')) process.kill(process.pid, 'SIGSEGV'); else reject(JSON.parse(line)); });`,
    );
    expect(await runMany(crashing)).toMatchObject({ code: 1, failures: ['17 crashed'] });
  });

  it('hangs at one case has timed out there alone', async () => {
    const hanging = command(
      'hanging',
      `let hangs = false; lines.on('line', (line) => { hangs ||= line.includes('n05'); if (!hangs) reject(JSON.parse(line)); });
       process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);`,
    );
    expect(await runMany(hanging, '2')).toMatchObject({ code: 1, failures: ['05 timed-out'] });
  });

  it('answers out of order is found out, though it answers each alone', async () => {
    const shuffling = command(
      'shuffling',
      `const held = []; lines.on('line', (line) => { held.push(JSON.parse(line)); });
       setInterval(() => { while (held.length > 0) reject(held.pop()); }, 50);`,
    );
    expect(await runMany(shuffling)).toMatchObject({ code: 1, failures: ['00 out-of-order'] });
  });

  it('prints rubbish has failed', async () => {
    const chatty = command(
      'chatty',
      `lines.on('line', (line) => { const { id } = JSON.parse(line); if (id === 'many/n03') console.log('\\u001b[2Jhello'); reject({ id }); });`,
    );
    const { code, failures, report } = await runMany(chatty);
    expect({ code, failures }).toEqual({ code: 1, failures: ['03 rubbish'] });
    expect(report.cases[3]?.got).toBe('the line is not JSON: \\u{1b}[2Jhello');
  });

  it('prints what is not UTF-8 has failed, whatever the rest says', async () => {
    const body = `
      lines.on('line', (line) => {
        const { id } = JSON.parse(line);
        const isOdd = id.endsWith('04');
        const text = JSON.stringify({ id, result: 'reject', code: isOdd ? 'caf\\u00e9' : 'x' });
        process.stdout.write(Buffer.from(text + '\\n', isOdd ? 'latin1' : 'utf8'));
      });`;
    const { code, failures } = await runMany(command('latin-1', body));
    expect({ code, failures }).toEqual({ code: 1, failures: ['04 rubbish'] });
  });

  it('prints a line without end has failed', async () => {
    const endless = command(
      'endless',
      `const flood = () => { while (process.stdout.write('x'.repeat(65536))); process.stdout.once('drain', flood); };
       lines.on('line', (line) => line.includes('n29') ? flood() : reject(JSON.parse(line)));`,
    );
    expect(await runMany(endless)).toMatchObject({ code: 1, failures: ['29 over-long'] });
  });

  it('ignores its input and exits at once has crashed everywhere', async () => {
    const { code, failures, report } = await runMany('exit 3');
    expect(code).toBe(1);
    expect(failures).toEqual(EVERY.map((name) => `${name} crashed`));
    expect(report.cases[0]?.got).toBe('it ended with exit code 3');
  });

  it('floods standard error is read all the same, and quoted so far', async () => {
    const noisy = command(
      'noisy',
      `process.stderr.write('\\u001b[2Jstart\\n'); lines.on('line', (line) => { process.stderr.write('x'.repeat(10000)); reject(JSON.parse(line)); });`,
    );
    const { code, stderr } = await runMany(noisy);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\\u\{1b\}\[2Jstart\nx+\nmda conformance: [^\n]*\n$/);
    expect(stderr.length).toBeLessThan(MAX_STDERR_BYTES + 200);
  });

  it.each(['/nonexistent/verifier', folder.path('')])('cannot start (%s) ends the run with its error', async (path) => {
    const { code, stdout, stderr } = await conformance('--verifier', `'${path}'`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(path);
    expect(stderr).toMatch(/\nmda: the verifier cannot start: [^\n]*12[67][^\n]*\n$/);
  });
});

describe.concurrent('what the shell has started', () => {
  /** A verifier that leaves its own id and that of a child behind, and hears nothing. */
  const lingering = (name: string) => {
    const pids = folder.path(`${name}.pids`);
    return {
      verifier: `sleep 1000 & echo $! >> '${pids}'; echo $$ >> '${pids}'; trap '' TERM INT HUP; while :; do sleep 1000; done`,
      pids: () => {
        try {
          return readFileSync(pids, 'utf8').trim().split('\n').filter(Boolean).map(Number);
        } catch {
          return [];
        }
      },
    };
  };
  const isAlive = (pid: number): boolean => {
    try {
      // One that has ended and waits for somebody to notice is there, too.
      if (existsSync('/proc/self/stat')) return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const noneIsAlive = async (pids: readonly number[]) => {
    for (let tries = 0; tries < 100 && pids.some(isAlive); tries++) await sleep(50);
    expect(pids.filter(isAlive)).toEqual([]);
  };

  it('has ended after a time-out', async () => {
    const { verifier, pids } = lingering('timed-out');
    const { code } = await conformance('--verifier', verifier, '--only', 'csr', '--time-limit', '0.5');
    expect(code).toBe(1);
    expect(pids()).toHaveLength(2);
    await noneIsAlive(pids());
    expect(isAlive(process.pid)).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('has ended after a %s', async (signal) => {
    const { verifier, pids } = lingering(signal);
    const child = start(['conformance', '--vectors', VECTORS, '--verifier', verifier]);
    const run = collect(child);
    while (pids().length < 2) await sleep(20);
    child.kill(signal);
    await run;
    expect(child.signalCode).toBe(signal);
    await noneIsAlive(pids());
  });

  it('has ended after a fault of this program', async () => {
    const { verifier, pids } = lingering('fault');
    const fault = "setTimeout(() => { throw new RangeError('broken'); }, 1500)";
    const env = {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`if (process.argv[2] === 'conformance') ${fault}`)}`,
    };
    const { code } = await mda(['conformance', '--vectors', VECTORS, '--verifier', verifier], { env });
    expect(code).toBe(2);
    expect(pids()).toHaveLength(2);
    await noneIsAlive(pids());
  });
});

describe('speed', () => {
  it('a suite of 300 vectors goes through a pipe without waiting for each', async () => {
    const genuine = vectors.find(({ id }) => id === 'chain/genuine')!;
    for (let index = 0; index < 300; index++) {
      const id = `chain/n${index}`;
      writeVector('large', `${id}.json`, JSON.stringify({ ...genuine, id }));
    }
    // Not timed, for a machine may be busy: the limit of a case is what would break.
    const run = await mda(['conformance', '--vectors', folder.path('large'), '--verifier', VERIFIER]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('PASSED: passed 300, failed 0, unsupported 0');
  });
});

describe('usage errors end with 2, in a line on standard error', () => {
  const fails = async (args: readonly string[], ...words: readonly string[]) => {
    const { code, stdout, stderr } = await mda(['conformance', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mda: [^\u0000-\u001f\u007f-\u009f]+\n$/);
    expect(stderr).not.toContain('internal');
    for (const word of words) expect(stderr).toContain(word);
  };

  const LIMITS = ['0', '-1', 'x', '1e3', '3601', ''];
  const USAGE: readonly (readonly [readonly string[], string])[] = [
    [['verifier'], 'options'],
    [['--report', 'yaml'], 'junit'],
    [['--verifier', ''], '--verifier'],
    [['--verifier', ' '], '--verifier'],
    [['--verifier', 'a', '--verifier', 'b'], '--verifier'],
    [['--vectors', '/nonexistent'], '/nonexistent'],
    ...LIMITS.map((limit) => [['--time-limit', limit], '--time-limit'] as const),
  ];

  it.each(USAGE)('%j', async (args, word) => {
    await fails(args.includes('--vectors') ? args : ['--vectors', VECTORS, ...args], word);
  });

  it.each(['weather', 'chai', 'chain/none', 'chain/genuine/x', '/', '', '\u001b[2J'])('--only %j', async (only) => {
    await fails(['--vectors', VECTORS, '--only', 'csr', '--only', only], '--only');
  });

  it('a vector that breaks the schema, has an unknown flag, or is not at its path', async () => {
    const [vector] = vectors;
    const text = (members: object) => JSON.stringify({ ...vector, id: 'acme/x', ...members });
    const bad: readonly (readonly [string, string, string])[] = [
      ['no-json', '{', 'JSON'],
      ['unknown-member', text({ comment: '' }), 'comment'],
      ['unknown-flag', text({ flags: ['weather'] }), 'flags'],
      ['other-id', text({ id: 'acme/y' }), 'id'],
      ['not-utf8', '', 'UTF-8'],
    ];
    for (const [name, content, word] of bad) {
      const root = folderWith(name, 'acme/x.json', content);
      if (name === 'not-utf8') writeFileSync(folder.path('not-utf8/acme/x.json'), Uint8Array.of(0xff));
      // Also where other vectors were asked for.
      await fails(['--vectors', root, '--only', 'chain'], 'acme/x.json', word);
    }
    await fails(['--vectors', folderWith('top', 'x.json', text({}))], 'x.json', 'id');
    await fails(['--vectors', folderWith('deep', 'acme/x/y.json', text({}))], 'acme/x/y.json', 'id');
    await fails(['--vectors', folderWith('control', 'acme/\u001b.json', text({}))], 'u001b', 'id');
  });

  it('a folder without vectors', async () => {
    writeVector('empty', 'vector.schema.json', '{}');
    await fails(['--vectors', folder.path('empty')], 'no vectors');
  });
});
