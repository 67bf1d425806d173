import { requireOptions } from '../core/options.ts';
import { ACME_SETTINGS, acmeKeys, type AcmeSettings } from './acme-settings.ts';
import type { PlistDictionary, PlistValue } from './plist-value.ts';
import { requireIdentifier, requireProfileText, requireUuid } from './profile-rules.ts';

/** What an ACME payload is made of. */
export interface AcmePayloadOptions extends AcmeSettings {
  /** `PayloadIdentifier`: reverse-DNS style, unique in the profile. */
  readonly identifier: string;
  /** `PayloadUUID`: what other payloads name the identity by. */
  readonly uuid: string;
  /** `PayloadDisplayName`. */
  readonly displayName?: string;
}

/**
 * Makes a payload `com.apple.security.acme`: the device makes a key, has it attested, and gets a certificate for it.
 *
 * Checks, by Apple's rules: `Attest` needs `HardwareBound`, which needs `KeyType` ECSECPrimeRandom and `KeySize` 256 or
 * 384; `DirectoryURL` is https; the forms of the other keys; that the model can attest, if `productName` is given.
 * Leaves to you: the version of the system (iOS, iPadOS and tvOS 16, macOS 14, watchOS 10, visionOS 1), and that
 * `clientIdentifier` is one that your ACME server will take.
 *
 * @returns the dictionary of the payload, for `writePlist` as a part of a profile of yours; `enrollmentProfile` and
 * `upgradeProfile` make a whole one
 * @throws AttestationError `ERR_MDA_PROFILE_*`, with Apple's name of the key in `field`
 * @throws TypeError if an option is unknown
 * @example
 * ```ts
 * import { acmePayload } from 'managed-device-attestation/mdm';
 *
 * const payload = acmePayload({
 *   identifier: 'com.example.enrollment.acme',
 *   uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
 *   directoryUrl: 'https://acme.example.com/directory',
 *   clientIdentifier: 'C02XXXXXXXXX',
 *   subject: [['O', 'Example'], ['CN', 'Managed device']],
 * });
 * console.log(payload.get('Attest')); // true
 * ```
 * @see Apple, "ACMECertificate"
 */
export function acmePayload(options: AcmePayloadOptions): PlistDictionary {
  requireOptions(options, [...ACME_SETTINGS, 'identifier', 'uuid', 'displayName']);
  const { identifier, uuid, displayName } = options;
  return new Map<string, PlistValue>([
    ...payloadKeys('com.apple.security.acme', { identifier, uuid, displayName }),
    ...acmeKeys(options),
  ]);
}

/** What every payload has, and the profile itself. */
export function payloadKeys(
  type: string,
  options: { readonly identifier: string; readonly uuid: string; readonly displayName: string | undefined },
): [string, PlistValue][] {
  const { identifier, uuid, displayName } = options;
  const keys: [string, PlistValue][] = [
    ['PayloadType', type],
    ['PayloadVersion', 1n],
    ['PayloadIdentifier', requireIdentifier(identifier, 'PayloadIdentifier')],
    ['PayloadUUID', requireUuid(uuid, 'PayloadUUID')],
  ];
  if (displayName !== undefined)
    keys.push(['PayloadDisplayName', requireProfileText(displayName, 'PayloadDisplayName')]);
  return keys;
}
