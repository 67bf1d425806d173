import { readFileSync, statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { certificateFingerprint, fromPem, parseCertificate } from '../../src/index.ts';
import { toHex } from '../../src/core/bytes.ts';
import { mda, temporaryFolder } from '../support/mda.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const text = (path: string): string => readFileSync(folder.path(path), 'utf8');

describe('mda authority new', () => {
  it('writes root, Sub CA and a secret that nobody else can read', async () => {
    const { code, stdout, stderr } = await mda(['authority', 'new', '--out', folder.path('a/new')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const root = parseCertificate(fromPem(text('a/new/root.pem'))[0]!);
    const subCa = parseCertificate(fromPem(text('a/new/sub-ca.pem'))[0]!);
    expect([root.subject.text, subCa.issuer.text]).toEqual([root.issuer.text, root.subject.text]);
    expect(root.subject.text).toContain('Simulated');
    const secret = JSON.parse(text('a/new/authority.json')) as Record<string, string>;
    expect(Object.keys(secret)).toEqual(['format', 'warning', 'seed', 'at', 'rootFingerprint']);
    expect(secret['rootFingerprint']).toBe(toHex(await certificateFingerprint(root)));
    expect(secret['seed']).toMatch(/^[0-9a-f]{64}$/);
    expect(secret['warning']).toContain('secret');
    if (process.platform !== 'win32') expect(statSync(folder.path('a/new/authority.json')).mode & 0o777).toBe(0o600);
    expect(stdout).toContain(secret['rootFingerprint']);
    expect(stdout).toContain('a secret');
    expect(stdout).not.toContain(secret['seed']);
  });

  it('writes the same again for the same seed and time', async () => {
    const run = (name: string, ...more: readonly string[]) =>
      mda(['authority', 'new', '--out', folder.path(name), '--at', '2026-06-01T12:00:00.5Z', ...more]);
    await Promise.all([run('one', '--seed', 's'), run('two', '--seed', 's'), run('three'), run('four')]);
    const files = ['one', 'two', 'three', 'four'].map((name) =>
      ['authority.json', 'root.pem', 'sub-ca.pem'].map((file) => text(`${name}/${file}`)),
    );
    expect(files[0]).toEqual(files[1]);
    expect(new Set(files.map(([, root]) => root)).size).toBe(3);
    expect(JSON.parse(files[0]![0]!)).toMatchObject({ seed: 's', at: '2026-06-01T12:00:00.000Z' });
  });

  it.each(['authority.json', 'root.pem', 'sub-ca.pem'])(
    'overwrites no %s, and writes nothing beside it',
    async (file) => {
      const there = folder.path(`there-${file}`);
      await mda(['authority', 'new', '--out', there]);
      const before = ['authority.json', 'root.pem', 'sub-ca.pem'].map((name) =>
        readFileSync(`${there}/${name}`, 'utf8'),
      );
      const { code, stdout, stderr } = await mda(['authority', 'new', '--out', there]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^mda: .*exists.*\n$/);
      const after = ['authority.json', 'root.pem', 'sub-ca.pem'].map((name) =>
        readFileSync(`${there}/${name}`, 'utf8'),
      );
      expect(after).toEqual(before);
    },
  );

  it.each([
    [['authority']],
    [['authority', 'show']],
    [['authority', 'new']],
    [['authority', 'new', '--out', '']],
    [['authority', 'new', '--out', 'x', 'y']],
    [['authority', 'new', '--out', 'x', '--seed', '']],
    [['authority', 'new', '--out', 'x', '--at', 'tomorrow']],
    [['authority', 'new', '--out', '/dev/null/x']],
  ])('%j is a usage error', async (args) => {
    const { code, stdout, stderr } = await mda(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^mda: [^\n]+\n$/);
    expect(stderr).not.toContain('internal');
  });
});
