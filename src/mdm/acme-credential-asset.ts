import { type Bytes, toHex } from '../core/bytes.ts';
import { requireOptions } from '../core/options.ts';
import { ACME_SETTINGS, acmeKeys, type AcmeSettings, type AcmeValue } from './acme-settings.ts';
import { requireMembers } from './options.ts';
import { platformOf } from './product-name.ts';
import {
  refuseProfile,
  requireHttpsUrl,
  requireIdentifier,
  requireOneOf,
  requireProfileText,
} from './profile-rules.ts';

/** What a declarative ACME credential is made of. */
export interface AcmeCredentialAssetOptions {
  /** `Identifier` of the declaration. */
  readonly identifier: string;
  /** `ServerToken`: another one for each revision. Made of the data unless given. */
  readonly serverToken?: string;
  /** `DataURL`: where the device gets `data` from; https. */
  readonly dataUrl: string;
  readonly acme: AcmeSettings;
  /** `Authentication.Type`: `MDM` unless given, so that the device shows its identity to get the data. */
  readonly authentication?: 'MDM' | 'None';
  /** `Accessible`: when the device can use the identity. */
  readonly accessible?: 'Default' | 'AfterFirstUnlock';
}

/** A declaration as JSON, by Apple's names. */
export interface AcmeCredentialDeclaration {
  readonly Type: 'com.apple.asset.credential.acme';
  readonly Identifier: string;
  readonly ServerToken: string;
  readonly Payload: {
    readonly Reference: {
      readonly DataURL: string;
      readonly ContentType: 'application/json';
      readonly Size: number;
      /** Lower-case hexadecimal. */
      readonly 'Hash-SHA-256': string;
    };
    readonly Authentication: { readonly Type: 'MDM' | 'None' };
    readonly Accessible?: 'Default' | 'AfterFirstUnlock';
  };
}

/** The declaration, and what stands behind its URL. */
export interface AcmeCredentialAsset {
  readonly declaration: AcmeCredentialDeclaration;
  /** What to serve at `dataUrl`, byte for byte: the declaration has its size and its hash. */
  readonly data: Bytes;
  /** What to serve it as. */
  readonly contentType: 'application/json';
}

const OPTIONS = ['identifier', 'serverToken', 'dataUrl', 'acme', 'authentication', 'accessible'];

/**
 * Makes the declarative form of an ACME identity: an asset `com.apple.asset.credential.acme`, and the credential that
 * it refers to.
 *
 * Checks: the ACME settings as `acmePayload` does, and that the model is no Mac that is to attest (Apple's schema asks for
 * false there, in this form alone); the forms of the other keys.
 * Leaves to you: to serve the data, and the configuration that refers to the asset. Attestation in this form began with
 * iOS, iPadOS and tvOS 17, watchOS 10 and visionOS 1.1.
 *
 * @returns the same bytes for the same options
 * @throws AttestationError `ERR_MDA_PROFILE_*`, with Apple's name of the key in `field`
 * @throws TypeError if an option is unknown
 * @example
 * ```ts
 * import { acmeCredentialAsset } from 'managed-device-attestation/mdm';
 *
 * const { declaration } = await acmeCredentialAsset({
 *   identifier: 'com.example.identity',
 *   dataUrl: 'https://mdm.example.com/assets/identity',
 *   acme: {
 *     directoryUrl: 'https://acme.example.com/directory',
 *     clientIdentifier: 'C02XXXXXXXXX',
 *     subject: [['CN', 'Managed device']],
 *   },
 * });
 * console.log(declaration.Type); // com.apple.asset.credential.acme
 * ```
 * @see Apple, "AssetCredentialACME", "CredentialACME"
 */
export async function acmeCredentialAsset(options: AcmeCredentialAssetOptions): Promise<AcmeCredentialAsset> {
  requireOptions(options, OPTIONS);
  const { authentication = 'MDM', accessible, acme, serverToken } = options;
  requireMembers(acme, 'acme', ACME_SETTINGS);
  const identifier = requireIdentifier(options.identifier, 'Identifier');
  const dataUrl = requireHttpsUrl(options.dataUrl, 'DataURL');
  const payload = {
    Authentication: { Type: requireOneOf(authentication, ['MDM', 'None'], 'Authentication.Type') },
    ...(accessible !== undefined && {
      Accessible: requireOneOf(accessible, ['Default', 'AfterFirstUnlock'], 'Accessible'),
    }),
  };
  const keys = acmeKeys(acme);
  if (keys.get('Attest') === true && platformOf(acme.productName) === 'macos')
    refuseProfile('ERR_MDA_PROFILE_HARDWARE', 'Attest');
  const data = new TextEncoder().encode(JSON.stringify(toJson(keys)));
  const hash = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));
  return {
    declaration: {
      Type: 'com.apple.asset.credential.acme',
      Identifier: identifier,
      ServerToken: serverToken === undefined ? hash : requireProfileText(serverToken, 'ServerToken'),
      Payload: {
        Reference: {
          DataURL: dataUrl,
          ContentType: 'application/json',
          Size: data.length,
          'Hash-SHA-256': hash,
        },
        ...payload,
      },
    },
    data: new Uint8Array(data),
    contentType: 'application/json',
  };
}

/** The keys of the settings as JSON: integers of the settings are small. */
function toJson(value: AcmeValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Map)
    return Object.fromEntries(
      Array.from(value as ReadonlyMap<string, AcmeValue>, ([key, item]) => [key, toJson(item)]),
    );
  return Array.isArray(value) ? (value as readonly AcmeValue[]).map(toJson) : value;
}
