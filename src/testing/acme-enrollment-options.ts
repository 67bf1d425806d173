import { isBytes } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import type { AcmeEvent } from './acme-events.ts';
import type { AcmeFetch } from './acme-fetch.ts';
import type { AcmeExternalAccount } from './acme-jws.ts';
import type { AcmeRetry } from './acme-patience.ts';
import { SHORT_SIGNATURES, type ShortSignatures } from './acme-short-signature.ts';
import { type AcmeTamper, TAMPER_HOOKS } from './acme-tamper.ts';
import { encodeRequested, REQUESTED, type RequestedCertificate } from './certificate-request-writer.ts';
import type { EnclaveKey } from './enclave.ts';

/** What an ACME payload tells a device to do; `readAcmePayload` reads it from one. */
export interface AcmePayloadOptions extends RequestedCertificate {
  /** Where the directory of the server is; https. */
  readonly directoryUrl: string;
  /** The value of the `permanent-identifier` that is ordered. */
  readonly clientIdentifier: string;
  /** P-384 unless given. */
  readonly keyType?: EnclaveKey['curve'];
  /** Whether the key is attested; true unless given. Without, the challenge is answered with `{}`. */
  readonly attest?: boolean;
}

/** How a simulated device enrolls. */
export interface AcmeEnrollmentOptions extends AcmePayloadOptions {
  /** How it reaches the server: `fetch` fits. Time limits are its business. */
  readonly fetch: AcmeFetch;
  /** What the device takes for now, where the server names a time in `Retry-After`. */
  readonly clock: () => Date;
  /** Waits; the timer of the platform unless given. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** How long it keeps trying. */
  readonly retry?: AcmeRetry;
  /** RFC 8555, 7.3.4. Apple's devices have none; other clients of the server may. */
  readonly externalAccount?: AcmeExternalAccount;
  /** How the signatures of the requests are written; `as-apple` unless given. */
  readonly shortSignatures?: ShortSignatures;
  /** A key of `device.createKey` to enroll with once more; a new one unless given. */
  readonly key?: EnclaveKey;
  /** What is sent in the place of what an honest device sends. */
  readonly tamper?: AcmeTamper;
  /** Is told of everything that happens. */
  readonly observe?: (event: AcmeEvent) => void;
}

/** The options with what stands in for those that were left out. */
export type AcmeEnrollmentPlan = Required<
  Omit<AcmeEnrollmentOptions, 'key' | 'externalAccount' | 'keyType' | keyof RequestedCertificate>
> &
  Pick<AcmeEnrollmentOptions, 'externalAccount'> & { readonly requested: RequestedCertificate };

const OPTIONS = [
  'directoryUrl',
  'clientIdentifier',
  'keyType',
  'attest',
  'fetch',
  'clock',
  'sleep',
  'retry',
  'externalAccount',
  'shortSignatures',
  'key',
  'tamper',
  'observe',
  ...REQUESTED,
];

/** RFC 5280, appendix A: ub-common-name. */
const COMMON_NAME_CHARACTERS = 64;

export function readEnrollmentOptions(options: AcmeEnrollmentOptions): AcmeEnrollmentPlan {
  requireOptions(options, OPTIONS);
  const { directoryUrl, clientIdentifier, fetch, clock, externalAccount } = options;
  const { sleep = defaultSleep, observe = () => undefined, shortSignatures = 'as-apple', attest = true } = options;
  const { retry = {}, tamper = {} } = options;
  requireText(clientIdentifier, 'clientIdentifier');
  // RFC 8555, 6.1, and the documentation of the payload.
  if (typeof directoryUrl !== 'string' || !directoryUrl.startsWith('https://'))
    throw new TypeError('directoryUrl must be an https URL');
  for (const [name, value] of Object.entries({ fetch, clock, sleep, observe })) requireFunction(value, name);
  if (typeof attest !== 'boolean') throw new TypeError('attest must be a boolean');
  if (!SHORT_SIGNATURES.includes(shortSignatures))
    throw new TypeError(`shortSignatures must be one of ${SHORT_SIGNATURES.join(', ')}`);
  for (const [name, hook] of Object.entries(tamper)) {
    if (!(TAMPER_HOOKS as readonly string[]).includes(name)) throw new TypeError(`unknown hook tamper.${name}`);
    requireFunction(hook, `tamper.${name}`);
  }
  return {
    directoryUrl,
    clientIdentifier,
    fetch,
    clock,
    sleep,
    observe,
    shortSignatures,
    attest,
    retry,
    tamper,
    requested: readRequested(options),
    ...(externalAccount === undefined ? {} : { externalAccount: readExternalAccount(externalAccount) }),
  };
}

function readRequested({
  subject,
  subjectAltName,
  extendedKeyUsage,
  usageFlags,
  clientIdentifier,
}: AcmePayloadOptions) {
  const commonName = clientIdentifier.length > COMMON_NAME_CHARACTERS ? 'Simulated device' : clientIdentifier;
  const requested: RequestedCertificate = {
    subject: subject ?? [[['CN', commonName]]],
    ...(subjectAltName === undefined ? {} : { subjectAltName }),
    ...(extendedKeyUsage === undefined ? {} : { extendedKeyUsage }),
    ...(usageFlags === undefined ? {} : { usageFlags }),
  };
  // Now, and not when the order is half-way.
  encodeRequested(requested);
  return requested;
}

function readExternalAccount({ keyId, hmacKey }: AcmeExternalAccount): AcmeExternalAccount {
  requireText(keyId, 'externalAccount.keyId');
  if (!isBytes(hmacKey) || hmacKey.length === 0) throw new TypeError('externalAccount.hmacKey must be a Uint8Array');
  return { keyId, hmacKey: new Uint8Array(hmacKey) };
}

function requireText(value: unknown, option: string): void {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${option} must be a string that is not empty`);
}

function requireFunction(value: unknown, option: string): void {
  if (typeof value !== 'function') throw new TypeError(`${option} must be a function`);
}

const defaultSleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
