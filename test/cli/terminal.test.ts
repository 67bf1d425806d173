import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPem } from '../../src/index.ts';
import { painter, wantsColour } from '../../src/cli/colour.ts';
import { printable, quote } from '../../src/conformance/printable.ts';
import { renderTable } from '../../src/cli/table.ts';
import { columns, MAX_CELL_CHARACTERS, shorten, wrap } from '../../src/cli/wrap.ts';
import { MAIN, mda, temporaryFolder } from '../support/mda.ts';
import { mintChain } from '../support/mint.ts';

const ESCAPE = '\u001b';
const folder = temporaryFolder();
let file: string;

beforeAll(async () => {
  file = folder.write('chain.pem', toPem((await mintChain()).x5c));
});
afterAll(() => folder.remove());

describe('colour', () => {
  it('is for terminals, where the environment does not say no', () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(true, { TERM: 'xterm-256color', NO_COLOR: '' })).toBe(true);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '0' })).toBe(false);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour(false, {})).toBe(false);
  });

  it('is what the painter leaves out', () => {
    expect(painter(false)('red', 'text')).toBe('text');
    expect(painter(true)('red', 'text')).toBe(`${ESCAPE}[31mtext${ESCAPE}[0m`);
  });

  it('is not in a pipe', async () => {
    const { stdout } = await mda(['inspect', file], { env: { TERM: 'xterm', FORCE_COLOR: '1' } });
    expect(stdout).not.toContain(ESCAPE);
  });

  describe.skipIf(!existsSync('/usr/bin/script'))('on a pseudo-terminal', () => {
    const onTerminal = (args: string, env: Record<string, string>): string => {
      const command = `'${process.execPath}' '${MAIN}' ${args}`;
      const { PATH = '' } = process.env;
      return spawnSync('/usr/bin/script', ['-qec', command, '/dev/null'], {
        env: { PATH, TERM: 'xterm', SHELL: '/bin/sh', ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
        encoding: 'utf8',
      }).stdout;
    };

    it('is there, but not with NO_COLOR, nor in JSON', () => {
      expect(onTerminal(`inspect '${file}'`, {})).toContain(`${ESCAPE}[`);
      expect(onTerminal(`inspect '${file}'`, { NO_COLOR: '1' })).not.toContain(ESCAPE);
      expect(onTerminal(`inspect '${file}' --json`, {})).not.toContain(ESCAPE);
    });
  });
});

describe('text from outside', () => {
  it('is escaped where it could not be seen', () => {
    expect(printable('TMWFWWWP67 ü 漢')).toBe('TMWFWWWP67 ü 漢');
    expect(printable(`${ESCAPE}\n\u202e\u2028\u0085\ud800`)).toBe('\\u{1b}\\u{a}\\u{202e}\\u{2028}\\u{85}\\u{d800}');
  });

  it('is quoted in messages, and cut off', () => {
    expect(quote('a"b')).toBe('"a\\"b"');
    expect(quote('\u009b\n')).toBe('"\\u{9b}\\n"');
    expect(quote('x'.repeat(5000)).length).toBeLessThan(250);
  });

  it('keeps to its column', () => {
    const layout = { paint: painter(false), width: 40 };
    const rows = [
      { labels: ['one', 'passed'], text: 'a'.repeat(70) },
      { labels: ['three'], text: 'words that are broken at a space\nACCEPTED' },
    ];
    const lines = renderTable(rows, layout, '  ').split('\n');
    expect(lines.every((line) => columns(line) <= 41)).toBe(true);
    expect(lines.filter((line) => /^ {2}\S/.test(line)).length).toBe(rows.length);
  });

  it('wraps at spaces, in the columns that characters take', () => {
    expect(wrap('', 5)).toEqual(['']);
    expect(wrap('abcde', 5)).toEqual(['abcde']);
    expect(wrap('abc def', 5)).toEqual(['abc', 'def']);
    expect(wrap('abcde fgh', 5)).toEqual(['abcde', 'fgh']);
    expect(wrap('abcdefgh', 5)).toEqual(['abcde', 'fgh']);
    expect(wrap('漢漢漢', 5)).toEqual(['漢漢', '漢']);
  });

  it('does not fill the screen', () => {
    const most = 'x'.repeat(MAX_CELL_CHARACTERS);
    expect(shorten(most)).toBe(most);
    expect(shorten(`${most}yz`)).toMatch(/^x+ … 2 more/);
  });
});
