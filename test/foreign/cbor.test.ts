import { describe, expect, it } from 'vitest';
import { type CborValue, decodeCbor } from '../../src/core/cbor.ts';
import { AttestationError } from '../../src/index.ts';
import { fromHexText, hasShared, readSuite, tally } from './shared.ts';

/** RFC 8949, Appendix A and F, and what only a strict decoder refuses. */

interface CborSuite {
  readonly notWellFormed: readonly { readonly hex: string; readonly why: string }[];
  readonly wellFormed: readonly { readonly hex: string; readonly decoded?: unknown; readonly diagnostic?: string }[];
  readonly strictOnly: readonly { readonly hex: string; readonly why: string }[];
}

/** The value as the suite writes it in JSON; byte strings as diagnostic notation. */
function toJson(value: CborValue): unknown {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return `h'${Buffer.from(value).toString('hex')}'`;
  if (value instanceof Map)
    return Object.fromEntries([...(value as ReadonlyMap<string, CborValue>)].map(([key, item]) => [key, toJson(item)]));
  return (value as readonly CborValue[]).map(toJson);
}

function decode(hex: string): { readonly value: unknown } | { readonly code: string } {
  try {
    return { value: toJson(decodeCbor(fromHexText(hex))) };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { code: error.code };
  }
}

describe.skipIf(!hasShared('suites'))('CBOR vectors', () => {
  it('refuses what is ill-formed and what only a strict decoder refuses', () => {
    const { notWellFormed, strictOnly } = readSuite('cbor-vectors.json') as CborSuite;
    expect([notWellFormed.length, strictOnly.length]).toEqual([94, 13]);
    const outcomes = [...notWellFormed, ...strictOnly].map(({ hex, why }) => ({ hex, why, ...decode(hex) }));
    console.log(tally(outcomes.map((outcome) => ('code' in outcome ? outcome.code : 'accepted'))));
    expect(outcomes.filter((outcome) => 'value' in outcome)).toEqual([]);
    // Whatever else is wrong with an item, its code is one of CBOR's.
    for (const outcome of outcomes) expect(outcome).toHaveProperty('code', expect.stringMatching(/^ERR_MDA_CBOR_/));
  });

  it('decodes what is well-formed to the value shown, or refuses it on purpose', () => {
    const { wellFormed } = readSuite('cbor-vectors.json') as CborSuite;
    expect(wellFormed).toHaveLength(81);
    // On purpose: numbers, tags, simple values and floats, keys that are not text, indefinite lengths.
    const onPurpose = ['ERR_MDA_CBOR_TYPE', 'ERR_MDA_CBOR_KEY', 'ERR_MDA_CBOR_INDEFINITE'];
    const results = wellFormed.map(({ hex, decoded, diagnostic }) => {
      const outcome = decode(hex);
      if ('value' in outcome) expect(outcome.value, hex).toEqual(decoded ?? diagnostic);
      else expect(onPurpose, hex).toContain(outcome.code);
      return 'value' in outcome ? 'decoded' : outcome.code;
    });
    console.log(tally(results));
    // All of the strings, and the containers that hold nothing but strings.
    expect(results.filter((result) => result === 'decoded')).toHaveLength(13);
  });
});
