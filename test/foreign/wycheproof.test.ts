import { describe, expect, it } from 'vitest';
import { derCursor } from '../../src/core/der.ts';
import { readPublicKey } from '../../src/core/public-key.ts';
import { verifySignature } from '../../src/core/signature.ts';
import { AttestationError } from '../../src/index.ts';
import { fromHexText, fromStandardBase64, hasShared, readSuite, tally } from './shared.ts';

/** Wycheproof (C2SP): ECDSA P-384 with SHA-384, signatures in DER. */

interface Group {
  readonly spki: string;
  readonly tests: readonly {
    readonly id: number;
    readonly result: 'valid' | 'invalid';
    readonly comment: string;
    readonly msg: string;
    readonly sig: string;
  }[];
}

describe.skipIf(!hasShared('suites'))('Wycheproof ECDSA P-384', () => {
  it('agrees with every result', async () => {
    const { groups } = readSuite('wycheproof-p384.json') as { groups: readonly Group[] };
    const results: string[] = [];
    const wrong: string[] = [];
    for (const { spki, tests } of groups) {
      const key = readPublicKey(derCursor(fromStandardBase64(spki)));
      for (const { id, result, comment, msg, sig } of tests) {
        const outcome = await verifySignature(key, 'SHA-384', fromHexText(sig), fromHexText(msg)).then(
          (verifies) => (verifies ? 'valid' : 'invalid by arithmetic'),
          (error: unknown) => {
            if (!(error instanceof AttestationError)) throw error;
            return 'invalid by form';
          },
        );
        results.push(`${result}: ${outcome}`);
        if ((outcome === 'valid') !== (result === 'valid')) wrong.push(`${id} ${comment}: ${outcome}`);
      }
    }
    console.log(tally(results));
    expect(wrong).toEqual([]);
    expect(tally(results.map((text) => text.replace(/:.*/, '')))).toEqual({ invalid: 310, valid: 194 });
  });
});
