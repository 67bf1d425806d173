import { describe, expect, it } from 'vitest';
import { toPem } from '../../src/index.ts';
import { collect, mda, start } from '../support/mda.ts';
import { mintChain } from '../support/mint.ts';

/** Breaks the platform under the program, as a fault of its own would: nothing of it may look like a verdict. */
const breaking = (statement: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(statement)}`,
});

describe('an internal error', () => {
  it('ends a command with 2, not with the 1 of a refusal', async () => {
    const stdin = toPem((await mintChain()).x5c);
    const env = breaking("crypto.subtle.digest = () => { throw new RangeError('broken'); }");
    const { code, stdout, stderr } = await mda(['inspect', '-'], { stdin, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('internal error');
  });

  it('is an answer of the verifier, which goes on', async () => {
    const env = breaking("Map.prototype.keys = () => { throw new RangeError('broken'); }");
    const stdin = '{"id":1,"op":"chain"}\n{"id":2,"op":"x"}\n';
    const { code, stdout, stderr } = await mda(['verifier'], { stdin, env });
    expect(code).toBe(0);
    expect(stdout).toBe('{"id":1,"result":"error","message":"internal error"}\n{"id":2,"result":"unsupported"}\n');
    expect(stderr).toContain('internal error');
  });

  it('that nobody catches ends the verifier with 2, and says so', async () => {
    const child = start(['verifier'], breaking("setTimeout(() => { throw new RangeError('broken'); }, 100)"));
    const { code, stderr } = await collect(child);
    expect(code).toBe(2);
    expect(stderr).toContain('internal error');
  });
});
