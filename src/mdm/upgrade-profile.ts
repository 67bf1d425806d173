import { requireOptions } from '../core/options.ts';
import type { AcmeSettings } from './acme-settings.ts';
import { identityPayload, uuidOf } from './enrollment-profile.ts';
import { requireAccessRights } from './mdm-payload.ts';
import { parsePlist } from './plist-reader.ts';
import { isArray, isDictionary, type PlistDictionary, type PlistValue } from './plist-value.ts';
import { writePlist } from './plist-writer.ts';
import { refuseProfile, requireIdentifier, requireUuid } from './profile-rules.ts';
import { trustAnchorPayloads } from './trust-anchor-payload.ts';

/** What an enrollment profile with another identity is made of. */
export interface UpgradeProfileOptions {
  /** The enrollment profile that the device has: XML, without the signature around it. */
  readonly installed: Uint8Array;
  /** The new identity of the management channel. */
  readonly acme: AcmeSettings;
  /** DER of certificates that the device is to trust besides those of the profile: the ACME server's. */
  readonly trustAnchors?: readonly Uint8Array[];
  /** `AccessRights`: fewer than the profile has; the same unless given. */
  readonly accessRights?: number;
}

/**
 * Writes the profile that gives an enrollment an attested identity: the installed one, with an ACME payload in the place
 * of the identity that it has. Send it with `installProfileCommand`; the device stays enrolled and uses the new identity from
 * then on.
 *
 * Everything else stays as it is, because Apple's devices refuse an update that changes the topic, the URLs or the mode of
 * the enrollment, or that adds a right. An identity that another payload of the profile uses stays beside the new one.
 *
 * Checks: the property list as `parsePlist` does; that it is a profile with one MDM payload whose identity is in it; the ACME
 * payload as `acmePayload` does; that no right is added.
 * Leaves to you: to sign it, and to tell the old identity from the new when the device connects.
 *
 * @returns a property list in XML; the same bytes for the same options
 * @throws AttestationError `ERR_MDA_PLIST_*`; `ERR_MDA_PROFILE_*`, with Apple's name of the key in `field`
 * @throws TypeError if an option is unknown, or bytes are not a `Uint8Array`
 * @example
 * ```ts
 * import { installProfileCommand, upgradeProfile } from 'managed-device-attestation/mdm';
 *
 * export async function upgrade(installed: Uint8Array, serialNumber: string): Promise<string> {
 *   const profile = await upgradeProfile({
 *     installed,
 *     acme: {
 *       directoryUrl: 'https://acme.example.com/directory',
 *       clientIdentifier: serialNumber,
 *       subject: [['CN', 'Managed device']],
 *     },
 *   });
 *   return installProfileCommand({ commandUUID: crypto.randomUUID(), profile });
 * }
 * ```
 * @see Apple, "MDM", on updating the payload
 */
export async function upgradeProfile(options: UpgradeProfileOptions): Promise<string> {
  requireOptions(options, ['installed', 'acme', 'trustAnchors', 'accessRights']);
  const { installed, acme, trustAnchors = [], accessRights } = options;
  const { keys, payloads, mdm, identity } = readInstalled(installed);
  const profile = {
    identifier: requireIdentifier(keys.get('PayloadIdentifier'), 'PayloadIdentifier'),
    uuid: requireUuid(keys.get('PayloadUUID'), 'PayloadUUID'),
  };
  const anchors = await trustAnchorPayloads(trustAnchors, { ...profile, identifier: `${profile.identifier}.upgrade` });
  const newIdentity = await identityPayload(acme, profile);
  const newMdm = new Map(mdm).set('IdentityCertificateUUID', uuidOf(newIdentity));
  if (accessRights !== undefined) newMdm.set('AccessRights', fewerRights(accessRights, mdm.get('AccessRights')));

  const isInUse = payloads.some(
    (payload) => payload !== identity && payload !== mdm && mentions(payload, uuidOf(identity)),
  );
  const kept = payloads.flatMap((payload) => {
    if (payload === mdm) return [newIdentity, newMdm];
    return payload === identity && !isInUse ? [] : [payload];
  });
  const content = [...anchors, ...kept];
  refuseDuplicates(content);
  return writePlist(new Map([...keys, ['PayloadContent', content]]));
}

interface InstalledProfile {
  readonly keys: PlistDictionary;
  readonly payloads: readonly PlistDictionary[];
  readonly mdm: PlistDictionary;
  readonly identity: PlistDictionary;
}

function readInstalled(bytes: Uint8Array): InstalledProfile {
  const keys = parsePlist(bytes);
  if (!isDictionary(keys) || keys.get('PayloadType') !== 'Configuration') refuseInstalled('PayloadType');
  const payloads = keys.get('PayloadContent');
  if (!isArray(payloads) || !payloads.every(isDictionary)) refuseInstalled('PayloadContent');
  const [mdm, ...others] = payloads.filter((payload) => payload.get('PayloadType') === 'com.apple.mdm');
  if (mdm === undefined || others.length > 0) refuseInstalled('PayloadContent');
  const uuid = mdm.get('IdentityCertificateUUID');
  const identity = payloads.find((payload) => payload.get('PayloadUUID') === uuid);
  if (uuid === undefined || identity === undefined || identity === mdm) refuseInstalled('IdentityCertificateUUID');
  return { keys, payloads, mdm, identity };
}

/** Apple: the addition of any access right is an error. */
function fewerRights(wanted: number, installed: PlistValue | undefined): bigint {
  const rights = requireAccessRights(wanted, 'AccessRights');
  if (typeof installed !== 'bigint' || (rights & ~installed) !== 0n)
    refuseProfile('ERR_MDA_PROFILE_CONFLICT', 'AccessRights');
  return rights;
}

/** Whether a text in a value is this one: payloads name each other by their UUIDs, under many keys. */
function mentions(value: PlistValue, uuid: string): boolean {
  if (isDictionary(value)) return [...value.values()].some((item) => mentions(item, uuid));
  if (isArray(value)) return value.some((item) => mentions(item, uuid));
  return value === uuid;
}

function refuseDuplicates(payloads: readonly PlistDictionary[]): void {
  for (const key of ['PayloadUUID', 'PayloadIdentifier']) {
    const values = payloads.map((payload) => payload.get(key));
    if (new Set(values).size !== values.length) refuseProfile('ERR_MDA_PROFILE_DUPLICATE', key);
  }
}

function refuseInstalled(field: string): never {
  refuseProfile('ERR_MDA_PROFILE_INSTALLED', field);
}
