import { requirePlainObject } from '../core/options.ts';
import type { AcmePayloadOptions } from './acme-enrollment-options.ts';
import { encodeRequested } from './certificate-request-writer.ts';
import type { SubjectAltName } from './general-name-writer.ts';
import type { SubjectName } from './subject-name.ts';

const PAYLOAD_TYPE = 'com.apple.security.acme';
const SUBJECT_ALT_NAMES = ['rfc822Name', 'dNSName', 'uniformResourceIdentifier', 'ntPrincipalName'];

/** Keys that a payload may have and that ask for nothing which a simulated device could do. */
const IGNORED = /^(?:Payload\w+|KeyIsExtractable|AllowAllAppsAccess)$/;

const CURVES = new Map<unknown, 'P-256' | 'P-384'>([
  [256, 'P-256'],
  [384, 'P-384'],
]);

/**
 * Reads the payload `com.apple.security.acme` of a configuration profile, as a property list parser returns it, and
 * returns what the simulated device is to do.
 *
 * Checks: the keys that Apple requires are there, `DirectoryURL` is https, `Attest` comes with `HardwareBound`, and
 * `HardwareBound` with a key on P-256 or P-384. A key that is not bound to hardware may be one of RSA or another
 * curve for Apple; a simulated device makes keys on P-256 and P-384 alone.
 *
 * @throws TypeError that names the key of the payload
 * @example
 * ```ts
 * import { readAcmePayload } from 'managed-device-attestation/testing';
 *
 * const { keyType } = readAcmePayload({
 *   PayloadType: 'com.apple.security.acme',
 *   DirectoryURL: 'https://acme.example/directory',
 *   ClientIdentifier: 'SIMULATED1',
 *   KeyType: 'ECSECPrimeRandom',
 *   KeySize: 384,
 *   HardwareBound: true,
 *   Attest: true,
 *   Subject: [[['O', 'Example']], [['CN', 'SIMULATED1']]],
 * });
 * console.log(keyType); // P-384
 * ```
 * @see Apple, "ACMECertificate", Device Management
 */
export function readAcmePayload(payload: Readonly<Record<string, unknown>>): AcmePayloadOptions {
  requirePlainObject(payload, 'payload');
  const {
    PayloadType,
    DirectoryURL,
    ClientIdentifier,
    KeyType,
    KeySize,
    HardwareBound,
    Attest = false,
    ...rest
  } = payload;
  const { Subject, SubjectAltName = {}, ExtendedKeyUsage = [], UsageFlags = 0, ...others } = rest;
  for (const key of Object.keys(others)) demand(IGNORED.test(key), key, 'is not a key of this payload');
  demand(PayloadType === undefined || PayloadType === PAYLOAD_TYPE, 'PayloadType', `must be ${PAYLOAD_TYPE}`);
  demand(
    typeof DirectoryURL === 'string' && DirectoryURL.startsWith('https://'),
    'DirectoryURL',
    'must be an https URL',
  );
  demand(typeof ClientIdentifier === 'string' && ClientIdentifier !== '', 'ClientIdentifier', 'must be a string');
  demand(typeof HardwareBound === 'boolean', 'HardwareBound', 'must be a boolean');
  demand(typeof Attest === 'boolean', 'Attest', 'must be a boolean');
  demand(HardwareBound || !Attest, 'HardwareBound', 'must be true where Attest is');
  demand(KeyType === 'ECSECPrimeRandom', 'KeyType', 'must be ECSECPrimeRandom for a simulated device');
  const keyType = CURVES.get(KeySize);
  demand(keyType !== undefined, 'KeySize', 'must be 256 or 384 for a simulated device');
  demand(Array.isArray(Subject), 'Subject', 'must be an array');
  demand(isDictionary(SubjectAltName), 'SubjectAltName', `must be a dictionary of ${SUBJECT_ALT_NAMES.join(', ')}`);
  const requested = {
    subject: Subject as unknown as SubjectName,
    subjectAltName: SubjectAltName as SubjectAltName,
    extendedKeyUsage: ExtendedKeyUsage as readonly string[],
    usageFlags: UsageFlags as number,
  };
  encodeRequested(requested);
  return { directoryUrl: DirectoryURL, clientIdentifier: ClientIdentifier, keyType, attest: Attest, ...requested };
}

const isDictionary = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).every((key) => SUBJECT_ALT_NAMES.includes(key));

function demand(condition: boolean, key: string, what: string): asserts condition {
  if (!condition) throw new TypeError(`${key} ${what}`);
}
