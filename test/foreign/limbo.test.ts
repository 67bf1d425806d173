import { describe, expect, it } from 'vitest';
import {
  AttestationError,
  type Certificate,
  parseAttestationChain,
  parseCertificate,
  verifyChain,
} from '../../src/index.ts';
import { fromStandardBase64, hasShared, readSuite, tally } from './shared.ts';

/** x509-limbo (C2SP): path validation after RFC 5280, scored as `../shared/suites/README.md` says. */

interface LimboCase {
  readonly id: string;
  readonly class: 'MUST-ACCEPT' | 'MUST-REJECT' | 'IMPLEMENTATION-CHOICE';
  readonly expected: 'accept' | 'reject';
  readonly flavour: 'p384' | 'upstream';
  readonly why: string;
  readonly time: string | null;
  readonly leaf: string;
  readonly intermediates: readonly string[];
  readonly anchors: readonly string[];
}

/** Where the suite says "now": fixed, so that a run next year says the same. */
const NOW = '2026-11-24T00:00:00Z';
/** A thousand times what a path takes: for one that hangs, not for one that is slow. */
const TIME_BOX_MILLISECONDS = 5000;

const refusal = (error: unknown): string => {
  if (error instanceof AttestationError) return error.code;
  throw error;
};

/** Anchors that this library does not parse cannot be trusted with it, so the others are what the caller has. */
function parsable(anchors: readonly string[]): Certificate[] {
  return anchors.flatMap((anchor) => {
    try {
      return [parseCertificate(fromStandardBase64(anchor))];
    } catch (error) {
      refusal(error);
      return [];
    }
  });
}

async function judge({ leaf, intermediates, anchors, time }: LimboCase): Promise<string> {
  const trustAnchors = parsable(anchors);
  if (trustAnchors.length === 0) return 'no anchor that parses';
  try {
    const chain = parseAttestationChain([leaf, ...intermediates].map(fromStandardBase64));
    await verifyChain(chain, { trustAnchors, at: new Date(time ?? NOW) });
    return 'accepted';
  } catch (error) {
    return refusal(error);
  }
}

async function inTime(test: LimboCase): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve('late');
    }, TIME_BOX_MILLISECONDS);
  });
  const outcome = await Promise.race([judge(test), late]);
  clearTimeout(timer);
  return outcome;
}

describe.skipIf(!hasShared('suites'))('x509-limbo', () => {
  it('accepts what must be accepted and refuses what must be refused', { timeout: 60_000 }, async () => {
    const { cases } = readSuite('limbo-subset.json') as { cases: readonly LimboCase[] };
    expect(tally(cases.map((test) => `${test.flavour} ${test.class}`))).toEqual({
      'p384 IMPLEMENTATION-CHOICE': 64,
      'p384 MUST-ACCEPT': 10,
      'p384 MUST-REJECT': 50,
      'upstream IMPLEMENTATION-CHOICE': 38,
      'upstream MUST-ACCEPT': 10,
      'upstream MUST-REJECT': 29,
    });
    expect(new Set(cases.map(({ id }) => id.replace(/#.*/, ''))).size).toBe(129);

    const wrong: string[] = [];
    const score: string[] = [];
    for (const test of cases) {
      const outcome = await inTime(test);
      const verdict = outcome === 'accepted' ? 'accept' : 'reject';
      score.push(`${test.flavour} ${test.class}: ${verdict}, upstream says ${test.expected}`);
      const mayChoose = test.class === 'IMPLEMENTATION-CHOICE' && !test.id.startsWith('rfc5280::aki::leaf-missing-aki');
      // Real Apple leaves have no authority key identifier, so there the README overrules the suite.
      const expected = test.id.startsWith('rfc5280::aki::leaf-missing-aki') ? 'accept' : test.expected;
      if (outcome === 'late' || (!mayChoose && verdict !== expected))
        wrong.push(`${test.id}: ${outcome} (${test.why})`);
    }
    console.log(tally(score));
    expect(wrong).toEqual([]);
  });
});
