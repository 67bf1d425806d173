import { describe, expect, it } from 'vitest';
import {
  answerRequest,
  type OpenVerifier,
  type Reception,
  runVectors,
  type RunVectorsOptions,
  type Vector,
  verifierFromFunction,
} from '../../src/conformance/index.ts';
import { mintVectors } from '../support/vectors.ts';

const vectors = await mintVectors();

const only = (...ids: readonly string[]): readonly Vector[] => ids.map((id) => vectors.find((one) => one.id === id)!);

/** Answers of a verifier that is wrong about everything, or right, by id. */
const run = (some: readonly Vector[], answer: (request: { readonly id: string }) => unknown, compareCodes = true) =>
  runVectors(some, verifierFromFunction(answer as (request: unknown) => unknown), { compareCodes });

const outcomes = ({ cases }: Awaited<ReturnType<typeof runVectors>>) =>
  cases.map(({ outcome, kind }) => kind ?? outcome);

describe('the library itself', () => {
  it('passes what it supports', async () => {
    const report = await run(vectors, answerRequest);
    expect(report).toMatchObject({
      conforms: true,
      passed: 10,
      failed: 0,
      unsupported: 0,
      folders: [
        { folder: 'acme', passed: 3, failed: 0, unsupported: 0 },
        { folder: 'chain', passed: 3, failed: 0, unsupported: 0 },
        { folder: 'csr', passed: 1, failed: 0, unsupported: 0 },
        { folder: 'device-information', passed: 1, failed: 0, unsupported: 0 },
        { folder: 'properties', passed: 2, failed: 0, unsupported: 0 },
      ],
    });
    expect(report.cases.map(({ id }) => id)).toEqual(vectors.map(({ id }) => id));
    expect(report.cases.find(({ id }) => id === 'chain/expired')).toEqual({
      id: 'chain/expired',
      title: 'One sentence.',
      flags: ['path', 'time'],
      source: 'RFC 5280, 6.1.3',
      because: 'notAfter lies before at',
      outcome: 'passed',
      kind: undefined,
      expected: undefined,
      got: undefined,
    });
  });

  it('gives the same report twice', async () => {
    expect(await run(vectors, answerRequest)).toEqual(await run(vectors, answerRequest));
  });
});

describe('a case', () => {
  it('fails with the wrong result', async () => {
    const accepted = await run(only('chain/expired'), ({ id }) => ({ id, result: 'accept' }));
    expect(accepted.cases[0]).toMatchObject({
      kind: 'result',
      expected: 'reject with ERR_MDA_CHAIN_EXPIRED',
      got: 'accept',
    });
    const rejected = await run(only('chain/genuine'), ({ id }) => ({ id, result: 'reject', code: 'NO' }));
    expect(rejected.cases[0]).toMatchObject({ kind: 'result', expected: 'accept', got: 'reject with NO' });
    const unexplained = await run(only('chain/genuine'), ({ id }) => ({ id, result: 'reject' }));
    expect(unexplained.cases[0]).toMatchObject({ kind: 'result', got: 'reject' });
    expect([accepted, rejected].map(({ conforms }) => conforms)).toEqual([false, false]);
  });

  it('of either passes with both, and with nothing else', async () => {
    const either = only('chain/empty');
    for (const result of ['accept', 'reject'])
      expect(outcomes(await run(either, ({ id }) => ({ id, result })))).toEqual(['passed']);
    const failed = await run(either, ({ id }) => ({ id, result: 'error', message: 'x5c' }));
    expect(failed.cases[0]).toMatchObject({
      kind: 'error',
      expected: 'accept or reject',
      because: 'there is nothing to judge',
    });
  });

  it('compares codes only where it was asked to, and only where there is one', async () => {
    const rejects = only('chain/expired', 'properties/not-base64');
    for (const code of ['EXPIRED', undefined]) {
      const answer = ({ id }: { readonly id: string }) => ({ id, result: 'reject', code });
      expect(outcomes(await run(rejects, answer))).toEqual(['code', 'passed']);
      expect(outcomes(await run(rejects, answer, false))).toEqual(['passed', 'passed']);
    }
  });

  it('compares the members of the answer, and names the first that differs', async () => {
    const [genuine] = only('device-information/cached');
    const { answer } = genuine as { readonly answer: { readonly properties: Record<string, unknown> } };
    const got = async (members: object) => {
      const report = await run([genuine!], ({ id }) => ({ id, result: 'accept', ...answer, ...members }));
      const { outcome, expected, got } = report.cases[0]!;
      return [outcome, expected, got];
    };
    const { properties } = answer;
    const reversed = Object.fromEntries(Object.entries(properties).reverse());
    expect((await got({ properties: reversed }))[0]).toBe('passed');
    expect(await got({ freshness: 'fresh' })).toEqual([
      'failed',
      'accept, freshness: "not-requested"',
      'freshness: "fresh"',
    ]);
    expect(await got({ publicKey: undefined })).toEqual(['failed', expect.anything(), 'publicKey: nothing']);
    for (const [udid, expected, found] of [
      [{ status: 'absent' }, 'status: "attested"', 'status: "absent"'],
      [undefined, ': an object', ': nothing'],
      [[], ': an object', ': an array of 0'],
      [null, ': an object', ': null'],
      [{ status: 'attested', value: { x: 1 } }, 'value: "00006030-0000000000000001"', 'value: an object'],
    ] as const)
      expect(await got({ properties: { ...properties, udid } })).toEqual([
        'failed',
        expect.stringContaining(`properties.udid${expected.startsWith(':') ? '' : '.'}${expected}`),
        expect.stringContaining(found),
      ]);
    expect(await got({ properties: { ...properties, colour: 1 } })).toEqual([
      'failed',
      'accept, properties.colour: nothing',
      'properties.colour: 1',
    ]);
    expect((await got({ properties: { ...properties, other: [{ oid: '1.2', bytes: '' }] } }))[2]).toBe(
      'properties.other.0: an object',
    );
  });

  it('is not failed by what the verifier does not support, but nothing passed is no success', async () => {
    const report = await run(vectors, ({ id }) => ({ id, result: 'unsupported' }));
    expect(report).toMatchObject({ conforms: false, passed: 0, failed: 0, unsupported: vectors.length });
    expect(await run([], answerRequest)).toMatchObject({ conforms: false, folders: [], cases: [] });
  });

  it('shows what the verifier wrote cut off and without characters that drive a terminal', async () => {
    const message = `\u001b[2J\n\u202e\ud800${'x'.repeat(1000)}`;
    const report = await run(only('chain/genuine'), ({ id }) => ({ id, result: 'error', message }));
    const { got } = report.cases[0]!;
    expect(got).toMatch(/^error: \\u\{1b\}\[2J\\u\{a\}\\u\{202e\}\\u\{d800\}x+…$/);
    expect(got!.length).toBeLessThan(400);
  });
});

/** A verifier of the lines that a program would write: what it makes of the requests it has read so far. */
interface Program {
  /** The number of times it was started. */
  starts: number;
  readonly open: OpenVerifier;
}

type Behaviour = (lines: readonly string[], answered: number) => Reception | undefined;

/** Undefined: it says nothing more. */
function program(behave: Behaviour): Program {
  const one: Program = {
    starts: 0,
    open: () => {
      one.starts++;
      const lines: string[] = [];
      let answered = 0;
      return Promise.resolve({
        send: (line) => void lines.push(line),
        receive: async () => behave(lines, answered++) ?? (await new Promise<never>(() => undefined)),
        close: () => Promise.resolve(),
      });
    },
  };
  return one;
}

const idOf = (line: string | undefined) => (JSON.parse(line!) as { readonly id: string }).id;
const line = (value: object): Reception => ({ kind: 'line', line: JSON.stringify(value) });
/** Whatever is asked, in order. */
const answerTo = (lines: readonly string[], answered: number) => line({ id: idOf(lines[answered]), result: 'reject' });

const many = Array.from({ length: 40 }, (_, index): Vector => ({
  ...(only('properties/not-base64')[0] as Extract<Vector, { result: 'reject' }> & { op: 'properties' }),
  id: `properties/n${String(index).padStart(2, '0')}`,
}));

const OPTIONS: RunVectorsOptions = { compareCodes: false, timeLimitSeconds: 0.05 };

/** What came of each case that did not pass. */
async function failuresOf(behave: Behaviour, some = many) {
  const one = program(behave);
  const report = await runVectors(some, one.open, OPTIONS);
  expect(report.passed + report.failed).toBe(some.length);
  const failures = report.cases.filter(({ outcome }) => outcome === 'failed');
  return { starts: one.starts, failures: failures.map(({ id, kind }) => [id.slice(-2), kind]) };
}

describe('a verifier', () => {
  it('is sent several requests before it answers the first', async () => {
    let most = 0;
    const { failures, starts } = await failuresOf((lines, answered) => {
      most = Math.max(most, lines.length - answered);
      return answerTo(lines, answered);
    });
    expect({ failures, starts, most }).toEqual({ failures: [], starts: 1, most: 16 });
  });

  const BAD: readonly (readonly [string, Reception | undefined])[] = [
    ['crashed', { kind: 'ended', detail: 'it ended with exit code 1' }],
    ['timed-out', undefined],
    ['over-long', { kind: 'over-long' }],
    ['rubbish', { kind: 'line', line: 'Listening' }],
    ['rubbish', { kind: 'line', line: '{"id":"properties/n20","result":"ok"}' }],
    ['out-of-order', line({ id: 'properties/n99', result: 'reject' })],
    ['out-of-order', line({ id: 1, result: 'reject' })],
  ];

  it.each(BAD)('that is %s at one request fails there alone, and the rest still runs', async (kind, bad) => {
    const { failures, starts } = await failuresOf((lines, answered) =>
      idOf(lines[answered]) === 'properties/n20' ? bad : answerTo(lines, answered),
    );
    expect(failures).toEqual([['20', kind]]);
    // Started anew to ask one at a time, and once more after the one that it fell over.
    expect(starts).toBe(3);
  });

  it.each(BAD)('that is %s at the last request fails there', async (kind, bad) => {
    const { failures, starts } = await failuresOf((lines, answered) =>
      idOf(lines[answered]) === 'properties/n39' ? bad : answerTo(lines, answered),
    );
    expect(failures).toEqual([['39', kind]]);
    expect(starts).toBe(1);
  });

  it.each(BAD)('that is always %s fails everywhere', async (kind, bad) => {
    const { failures } = await failuresOf(() => bad, many.slice(0, 5));
    expect(failures.map(([, got]) => got)).toEqual(Array(5).fill(kind));
  });

  it('that reads ahead and crashes is charged with the request that it crashes at, not with the next in turn', async () => {
    const { failures } = await failuresOf((lines, answered) =>
      lines.some((one) => idOf(one) === 'properties/n20') ? { kind: 'ended', detail: '' } : answerTo(lines, answered),
    );
    expect(failures).toEqual([['20', 'crashed']]);
  });

  it('that answers as it likes while several are under way has failed, though it answers each alone', async () => {
    const { failures, starts } = await failuresOf((lines, answered) =>
      answerTo(lines, lines.length - answered > 1 ? answered + 1 : answered),
    );
    expect({ failures, starts }).toEqual({ failures: [['00', 'out-of-order']], starts: 2 });
  });

  it('that cannot read an id has called the request malformed', async () => {
    const { failures } = await failuresOf(() => line({ id: null, result: 'error', message: 'id' }), many.slice(0, 1));
    expect(failures).toEqual([['00', 'error']]);
  });

  it('that cannot start ends the run with its error', async () => {
    const fault = new RangeError('no such program');
    await expect(runVectors(many, () => Promise.reject(fault), OPTIONS)).rejects.toBe(fault);
  });

  it('is closed once for each time it was opened, also where its connection breaks', async () => {
    const fault = new RangeError('broken');
    let [opened, closed] = [0, 0];
    const open: OpenVerifier = () => {
      opened++;
      return Promise.resolve({
        send: () => undefined,
        receive: () => (opened < 3 ? Promise.resolve({ kind: 'over-long' }) : Promise.reject(fault)),
        close: () => {
          closed++;
          return Promise.resolve();
        },
      });
    };
    await expect(runVectors(many, open, OPTIONS)).rejects.toBe(fault);
    expect([opened, closed]).toEqual([3, 3]);
  });
});

describe('a fault of the program', () => {
  it('is no failure of the verifier', async () => {
    const fault = new RangeError('broken');
    const parse = JSON.parse;
    const { open } = program(answerTo);
    const broken = {
      get result() {
        throw fault;
      },
    };
    JSON.parse = (text: string) => {
      const value = parse(text) as object;
      return 'op' in value ? value : broken;
    };
    try {
      await expect(runVectors(many, open, OPTIONS)).rejects.toBe(fault);
    } finally {
      JSON.parse = parse;
    }
  });
});

describe('a verifier made of a function', () => {
  it('is asked one at a time; what it throws is a crash, what JSON does not know is rubbish', async () => {
    let underWay = 0;
    const answers = new Map<string, () => unknown>([
      ['00', () => undefined],
      ['01', () => Symbol('x')],
      ['02', () => 1n],
      ['04', () => new Promise(() => undefined)],
    ]);
    const open = verifierFromFunction(async (request) => {
      expect(++underWay).toBe(1);
      await Promise.resolve();
      underWay--;
      const { id } = request as { readonly id: string };
      const answer = answers.get(id.slice(-2));
      return answer === undefined ? { id, result: 'reject' } : answer();
    });
    const { cases } = await runVectors(many.slice(0, 6), open, OPTIONS);
    expect(cases.map(({ kind }) => kind)).toEqual(['rubbish', 'rubbish', 'crashed', undefined, 'timed-out', undefined]);
  });

  it('may throw what has no text, which is a crash like any other', async () => {
    const things = [
      Object.create(null),
      {
        toString: () => {
          throw new Error('no text');
        },
      },
      Object.assign(new Error('x'), { toString: () => 7n }),
      Symbol('x'),
      undefined,
    ] as readonly unknown[] as readonly Error[];
    let next = 0;
    const open = verifierFromFunction(() => Promise.reject(things[next++]!));
    const { cases } = await runVectors(many.slice(0, things.length), open, OPTIONS);
    expect(cases.map(({ kind }) => kind)).toEqual(things.map(() => 'crashed'));
  });

  it('is a function', () => {
    expect(() => verifierFromFunction('mda verifier' as never)).toThrow(TypeError);
  });
});

describe('a caller’s mistake is a TypeError', () => {
  const LIMITS = [0, -1, NaN, Infinity, 86_401];
  const MISTAKES: readonly (readonly [string, unknown])[] = [
    ['no options', undefined],
    ['no choice about codes', {}],
    ['a choice that is none', { compareCodes: 'yes' }],
    ['an unknown option', { compareCodes: true, codes: true }],
    ...LIMITS.map((limit) => [`a limit of ${limit}`, { compareCodes: true, timeLimitSeconds: limit }] as const),
  ];

  it.each(MISTAKES)('%s', async (_, options) => {
    await expect(runVectors(vectors, verifierFromFunction(answerRequest), options as never)).rejects.toThrow(TypeError);
  });

  it('two vectors with one id', async () => {
    const twice = [...vectors, ...only('chain/genuine')];
    await expect(run(twice, answerRequest)).rejects.toThrow(TypeError);
  });
});
