import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAIN, mda } from '../support/mda.ts';

const { version, bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
  bin: Record<string, string>;
};

const COMMANDS = ['verify', 'inspect', 'verifier', 'conformance', 'authority', 'simulate'];

describe('help and version', () => {
  it('prints the version of the package', async () => {
    for (const option of ['--version', '-V'])
      expect(await mda([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('is the one command of the package, and can be run by its path', () => {
    expect(Object.keys(bin)).toEqual(['mda']);
    expect(readFileSync(MAIN, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('shows the help that was asked for', async () => {
    const asked = [['--help'], ['-h'], ['help']];
    const general = await Promise.all(asked.map((args) => mda(args)));
    for (const { code, stdout, stderr } of general) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const word of COMMANDS) expect(stdout).toContain(word);
    }
    for (const command of COMMANDS) {
      const runs = await Promise.all([mda([command, '--help']), mda([command, '-h']), mda(['help', command])]);
      expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
      expect(runs[0]).toMatchObject({ code: 0, stderr: '' });
      expect(runs[0].stdout).toContain(`mda ${command}`);
    }
  });

  it('names every option of verify', async () => {
    const { stdout } = await mda(['help', 'verify']);
    for (const option of ['--at', '--nonce', '--token', '--no-freshness', '--trust-anchor', '--json'])
      expect(stdout).toContain(option);
  });

  it('names every option of conformance', async () => {
    const { stdout } = await mda(['help', 'conformance']);
    for (const option of ['--verifier', '--only', '--report', '--vectors', '--time-limit'])
      expect(stdout).toContain(option);
  });
});

describe('the help of simulate', () => {
  it('names every option', async () => {
    const [{ stdout }, { stdout: authority }] = await Promise.all([
      mda(['help', 'simulate']),
      mda(['authority', 'new', '--help']),
    ]);
    const options =
      '--directory --identifier --authority --ca --key-type --eab-key-id --eab-hmac-key --short-signatures --no-attest --fault --seed --out --json --platform --enrollment --serial-number --udid --os-version --sep-os-version --llb-version --software-update-device-id --sip --secure-boot --kernel-extensions --absent --blank --attestation-refused';
    for (const option of options.split(' ')) expect(stdout).toContain(option);
    for (const option of ['--out', '--seed', '--at']) expect(authority).toContain(option);
  });
});

describe.concurrent('usage errors end with 2, in a line on standard error', () => {
  it.each([
    [[]],
    [['frobnicate']],
    [['help', 'frobnicate']],
    [['constructor']],
    [['\u001b[2J\n']],
    [['verify']],
    [['verify', '--no-freshness']],
    [['verify', '', '--no-freshness']],
    [['verify', 'a', 'b', '--no-freshness']],
    [['verify', 'a', '--no-freshnes']],
    [['verify', 'a', '--no-freshness', '--\u001b[2J']],
    [['verify', 'a', '--no-freshness', '--json=yes']],
    [['verify', 'a', '--nonce']],
    [['verify', 'a', '--token', '--json']],
    [['verify', 'a', '--no-freshness', '--at', '2026-06-01', '--at', '2026-06-02']],
    [['inspect']],
    [['inspect', 'a', 'b']],
    [['verifier', 'a']],
    [['verifier', '--json']],
  ])('%j', async (args) => {
    const { code, stdout, stderr } = await mda(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });

    expect(stderr).toMatch(/^mda: [^\u0000-\u001f\u007f-\u009f]+\n$/);
    expect(stderr).not.toContain('internal');
  });
});
