import type { VerifiedAttestation } from '../core/attestation.ts';
import { isVerifiedAttestation } from '../core/attestation.ts';
import { AttestationError } from '../core/errors.ts';
import { requireOptions, requirePlainObject, requireTime } from '../core/options.ts';
import type { Property } from '../core/properties.ts';
import { INVISIBLE, requireText } from '../core/text.ts';
import {
  authenticateClientIdentifier,
  type BoundDevice,
  type ClientIdentifierRecord,
  isForDevice,
  LAST_EXPIRY,
  nameOf,
  writeClientIdentifier,
} from './client-identifier-text.ts';
import { findClaim, recordIssue, takeClaim } from './client-identifier-claim.ts';
import { type ClientIdentifierSecret, requireSecret, requireSecrets, type Secrets } from './secret.ts';
import { requireStore, type Store } from './store.ts';

/** What an authentic client identifier says of itself. */
export interface ClientIdentifier {
  /** 32 hexadecimal digits: its name in a log and in the store. */
  readonly id: string;
  readonly expiresAt: Date;
  /** What of the device it is bound to; nothing, if it belongs to a user alone. */
  readonly boundTo: readonly ('serialNumber' | 'udid')[];
}

/** A client identifier that was claimed. */
export interface ClaimedClientIdentifier extends ClientIdentifier {
  /** As it was given to `issueClientIdentifier`. */
  readonly user: string | undefined;
}

/** How a client identifier is issued. */
export interface IssueClientIdentifierOptions {
  readonly secret: ClientIdentifierSecret;
  /** Where it is claimed later. */
  readonly store: Store;
  /** The device it is for, as it will be attested: by serial number, by UDID, or by both. */
  readonly device?: { readonly serialNumber?: string; readonly udid?: string };
  /** The user it is for, in the caller's words: kept in the store, and not in the text. */
  readonly user?: string;
  readonly at: Date;
  /** The first instant at which it is worth nothing any more. */
  readonly expiresAt: Date;
}

/**
 * Issues a client identifier: a ticket for one enrollment, to be put into the payload as `ClientIdentifier`. It is
 * authenticated (HMAC-SHA-256), expires, can be claimed once, and is bound to a device, to a user, or to both. It
 * has at most 83 characters, of which all are letters, digits, `.`, `-` and `_`, and says nothing of the device.
 *
 * Leaves to you: to hand it to nobody but that device or user, until it is claimed, for one that is bound to a user
 * alone is worth a certificate for any device.
 *
 * @throws TypeError if an option is missing, unknown or of another type, there is neither device nor user, or
 * `expiresAt` is not later than `at`, before 1970 or after the year 10889; it rejects with what the store does
 * @example
 * ```ts
 * import { createMemoryStore, issueClientIdentifier } from 'managed-device-attestation/acme';
 *
 * const at = new Date();
 * const text = await issueClientIdentifier({
 *   secret: { id: '2026a', key: crypto.getRandomValues(new Uint8Array(32)) },
 *   store: createMemoryStore({ clock: () => new Date() }),
 *   device: { serialNumber: 'TMWFWWWP67' },
 *   at,
 *   expiresAt: new Date(at.getTime() + 7 * 86_400_000),
 * });
 * console.log(text.length); // 80
 * ```
 */
export async function issueClientIdentifier(options: IssueClientIdentifierOptions): Promise<string> {
  requireOptions(options, ['secret', 'store', 'device', 'user', 'at', 'expiresAt']);
  const secret = requireSecret(options.secret, 'secret');
  const store = requireStore(options.store);
  const device = requireDevice(options);
  const user = 'user' in options ? requireWords(options.user, 'user') : undefined;
  const at = requireTime(options.at);
  const expiresAt = requireTime(options.expiresAt);
  if (expiresAt <= at) throw new TypeError('expiresAt must be later than at');
  if (expiresAt < 0 || expiresAt > LAST_EXPIRY) throw new TypeError('expiresAt must have at most 48 bits');
  const [hasSerialNumber, hasUdid] = [device.serialNumber !== undefined, device.udid !== undefined];
  if (!hasSerialNumber && !hasUdid && user === undefined) throw new TypeError('device or user must be given');
  const fields = { id: crypto.getRandomValues(new Uint8Array(16)), expiresAt, hasSerialNumber, hasUdid };
  const text = await writeClientIdentifier(secret, fields, device);
  await recordIssue(store, nameOf(fields), user, expiresAt - at);
  return text;
}

function requireDevice(options: IssueClientIdentifierOptions): BoundDevice {
  if (!('device' in options)) return { serialNumber: undefined, udid: undefined };
  const { device } = options;
  requirePlainObject(device, 'device');
  requireOptions(device, ['serialNumber', 'udid']);
  // Present but undefined is a lookup that found nothing, not a device of another kind.
  return {
    serialNumber: 'serialNumber' in device ? requireWords(device.serialNumber, 'serialNumber') : undefined,
    udid: 'udid' in device ? requireWords(device.udid, 'udid') : undefined,
  };
}

/** Text such as an attestation can hold: whatever else is bound would never match. */
function requireWords(value: unknown, option: string): string {
  if (typeof value !== 'string' || value.trim() === '' || value.search(INVISIBLE) !== -1)
    throw new TypeError(`${option} must be text that can be seen`);
  return value;
}

/**
 * Reads a client identifier without claiming it: at `newOrder`, to reject what can never become a certificate.
 *
 * Checks, in this order: the form; the secret, by its id; the authentication code, in constant time; the expiry.
 * Leaves to you: the device and the claim, which come with the attestation. See `identifierIsTicket`.
 *
 * @param text the value of the ordered identifier; more than 100 characters are refused unread
 * @param options.secrets the current secret, and older ones for as long as what they issued may live
 * @throws AttestationError `ERR_MDA_CLIENT_IDENTIFIER_FORMAT`, `ERR_MDA_CLIENT_IDENTIFIER_SECRET`,
 * `ERR_MDA_CLIENT_IDENTIFIER_FORGED`, `ERR_MDA_CLIENT_IDENTIFIER_EXPIRED`
 * @throws TypeError if `text` is not a string, or an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { AttestationError } from 'managed-device-attestation';
 * import { acmeProblem, type ClientIdentifierSecret, type ProblemDocument, readClientIdentifier } from 'managed-device-attestation/acme';
 *
 * export async function refuseOrder(value: string, secrets: ClientIdentifierSecret[]): Promise<ProblemDocument | undefined> {
 *   try {
 *     await readClientIdentifier(value, { secrets, at: new Date() });
 *     return undefined;
 *   } catch (error) {
 *     if (!(error instanceof AttestationError)) throw error;
 *     return acmeProblem('rejectedIdentifier', error.message);
 *   }
 * }
 * ```
 */
export async function readClientIdentifier(
  text: string,
  options: { readonly secrets: readonly ClientIdentifierSecret[]; readonly at: Date },
): Promise<ClientIdentifier> {
  requireText(text);
  requireOptions(options, ['secrets', 'at']);
  return describe(await readAlive(text, requireSecrets(options.secrets), requireTime(options.at)));
}

/** How a client identifier is claimed. */
export interface ClaimClientIdentifierOptions {
  /** The current secret, and older ones for as long as what they issued may live. */
  readonly secrets: readonly ClientIdentifierSecret[];
  /** The one it was issued into. */
  readonly store: Store;
  /** The verified attestation of the device that presents it, with the freshness code of the challenge. */
  readonly attestation: VerifiedAttestation;
  /** Who claims: the token of the challenge. The same one may claim again. */
  readonly claimant: string;
  readonly at: Date;
}

/**
 * Claims a client identifier for a device: once. `identifierIsTicket` does it within a validator; this is for a
 * server that does without one.
 *
 * Checks: all of `readClientIdentifier`; the device that it is bound to, against the attested serial number and
 * UDID; that nobody else has claimed it, and that it was not revoked. The same `claimant` has claimed it still.
 * Leaves to you: that the attestation is of now and its freshness code that of this challenge, for here is known only
 * that one was compared; to call it last, when nothing else can refuse.
 *
 * @throws AttestationError those of `readClientIdentifier`, `ERR_MDA_CLIENT_IDENTIFIER_DEVICE`,
 * `ERR_MDA_CLIENT_IDENTIFIER_CLAIMED`
 * @throws TypeError if `text` is not a string, an option is missing, unknown or of another type, the attestation was
 * verified with `skipFreshnessCheck`, or the store answers with another type; it rejects with what the store does
 * @example
 * ```ts
 * import type { VerifiedAttestation } from 'managed-device-attestation';
 * import { claimClientIdentifier, type ClientIdentifierSecret, type Store } from 'managed-device-attestation/acme';
 *
 * export async function userOf(
 *   text: string,
 *   attestation: VerifiedAttestation,
 *   token: string,
 *   { secrets, store }: { secrets: ClientIdentifierSecret[]; store: Store },
 * ): Promise<string | undefined> {
 *   const { user } = await claimClientIdentifier(text, { secrets, store, attestation, claimant: token, at: new Date() });
 *   return user;
 * }
 * ```
 */
export async function claimClientIdentifier(
  text: string,
  options: ClaimClientIdentifierOptions,
): Promise<ClaimedClientIdentifier> {
  requireText(text);
  requireOptions(options, ['secrets', 'store', 'attestation', 'claimant', 'at']);
  const store = requireStore(options.store);
  const { attestation } = options;
  if (!isVerifiedAttestation(attestation)) throw new TypeError('attestation must come from verifyAttestation');
  if (attestation.freshness !== 'matched') throw new TypeError('attestation must have a freshness code that matched');
  const claimant = requireWords(options.claimant, 'claimant');
  const at = requireTime(options.at);
  const record = await readForDevice(text, requireSecrets(options.secrets), attestation, at);
  const [name, ttlMilliseconds] = [nameOf(record), record.expiresAt - at];
  const claim = await findClaim(store, name, claimant);
  if (claim === undefined || !(await takeClaim(store, name, claim, ttlMilliseconds)))
    throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
  return { ...describe(record), user: claim.user };
}

/** Reads what is authentic and has not expired. */
async function readAlive(text: string, secrets: Secrets, at: number): Promise<ClientIdentifierRecord> {
  const record = await authenticateClientIdentifier(text, secrets);
  if (at >= record.expiresAt) throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_EXPIRED');
  return record;
}

/** Reads what is authentic, has not expired, and is for the attested device. */
export async function readForDevice(
  text: string,
  secrets: Secrets,
  { properties: { serialNumber, udid } }: VerifiedAttestation,
  at: number,
): Promise<ClientIdentifierRecord> {
  const record = await readAlive(text, secrets, at);
  const device = { serialNumber: attestedText(serialNumber), udid: attestedText(udid) };
  if (!(await isForDevice(record, device))) throw new AttestationError('ERR_MDA_CLIENT_IDENTIFIER_DEVICE');
  return record;
}

function attestedText(property: Property<string>): string | undefined {
  return property.status === 'attested' ? property.value : undefined;
}

function describe(record: ClientIdentifierRecord): ClientIdentifier {
  const boundTo: ('serialNumber' | 'udid')[] = [];
  if (record.hasSerialNumber) boundTo.push('serialNumber');
  if (record.hasUdid) boundTo.push('udid');
  return { id: nameOf(record), expiresAt: new Date(record.expiresAt), boundTo };
}
