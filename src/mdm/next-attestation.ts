import { requireOptions, requireTime } from '../core/options.ts';
import { isSameVersion } from './compare-properties.ts';
import { DEVICE_INTERVAL } from './device-freshness.ts';
import { type AttestationHistory, requireHistory, type Setback, type WatchedName } from './history.ts';

/** Whether to ask now, or to wait until when; and why. */
export type NextAttestation =
  | { readonly ask: 'now'; readonly because: readonly AskReason[] }
  | {
      readonly ask: 'later';
      /** The earliest time at which asking could bring a new attestation that is wanted. */
      readonly at: Date;
      /** Why it will be asked then. */
      readonly because: readonly AskReason[];
    };

/**
 * Why a new attestation is wanted: there was none yet; the last was made for a nonce that is not ours; it has expired; it is older than `refreshAfterSeconds`; what
 * the device reports of a property is not what it attests; or the caller gave a reason.
 */
export type AskReason =
  | 'first'
  | 'unknown-nonce'
  | 'expired'
  | 'due'
  | 'os-version'
  | 'system-integrity-protection'
  | 'secure-boot'
  | 'requested';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** A device may be switched off for long; a command that was lost is sent again. */
const ANSWER_TIMEOUT = DAY;

const REFRESH_AFTER_SECONDS = 30 * 24 * 3600;

/** The first wait, which doubles with each setback of the same kind, and the longest. */
const WAITS: Readonly<Record<Setback, { readonly first: number; readonly longest: number }>> = {
  // The device itself asks for commands again when it can; this is for one that does not.
  'not-now': { first: HOUR, longest: DAY },
  none: { first: DAY, longest: 7 * DAY },
  failed: { first: DAY, longest: 7 * DAY },
  old: { first: DAY, longest: DAY },
};

const WATCHED: Readonly<Record<WatchedName, AskReason>> = {
  osVersion: 'os-version',
  systemIntegrityProtection: 'system-integrity-protection',
  secureBoot: 'secure-boot',
};

/**
 * Says whether to ask a device for a new attestation now, or how long to wait.
 *
 * A device makes one at most every seven days; asked earlier, it answers with the last. So even for a relevant
 * change the answer is to wait until the seven days are over. After NotNow the wait is an hour, after an answer without an
 * attestation or with an error a day; it doubles each time, up to a day and up to seven.
 *
 * Leaves to you: to store the history, and to act on a change meanwhile: what the device reports may be reason enough to
 * withhold something.
 *
 * @param history from `recordAttestation`; undefined for a new enrollment
 * @param options.at the time to judge at
 * @param options.reason that you want a new one, whatever the history says; any text that is not empty
 * @param options.refreshAfterSeconds how old an attestation may become without any change; 30 days unless given, at least
 * 7 days
 * @throws TypeError if the history is not of its form, or an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { nextAttestation } from 'managed-device-attestation/mdm';
 *
 * const next = nextAttestation(undefined, { at: new Date() });
 * console.log(next.ask, next.because); // now [ 'first' ]
 * ```
 * @see Apple, "DeviceInformationCommand", DeviceAttestationNonce
 */
export function nextAttestation(
  history: AttestationHistory | undefined,
  options: { readonly at: Date; readonly reason?: string; readonly refreshAfterSeconds?: number },
): NextAttestation {
  requireOptions(options, ['at', 'reason', 'refreshAfterSeconds']);
  const at = requireTime(options.at);
  const { reason = '', refreshAfterSeconds = REFRESH_AFTER_SECONDS } = options;
  if (typeof reason !== 'string') throw new TypeError('reason must be a string');
  if (!(refreshAfterSeconds >= DEVICE_INTERVAL / SECOND))
    throw new TypeError('refreshAfterSeconds must be a number of at least 604800');
  const known: AttestationHistory = history === undefined ? { version: 1 } : requireHistory(history);

  const because = changesOf(known, at);
  if (reason !== '') because.push('requested');
  const possibleAt = earliestOf(known);
  const attestedAt = timeOf(known.attested?.at);
  if (because.length === 0) {
    const dueAt = Math.min(attestedAt + refreshAfterSeconds * SECOND, timeOf(known.attested?.until));
    return decide(Math.max(possibleAt, dueAt), at, ['due']);
  }
  return decide(possibleAt, at, because);
}

function decide(when: number, at: number, because: readonly AskReason[]): NextAttestation {
  return when <= at ? { ask: 'now', because } : { ask: 'later', at: new Date(when), because };
}

/** Why the last attestation will not do, whatever its age. */
function changesOf({ attested, reported }: AttestationHistory, at: number): AskReason[] {
  if (attested === undefined) return ['first'];
  const changes: AskReason[] = attested.isOurs ? [] : ['unknown-nonce'];
  if (at > timeOf(attested.until)) changes.push('expired');
  for (const name of Object.keys(WATCHED) as WatchedName[]) {
    const [now, then] = [reported?.[name], attested.values[name]];
    // What was never attested, as on an iPhone, does not change.
    if (now !== undefined && then !== undefined && !isSameVersion(now, then)) changes.push(WATCHED[name]);
  }
  return changes;
}

/** The earliest time at which asking makes sense. */
function earliestOf({ attested, askedAt, setback }: AttestationHistory): number {
  const wait = setback && WAITS[setback.kind];
  return Math.max(
    attested === undefined ? -Infinity : timeOf(attested.at) + DEVICE_INTERVAL,
    askedAt === undefined ? -Infinity : timeOf(askedAt) + ANSWER_TIMEOUT,
    wait === undefined
      ? -Infinity
      : timeOf(setback!.at) + Math.min(wait.first * 2 ** (setback!.count - 1), wait.longest),
  );
}

function timeOf(text: string | undefined): number {
  return Date.parse(text!);
}
