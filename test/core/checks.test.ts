import { describe, expect, it } from 'vitest';
import { type Check, reportChecks, runChecks } from '../../src/core/checks.ts';
import { AttestationError } from '../../src/index.ts';
import { rejectionOf } from '../support/refusal.ts';

type Log = string[];

const check = (name: Check<Log>['name'], run: Check<Log>['run']): Check<Log> => ({
  name,
  reference: `reference of ${name}`,
  run,
});

const passing = (name: Check<Log>['name']): Check<Log> => check(name, (log) => void log.push(name));
const failing = (name: Check<Log>['name'], code: AttestationError['code']): Check<Log> =>
  check(name, (log) => {
    log.push(name);
    throw new AttestationError(code, { certificate: 7 });
  });
const waiting = (name: Check<Log>['name']): Check<Log> =>
  check(name, async (log) => {
    await Promise.resolve();
    log.push(name);
  });

describe('a list of checks', () => {
  it('runs in its order, one after the other', async () => {
    const log: Log = [];
    await runChecks([waiting('names'), passing('validity'), waiting('leaf')], log);
    expect(log).toEqual(['names', 'validity', 'leaf']);
  });

  it('stops at the first that fails, and throws that', async () => {
    const log: Log = [];
    const checks = [passing('names'), failing('leaf', 'ERR_MDA_CHAIN_LEAF_IS_CA'), passing('signatures')];
    expect(await rejectionOf(runChecks(checks, log))).toMatchObject({ code: 'ERR_MDA_CHAIN_LEAF_IS_CA' });
    expect(log).toEqual(['names', 'leaf']);
  });

  it('is reported to its end, with the error of the first that fails', async () => {
    const log: Log = [];
    const { reports, error } = await reportChecks(
      [
        passing('names'),
        failing('leaf', 'ERR_MDA_CHAIN_LEAF_IS_CA'),
        waiting('signatures'),
        failing('freshness', 'ERR_MDA_FRESHNESS_MISSING'),
      ],
      log,
    );
    expect(error).toMatchObject({ code: 'ERR_MDA_CHAIN_LEAF_IS_CA' });
    expect(log).toEqual(['names', 'leaf', 'signatures', 'freshness']);
    expect(reports.map(({ name, outcome, code, certificate }) => [name, outcome, code, certificate])).toEqual([
      ['names', 'passed', undefined, undefined],
      ['leaf', 'failed', 'ERR_MDA_CHAIN_LEAF_IS_CA', 7],
      ['signatures', 'passed', undefined, undefined],
      ['freshness', 'failed', 'ERR_MDA_FRESHNESS_MISSING', 7],
    ]);
    for (const { name, detail, reference } of reports) {
      expect(reference).toBe(`reference of ${name}`);
      expect(detail).not.toBe('');
    }
  });

  it('is reported with a detail for people: facts where a check has any, and why it did not run', async () => {
    const { reports } = await reportChecks(
      [
        passing('names'),
        { ...passing('validity'), facts: (log) => `after ${log.length} checks` },
        { ...passing('leaf'), isAsked: () => false },
        failing('signatures', 'ERR_MDA_CHAIN_TRUST_ANCHOR'),
        failing('freshness', 'ERR_MDA_CHAIN_TRUST_ANCHOR'),
      ],
      [],
    );
    const [names, validity, leaf, signatures, freshness] = reports;
    expect(names).toMatchObject({ outcome: 'passed', detail: 'holds' });
    expect(validity).toMatchObject({ outcome: 'passed', detail: 'after 2 checks' });
    expect(leaf?.outcome).toBe('not run');
    expect(signatures?.outcome).toBe('failed');
    expect(freshness?.outcome).toBe('not run');
    expect(leaf?.detail).toMatch(/\w/);
    expect(freshness?.detail).toMatch(/\w/);
    // Left out on purpose, and without what it needs: somebody who reads the report can tell them apart.
    expect(leaf?.detail).not.toBe(freshness?.detail);
  });

  it('hides no fault of this library behind a verdict', async () => {
    const broken = check('names', () => {
      throw new RangeError('a bug');
    });
    await expect(runChecks([broken], [])).rejects.toThrow(RangeError);
    await expect(reportChecks([broken], [])).rejects.toThrow(RangeError);
  });
});
