import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  evaluatePolicy,
  type Facts,
  parsePolicy,
  type PolicyDocument,
  type RuleDocument,
} from '../../src/policy/index.ts';
import { runs, SEED, settings } from '../hostile/generators.ts';
import { ABSENT, AT, macFacts, phoneFacts, reported } from './facts.ts';
import { anyFacts, anyNames, anyPolicy, anyReported, anyRule, disbelievingPolicy } from './generators.ts';

/** What holds for every policy and all facts. */

console.log(`FUZZ_SEED=${SEED}`);

const decide = (document: PolicyDocument, facts: Facts): Decision =>
  evaluatePolicy(parsePolicy(document), facts, { at: AT });
/** A property that is about permissions says nothing where there are none. */
const expectShare = (allowed: number, usual: number, share = 0.02): void => {
  expect(allowed / runs(usual)).toBeGreaterThan(share);
};
const ofRule = (rule: RuleDocument, facts: Facts): string => decide({ format: 1, rules: [rule] }, facts).outcome;

describe('every decision', () => {
  it('is of one mind: allowed, met and without a reason against it are the same', () => {
    let allowed = 0;
    fc.assert(
      fc.property(anyPolicy, anyFacts, (policy, facts) => {
        const decision = decide(policy, facts);
        expect(decision.allowed).toBe(decision.outcome === 'met');
        expect(decision.reasons.length === 0).toBe(decision.allowed);
        expect(
          decision.reasons.filter((reason) => reason.rule !== 'policy' && !decision.rules.includes(reason)),
        ).toEqual([]);
        for (const { outcome, negated } of decision.reasons)
          expect(['undetermined', negated ? 'met' : 'not met']).toContain(outcome);
        allowed += Number(decision.allowed);
      }),
      settings(2000),
    );
    expectShare(allowed, 2000);
  });

  it('depends on what is said and not on how the policy is stored', () => {
    fc.assert(
      fc.property(anyPolicy, anyFacts, (policy, facts) => {
        const stored = JSON.parse(JSON.stringify(parsePolicy(policy))) as PolicyDocument;
        expect(decide(stored, facts)).toEqual(decide(policy, facts));
      }),
      settings(500),
    );
  });
});

describe('three values', () => {
  it('are turned around by not, and undetermined stays', () => {
    const turned: Readonly<Record<string, string>> = { met: 'not met', 'not met': 'met', undetermined: 'undetermined' };
    fc.assert(
      fc.property(anyRule, anyFacts, (rule, facts) => {
        expect(ofRule({ not: rule }, facts)).toBe(turned[ofRule(rule, facts)]);
        expect(ofRule({ not: { not: rule } }, facts)).toBe(ofRule(rule, facts));
      }),
      settings(1500),
    );
  });

  it('obey De Morgan, whatever platforms the rules are for', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { minLength: 1, maxLength: 4 }), anyFacts, (rules, facts) => {
        const turned = rules.map((not): RuleDocument => ({ not }));
        expect(ofRule({ not: { all: rules } }, facts)).toBe(ofRule({ any: turned }, facts));
        expect(ofRule({ not: { any: rules } }, facts)).toBe(ofRule({ all: turned }, facts));
      }),
      settings(2000),
    );
  });
});

describe('a policy that does not believe the device', () => {
  it('lets nobody in for what the device says of itself, however the policy turns it around', () => {
    let allowed = 0;
    fc.assert(
      fc.property(disbelievingPolicy, anyFacts, anyReported, (policy, facts, said) => {
        if (!decide(policy, { ...facts, reported: said }).allowed) return;
        allowed += 1;
        expect(decide(policy, { ...facts, reported: {} }).allowed).toBe(true);
      }),
      settings(2500),
    );
    expectShare(allowed, 2500);
  });

  it('lets nobody in for hiding what Apple attests, as long as it names itself and the inventory knows what it is', () => {
    let allowed = 0;
    fc.assert(
      fc.property(disbelievingPolicy, anyFacts, anyNames, (policy, facts, names) => {
        const { attested, inventory } = facts;
        if (attested === undefined) return;
        const hidden = names.filter((name) => name !== 'serialNumber' && name !== 'udid');
        const less = { ...attested, ...Object.fromEntries(hidden.map((name) => [name, ABSENT])) };
        // A Mac in the inventory as an iPhone can stop being a Mac, but never against a record that is right.
        const rightly = { ...inventory, platform: inventory.platform && ('macos' as const) };
        const reportedRightly = { ...facts.reported, platform: reported('macos' as const) };
        const right = { attested, inventory: rightly, reported: reportedRightly };
        if (!decide(policy, { ...right, attested: less }).allowed) return;
        allowed += 1;
        expect(decide(policy, right).allowed).toBe(true);
      }),
      settings(2500),
    );
    expectShare(allowed, 2500);
  });

  it('lets nobody in without an attestation whom it would refuse with one, but for the name of the device', () => {
    let allowed = 0;
    fc.assert(
      fc.property(disbelievingPolicy, anyFacts, (policy, facts) => {
        const { attested, inventory, reported: said } = facts;
        if (attested === undefined) return;
        const named = { attested: { ...attested, serialNumber: ABSENT, udid: ABSENT }, inventory, reported: said };
        const isMac = { ...named, inventory: { ...inventory, platform: inventory.platform && ('macos' as const) } };
        const unplaced = { ...isMac, reported: { ...said, platform: ABSENT } };
        if (!decide(policy, { ...unplaced, attested: undefined }).allowed) return;
        allowed += 1;
        expect(decide(policy, unplaced).allowed).toBe(true);
      }),
      settings(2500),
    );
    // Few rules are met by anybody without an attestation.
    expectShare(allowed, 2500, 0.002);
  });
});

describe('facts of any value', () => {
  it('never make a decision fail, and let nobody in who has none of them', () => {
    const junk = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
    fc.assert(
      fc.property(
        anyPolicy,
        fc.constantFrom('osVersion', 'secureBoot', 'serialNumber', 'platform', 'fileVault', 'udid'),
        junk,
        (policy, name, value) => {
          for (const facts of [
            macFacts({ reported: { [name]: reported(value) } }),
            phoneFacts({
              reported: { [name]: reported(value) },
              attested: { osVersion: { ...macFacts().attested!.osVersion, value } as never },
            }),
          ])
            expect(['met', 'not met', 'undetermined']).toContain(decide(policy, facts).outcome);
        },
      ),
      settings(1500),
    );
  });
});
