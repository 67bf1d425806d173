import { requireOptions } from '../core/options.ts';
import { acmePayload, payloadKeys } from './acme-payload.ts';
import { ACME_SETTINGS, type AcmeSettings } from './acme-settings.ts';
import { type MdmSettings, mdmPayload } from './mdm-payload.ts';
import { requireMembers } from './options.ts';
import { derivedUuid } from './payload-uuid.ts';
import type { PlistDictionary, PlistValue } from './plist-value.ts';
import { writePlist } from './plist-writer.ts';
import { requireIdentifier, requireProfileFlag, requireProfileText, requireUuid } from './profile-rules.ts';
import { trustAnchorPayloads } from './trust-anchor-payload.ts';

/** What an enrollment profile is made of. */
export interface EnrollmentProfileOptions {
  /** `PayloadIdentifier` of the profile, reverse-DNS style: a profile replaces the one that has the same. */
  readonly identifier: string;
  /** `PayloadUUID` of the profile: one of its own for each service. Those of the payloads are derived from it. */
  readonly uuid: string;
  /** `PayloadDisplayName`. */
  readonly displayName: string;
  /** `PayloadOrganization`. */
  readonly organization?: string;
  /** `PayloadDescription`. */
  readonly description?: string;
  /** `PayloadRemovalDisallowed`: of supervised devices. */
  readonly removalDisallowed?: boolean;
  readonly mdm: MdmSettings;
  /** The identity of the management channel. */
  readonly acme: AcmeSettings;
  /** DER of the certificates that the device is to trust for the servers; empty where Apple's trust store has them. */
  readonly trustAnchors: readonly Uint8Array[];
}

const OPTIONS = [
  'identifier',
  'uuid',
  'displayName',
  'organization',
  'description',
  'removalDisallowed',
  'mdm',
  'acme',
  'trustAnchors',
];

/**
 * Writes an enrollment profile: trust anchors, an attested ACME identity, and the MDM payload that uses it.
 *
 * Checks: the ACME payload as `acmePayload` does; of the MDM payload, by Apple's rules, the URLs, the topic, the rights and
 * what they need, account-driven enrollment; that a trust anchor has the frame of DER.
 * Leaves to you: to sign it, and to give it to those alone who may enroll.
 *
 * The same options give the same bytes. Nothing in it is random: the UUID of the profile is yours, and those of the payloads
 * are made of it and of their identifiers (RFC 9562, version 5).
 *
 * @returns a property list in XML
 * @throws AttestationError `ERR_MDA_PROFILE_*`, with Apple's name of the key in `field`
 * @throws TypeError if an option is unknown, or `trustAnchors` is not an array of `Uint8Array`
 * @example
 * ```ts
 * import { enrollmentProfile } from 'managed-device-attestation/mdm';
 *
 * const profile = await enrollmentProfile({
 *   identifier: 'com.example.enrollment',
 *   uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
 *   displayName: 'Example',
 *   mdm: { serverUrl: 'https://mdm.example.com/connect', topic: 'com.apple.mgmt.External.0c5e9e5b' },
 *   acme: {
 *     directoryUrl: 'https://acme.example.com/directory',
 *     clientIdentifier: 'C02XXXXXXXXX',
 *     subject: [['CN', 'Managed device']],
 *   },
 *   trustAnchors: [],
 * });
 * ```
 * @see Apple, "MDM" and "ACMECertificate" of the profile-specific payload keys
 */
export async function enrollmentProfile(options: EnrollmentProfileOptions): Promise<string> {
  requireOptions(options, OPTIONS);
  const profile = profileKeys(options);
  const { identifier, uuid, trustAnchors } = options;
  const anchors = await trustAnchorPayloads(trustAnchors, { identifier, uuid });
  const identity = await identityPayload(options.acme, { identifier, uuid });
  const mdmIdentifier = `${identifier}.mdm`;
  const mdm = mdmPayload(options.mdm, {
    identifier: mdmIdentifier,
    uuid: await derivedUuid(uuid, mdmIdentifier),
    identityUuid: uuidOf(identity),
    anchorUuids: anchors.map(uuidOf),
  });
  return writePlist(new Map([...profile, ['PayloadContent', [...anchors, identity, mdm]]]));
}

function profileKeys(options: EnrollmentProfileOptions): readonly [string, PlistValue][] {
  const { organization, description, removalDisallowed } = options;
  const keys = payloadKeys('Configuration', {
    identifier: requireIdentifier(options.identifier, 'PayloadIdentifier'),
    uuid: requireUuid(options.uuid, 'PayloadUUID'),
    displayName: requireProfileText(options.displayName, 'PayloadDisplayName'),
  });
  if (organization !== undefined)
    keys.push(['PayloadOrganization', requireProfileText(organization, 'PayloadOrganization')]);
  if (description !== undefined)
    keys.push(['PayloadDescription', requireProfileText(description, 'PayloadDescription')]);
  if (removalDisallowed !== undefined)
    keys.push(['PayloadRemovalDisallowed', requireProfileFlag(removalDisallowed, 'PayloadRemovalDisallowed')]);
  // The identity is that of the device, on a Mac in the keychain of the system.
  keys.push(['PayloadScope', 'System']);
  return keys;
}

/** The ACME payload of a profile, with an identifier and a UUID derived from those of the profile. */
export async function identityPayload(
  acme: AcmeSettings,
  profile: { readonly identifier: string; readonly uuid: string },
): Promise<PlistDictionary> {
  requireMembers(acme, 'acme', ACME_SETTINGS);
  const identifier = `${profile.identifier}.acme`;
  return acmePayload({ ...acme, identifier, uuid: await derivedUuid(profile.uuid, identifier) });
}

export function uuidOf(payload: PlistDictionary): string {
  return payload.get('PayloadUUID') as string;
}
