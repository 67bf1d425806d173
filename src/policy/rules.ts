import type { SecureBoot } from '../core/properties.ts';
import type { PublicKey } from '../core/public-key.ts';
import type { RuleName } from './document.ts';
import type { Evidence } from './evidence.ts';
import type { AttestedName } from './facts.ts';
import { isPlatform, PLATFORMS } from './platforms.ts';
import type { Finding, ReportedName, Source } from './read-facts.ts';
import { type Members, type Read, readItems, refuse } from './read-json.ts';
import { type ReasonCode, REASONS } from './reasons.ts';
import { rankVersion } from './version.ts';

/** What a rule came to, and who said what it rests on. */
export interface Verdict {
  readonly code: ReasonCode;
  readonly source: Source;
}

/** A rule as it is run. */
export type Judge = (evidence: Evidence) => Verdict;

/** What one rule of a policy says: takes its members, and gives the rule as it is run. */
type ReadRule = (members: Members, field: string) => Judge;

/** The longest list of a rule. */
export const MAX_POLICY_ITEMS = 256;

/** Judges a value that is known and of its type: `met`, why not, or `malformed`. */
type Test = (value: unknown) => ReasonCode;

/**
 * What decides is the first source. The second one decides where the first does not and the rule accepts it.
 * It never helps otherwise; but where it says the opposite, nothing is known: a device that says of itself
 * that it is worse than its attestation has changed since, or somebody lies.
 */
function weigh(test: Test, first: Finding, second: Finding, acceptsSecond: boolean): Verdict {
  const verdict = judge(test, first);
  const other = judge(test, second);
  if (!isDetermined(verdict)) return acceptsSecond ? other : verdict;
  const isContradicted = isDetermined(other) && REASONS[other.code].outcome !== REASONS[verdict.code].outcome;
  return isContradicted ? { code: 'contradicted', source: second.source } : verdict;
}

function judge(test: Test, finding: Finding): Verdict {
  return { code: finding.known ? test(finding.value) : finding.code, source: finding.source };
}

function isDetermined({ code }: Verdict): boolean {
  return REASONS[code].outcome !== 'undetermined';
}

/** A property that is attested, and perhaps reported too. */
function property(name: AttestedName & ReportedName, members: Members, test: Test): Judge {
  const acceptsReported = members.optional('accept', oneOf(['attested', 'reported'])) === 'reported';
  return (evidence) => weigh(test, evidence.attested(name), evidence.reported(name), acceptsReported);
}

/** A property that the inventory may say, or the device. */
function record(name: 'supervised' | 'model', members: Members, test: Test): Judge {
  const acceptsReported = members.optional('accept', oneOf(['reported'])) !== undefined;
  return (evidence) => weigh(test, evidence.recorded(name), evidence.reported(name), acceptsReported);
}

const RULES: Readonly<Record<RuleName, ReadRule>> = {
  'os-version': (members, field) => property('osVersion', members, versionWithin(members, field)),
  'sep-os-version': (members, field) => {
    const test = versionWithin(members, field);
    return (evidence) => judge(test, evidence.attested('sepOsVersion'));
  },
  'system-integrity-protection': (members) =>
    property('systemIntegrityProtection', members, either('enabled', 'disabled', 'disabled')),
  'secure-boot': (members) => property('secureBoot', members, levelAtLeast(members.required('minimum', secureBoot))),
  'kernel-extensions': (members) =>
    property('thirdPartyKernelExtensions', members, either('not allowed', 'allowed', 'kernel-extensions-allowed')),
  'file-vault': (members) => {
    members.required('accept', oneOf(['reported']));
    const test = either(true, false, 'disabled');
    return (evidence) => judge(test, evidence.reported('fileVault'));
  },
  supervised: (members) => record('supervised', members, either(true, false, 'not-supervised')),
  'known-device': (members) => {
    const acceptsReported = members.optional('accept', oneOf(['attested', 'reported'])) === 'reported';
    const test = either(true, false, 'not-known');
    return (evidence) => weigh(test, evidence.known('attested'), evidence.known('reported'), acceptsReported);
  },
  'user-authenticated': () => {
    const test = either(true, false, 'not-user-authenticated');
    return ({ userAuthenticated }) => judge(test, userAuthenticated);
  },
  'attestation-age': (members) => {
    const test = notOlder(members.required('maximumSeconds', seconds));
    return ({ age }) => judge(test, age);
  },
  'report-age': (members) => {
    const test = notOlder(members.required('maximumSeconds', seconds));
    return ({ reportAge }) => judge(test, reportAge);
  },
  key: (members) => {
    const test = among(members.required('anyOf', listOf(oneOf(CURVES))), (name) => CURVES.includes(name as Curve));
    return ({ curve }) => judge(test, curve);
  },
  'software-update-device-id': (members) => property('softwareUpdateDeviceId', members, hardware(members)),
  model: (members) => record('model', members, hardware(members)),
  platform: (members) => {
    const test = among(members.required('anyOf', listOf(platform)), isPlatform);
    return (evidence) => judge(test, evidence.platform);
  },
};

export const acceptableFreshness = /* @__PURE__ */ listOf(oneOf(['unknown-nonce', 'not-requested']));

/** Rules about what only Macs have; one that is not here may be for any platform. */
const MACS_ALONE: readonly string[] = [
  'system-integrity-protection',
  'secure-boot',
  'kernel-extensions',
  'file-vault',
] satisfies RuleName[];

/** Reads the member `rule` and what belongs to it. */
export function readRule(members: Members, field: string): { readonly name: RuleName; readonly judge: Judge } {
  const name = members.required('rule', ruleName);
  return { name, judge: RULES[name](members, field) };
}

/** Reads the member `platforms`, of a rule or of a group; undefined: for all of them. */
export function readPlatforms(members: Members, rule: RuleName | undefined): readonly string[] | undefined {
  if (rule === 'platform') return undefined;
  const isForMacs = rule !== undefined && MACS_ALONE.includes(rule);
  return members.optional('platforms', listOf(isForMacs ? onlyMacs : platform));
}

const ruleName: Read<RuleName> = (value, field) =>
  isText(value, field) && Object.hasOwn(RULES, value) ? (value as RuleName) : refuse('ERR_MDA_POLICY_RULE', field);

const platform = /* @__PURE__ */ oneOf(PLATFORMS, 'ERR_MDA_POLICY_PLATFORM');
const onlyMacs = /* @__PURE__ */ oneOf(['macos'], 'ERR_MDA_POLICY_PLATFORM');

type Curve = PublicKey['curve'];
const CURVES: readonly Curve[] = ['P-256', 'P-384', 'P-521'];

/** From the strictest down. */
const LEVELS: readonly SecureBoot[] = ['Full Security', 'Reduced Security', 'Permissive Security'];
const secureBoot = /* @__PURE__ */ oneOf(LEVELS);

function levelAtLeast(minimum: SecureBoot): Test {
  const lowest = LEVELS.indexOf(minimum);
  return (value) => {
    const level = LEVELS.indexOf(value as SecureBoot);
    return level === -1 ? 'malformed' : level <= lowest ? 'met' : 'below-minimum';
  };
}

const version: Read<string> = (value, field) =>
  isText(value, field) && rankVersion(value) !== undefined ? value : refuse('ERR_MDA_POLICY_VERSION', field);

/** Takes `minimum` and `below`. */
function versionWithin(members: Members, field: string): Test {
  const minimum = rankVersion(members.required('minimum', version))!;
  const upper = members.optional('below', version);
  const below = upper === undefined ? Infinity : rankVersion(upper)!;
  if (below <= minimum) refuse('ERR_MDA_POLICY_RANGE', `${field}.below`);
  return (value) => {
    const rank = rankVersion(value as string);
    if (rank === undefined) return 'malformed';
    return rank < minimum ? 'below-minimum' : rank < below ? 'met' : 'not-below';
  };
}

/** Of an age in milliseconds; one below zero is from a clock that is wrong. */
function notOlder(maximumSeconds: number): Test {
  return (age) => {
    const milliseconds = age as number;
    return milliseconds < 0 ? 'malformed' : milliseconds <= 1000 * maximumSeconds ? 'met' : 'too-old';
  };
}

function either(good: unknown, bad: unknown, code: ReasonCode): Test {
  return (value) => (value === good ? 'met' : value === bad ? code : 'malformed');
}

/** What cannot be a value at all is not known to be another one. */
function among(values: readonly string[], isReadable: (value: string) => boolean): Test {
  const listed = new Set(values);
  return (value) => {
    const text = value as string;
    return listed.has(text) ? 'met' : isReadable(text) ? 'not-listed' : 'malformed';
  };
}

const seconds: Read<number> = (value, field) => {
  if (typeof value !== 'number') refuse('ERR_MDA_POLICY_TYPE', field);
  return Number.isSafeInteger(value) && value > 0 ? value : refuse('ERR_MDA_POLICY_VALUE', field);
};

/** What Apple's names of hardware are made of: `Mac15,6`, `J514sAP`. */
function isHardwareName(text: string): boolean {
  return /^[\w,.-]{1,64}$/.test(text);
}

const hardwareName: Read<string> = (value, field) =>
  isText(value, field) && isHardwareName(value) ? value : refuse('ERR_MDA_POLICY_VALUE', field);

/** Takes `anyOf`, of names of hardware. */
function hardware(members: Members): Test {
  return among(members.required('anyOf', listOf(hardwareName)), isHardwareName);
}

function oneOf<Name extends string>(
  names: readonly Name[],
  code: 'ERR_MDA_POLICY_VALUE' | 'ERR_MDA_POLICY_PLATFORM' = 'ERR_MDA_POLICY_VALUE',
): Read<Name> {
  return (value, field) =>
    isText(value, field) && names.includes(value as Name) ? (value as Name) : refuse(code, field);
}

/** A list in which no value occurs twice. */
function listOf<Value>(read: Read<Value>): Read<readonly Value[]> {
  return (value, field) => {
    const items = readItems(value, field, MAX_POLICY_ITEMS, read);
    return new Set(items).size === items.length ? items : refuse('ERR_MDA_POLICY_VALUE', field);
  };
}

function isText(value: unknown, field: string): value is string {
  return typeof value === 'string' || refuse('ERR_MDA_POLICY_TYPE', field);
}
