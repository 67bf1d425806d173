import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LifetimePlan, planLifetime, type PlanLifetimeOptions } from '../../src/identity/index.ts';
import type { VerifiedAttestation } from '../../src/index.ts';
import { factsFrom } from '../../src/mdm/index.ts';
import {
  type AttestationAgeRule,
  evaluatePolicy,
  type Facts,
  parsePolicy,
  type RuleDocument,
} from '../../src/policy/index.ts';
import { runs, SEED, settings } from '../hostile/generators.ts';
import { AT } from '../support/mint.ts';
import { attested } from './world.ts';

console.log(`FUZZ_SEED=${SEED}`);

const HOUR = 3600;
const DAY = 24 * HOUR;
const ATTESTED_AT = new Date('2026-05-01T00:00:00Z');
const LEAF_NOT_AFTER = new Date('2026-07-31T00:00:00Z');
/** How old the attestation is at the time of the tests. */
const AGE = (AT.getTime() - ATTESTED_AT.getTime()) / 1000;

let attestation: VerifiedAttestation;
let facts: Facts;
beforeAll(async () => {
  ({ attestation } = await attested());
  facts = await factsFrom({ attestation, inventory: { platform: 'macos' } });
});

const age = (maximumSeconds: number): AttestationAgeRule => ({ rule: 'attestation-age', maximumSeconds });
const plan = (options: Partial<PlanLifetimeOptions> = {}): LifetimePlan =>
  planLifetime({ attestation, at: AT, maximumSeconds: 7 * DAY, ...options });
const planFor = (...rules: readonly RuleDocument[]): LifetimePlan =>
  plan({ policy: parsePolicy({ format: 1, rules }) });
const after = (seconds: number): Date => new Date(AT.getTime() + 1000 * seconds);

describe('planLifetime', () => {
  it('gives no more than is asked for', () => {
    expect(plan({ backdateSeconds: 300 })).toEqual({
      status: 'planned',
      notBefore: after(-300),
      notAfter: after(7 * DAY),
      validForSeconds: 7 * DAY,
      boundedBy: [{ by: 'maximum' }],
    });
  });

  it('gives no more than the attestation and the authority have', () => {
    expect(plan({ maximumSeconds: 365 * DAY })).toMatchObject({
      notAfter: LEAF_NOT_AFTER,
      boundedBy: [{ by: 'attestation' }],
    });
    const issuerNotAfter = after(HOUR + 0.5);
    expect(plan({ issuerNotAfter })).toMatchObject({ notAfter: after(HOUR), boundedBy: [{ by: 'issuer' }] });
    expect(plan({ issuerNotAfter: after(7 * DAY) })).toMatchObject({
      boundedBy: [{ by: 'maximum' }, { by: 'issuer' }],
    });
  });

  it('begins no earlier than the attestation', () => {
    expect(plan({ at: ATTESTED_AT, backdateSeconds: 300 })).toMatchObject({ notBefore: ATTESTED_AT });
    expect(plan()).toMatchObject({ notBefore: AT });
  });

  it('gives whole seconds', () => {
    const at = new Date(AT.getTime() + 999);
    const given = plan({ at, backdateSeconds: 1, maximumSeconds: 10 });
    expect(given).toMatchObject({ notBefore: after(-1), notAfter: after(10), validForSeconds: 9 });
  });

  it('refuses where nothing is left, or too little', () => {
    expect(plan({ at: LEAF_NOT_AFTER })).toEqual({
      status: 'refused',
      reason: 'nothing-left',
      boundedBy: [{ by: 'attestation' }],
    });
    const almost = new Date(LEAF_NOT_AFTER.getTime() - 60_000);
    expect(plan({ at: almost, minimumSeconds: 60 }).status).toBe('planned');
    expect(plan({ at: almost, minimumSeconds: 61 }).status).toBe('refused');
    expect(plan({ at: new Date(8.64e15) }).status).toBe('refused');
    expect(plan({ issuerNotAfter: AT })).toMatchObject({ status: 'refused', boundedBy: [{ by: 'issuer' }] });
  });

  it('refuses before the attestation', () => {
    expect(plan({ at: new Date(ATTESTED_AT.getTime() - 1) })).toEqual({
      status: 'refused',
      reason: 'not-yet-attested',
      boundedBy: [],
    });
  });

  it('ends before the attestation is too old for the policy, and refuses where it is', () => {
    expect(planFor({ rule: 'supervised' }, age(AGE + DAY))).toMatchObject({
      notAfter: after(DAY),
      boundedBy: [{ by: 'policy', path: 'rules[1]' }],
    });
    expect(planFor(age(AGE + DAY), { all: [age(AGE + HOUR)] })).toMatchObject({
      notAfter: after(HOUR),
      boundedBy: [{ by: 'policy', path: 'rules[1].all[0]' }],
    });
    for (const rule of [
      age(AGE),
      age(1),
      { all: [age(1)] },
      { not: { not: age(1) } },
      { not: { any: [{ not: age(1) }] } },
    ])
      expect(planFor(rule)).toMatchObject({ status: 'refused', reason: 'nothing-left', boundedBy: [{ by: 'policy' }] });
  });

  it('is bounded in any, and not by what is over there already', () => {
    const other: RuleDocument = { rule: 'known-device' };
    expect(planFor({ any: [other, age(AGE + HOUR)] })).toMatchObject({
      notAfter: after(HOUR),
      boundedBy: [{ by: 'policy', path: 'rules[0].any[1]' }],
    });
    for (const rule of [{ any: [other, age(1)] }, { not: { all: [{ not: age(1) }, other] } }])
      expect(planFor(rule)).toMatchObject({ notAfter: after(7 * DAY), boundedBy: [{ by: 'maximum' }] });
  });

  it('is bounded by rules for platforms, and not by what is over for one already', () => {
    expect(planFor({ ...age(AGE + HOUR), platforms: ['ios'] })).toMatchObject({ notAfter: after(HOUR) });
    expect(planFor({ ...age(1), platforms: ['ios'] })).toMatchObject({ notAfter: after(7 * DAY) });
    expect(planFor({ all: [age(1)], platforms: ['ios'] })).toMatchObject({ notAfter: after(7 * DAY) });
  });

  it('is not bounded by not, for time only helps there', () => {
    expect(planFor({ not: age(AGE + HOUR) }, { not: { all: [age(AGE + HOUR)] } })).toMatchObject({
      notAfter: after(7 * DAY),
    });
  });

  it('is met by the policy for as long as it says, whatever the policy', () => {
    const leaf: fc.Arbitrary<RuleDocument> = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 2 * AGE }).map(age) },
      fc.constantFrom<RuleDocument>(
        { rule: 'key', anyOf: ['P-384'] },
        { rule: 'key', anyOf: ['P-256'] },
        { rule: 'user-authenticated' },
      ),
    );
    const { node } = fc.letrec<{ node: RuleDocument }>((tie) => {
      const children = fc.array(tie('node'), { minLength: 1, maxLength: 3 });
      const anyNode = fc.oneof(
        { depthSize: 'small', maxDepth: 5, withCrossShrink: true },
        leaf,
        children.map((all) => ({ all })),
        children.map((any) => ({ any })),
        tie('node').map((not) => ({ not })),
      );
      const platforms = fc.constantFrom(undefined, undefined, ['macos'], ['ios'], ['ios', 'macos']);
      return {
        node: fc
          .tuple(anyNode, platforms)
          .map(([rule, scope]) => (scope === undefined ? rule : { ...rule, platforms: scope }) as RuleDocument),
      };
    });
    let planned = 0;
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 2 * AGE }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (rules, seconds, share) => {
          const policy = parsePolicy({ format: 1, rules });
          const at = new Date(ATTESTED_AT.getTime() + 1000 * seconds);
          if (!evaluatePolicy(policy, facts, { at }).allowed) return;
          const given = plan({ policy, at, maximumSeconds: 365 * DAY });
          if (given.status === 'refused') {
            // Something ends within the second.
            expect(given.boundedBy).not.toEqual([]);
            return;
          }
          planned += 1;
          const between = new Date(at.getTime() + share * (given.notAfter.getTime() - at.getTime()));
          for (const time of [between, given.notAfter])
            expect(evaluatePolicy(policy, facts, { at: time }).allowed, time.toISOString()).toBe(true);
        },
      ),
      settings(runs(2000)),
    );
    expect(planned).toBeGreaterThan(100);
  });

  it('refuses the mistakes of a caller', () => {
    const wrong: readonly Partial<Record<keyof PlanLifetimeOptions | 'more', unknown>>[] = [
      { attestation: { ...attestation } },
      { at: undefined },
      { maximumSeconds: undefined },
      { maximumSeconds: 0 },
      { maximumSeconds: 1.5 },
      { maximumSeconds: 2 ** 40 },
      { backdateSeconds: -1 },
      { minimumSeconds: 0 },
      { policy: undefined },
      { policy: { format: 1, rules: [age(1)] } },
      { issuerNotAfter: undefined },
      { issuerNotAfter: new Date(NaN) },
      { more: 1 },
    ];
    for (const options of wrong) {
      const [name] = Object.keys(options);
      expect(() => plan(options as Partial<PlanLifetimeOptions>), name).toThrow(TypeError);
      expect(() => plan(options as Partial<PlanLifetimeOptions>), name).toThrow(name);
    }
  });
});
