import { describe, expect, it } from 'vitest';
import { parseAttestationObject } from '../../src/acme/index.ts';
import { AttestationError, fromBase64Url, freshnessCodeForToken, verifyAttestation } from '../../src/index.ts';
import { hasShared, readSuite, tally } from './shared.ts';

/** Genuine WebAuthn attestations (SimpleWebAuthn's fixtures): signed by somebody, and of no device that Apple manages. */

interface ForeignCase {
  readonly id: string;
  readonly fmt: string;
  readonly attObj: string;
}

async function judge(attObj: string): Promise<string> {
  try {
    const { chain } = parseAttestationObject(fromBase64Url(attObj));
    await verifyAttestation(chain, {
      at: new Date('2026-11-24T00:00:00Z'),
      expectedFreshnessCode: await freshnessCodeForToken('LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0'),
    });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return error.code;
  }
}

describe.skipIf(!hasShared('suites'))('attestations of other kinds', () => {
  it('are all refused', async () => {
    const { cases } = readSuite('foreign-attestations.json') as { cases: readonly ForeignCase[] };
    expect(cases).toHaveLength(11);
    const outcomes = await Promise.all(cases.map(async ({ fmt, attObj }) => `${fmt}: ${await judge(attObj)}`));
    console.log(tally(outcomes));
    expect(outcomes.filter((outcome) => outcome.endsWith('accepted'))).toEqual([]);
    expect(cases.filter(({ fmt }) => fmt === 'apple')).toHaveLength(1);
  });
});
