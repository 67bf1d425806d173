import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64Url } from '../../src/acme/base64url.ts';
import { AttestationError, fromBase64Url, toBase64Url } from '../../src/index.ts';
import { SEED, settings } from '../hostile/generators.ts';

/** The decoder of attestation objects is that of the core, at another speed. */

console.log(`FUZZ_SEED=${SEED}`);

function resultOf(decode: (text: string) => Uint8Array, text: string): unknown {
  try {
    return decode(text);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return error.code;
  }
}

it('reads what is written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeBase64Url(toBase64Url(bytes))).toEqual(new Uint8Array(bytes));
    }),
    settings(1000),
  );
});

it('reads and refuses the same as fromBase64Url: every text of up to two characters, and near ones', () => {
  const characters = Array.from({ length: 260 }, (_, code) => String.fromCharCode(code)).concat('\ud800', '\uff21');
  for (const first of ['', ...characters])
    for (const second of ['', 'A', 'g', 'w', '=', ...characters.filter((_, index) => index % 7 === 0)])
      for (const start of ['', 'AQID']) {
        const text = start + first + second;
        expect(resultOf(decodeBase64Url, text), JSON.stringify(text)).toEqual(resultOf(fromBase64Url, text));
      }
  const letters = fc.string({ unit: fc.constantFrom(...Array.from('AQgwZ019+/-_= \n\u0100')), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(letters, fc.string({ unit: 'binary' })), (text) => {
      expect(resultOf(decodeBase64Url, text)).toEqual(resultOf(fromBase64Url, text));
    }),
    settings(5000),
  );
});
