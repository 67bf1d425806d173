import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../core/bytes.ts';
import type { AttestedProperties, SecureBoot } from '../core/properties.ts';
import {
  basicConstraints,
  type CertificateSpec,
  extension,
  type ExtensionSpec,
  keyUsage,
  property,
} from './certificate-writer.ts';
import { bytes, integer, name, oid, sequence } from './der-writer.ts';
import type { Key } from './key.ts';

/**
 * What an authority writes of a device: a value, `''` for a property that Apple's servers leave blank, and
 * undefined for one that they leave out.
 */
export interface PropertyValues {
  readonly serialNumber?: string | undefined;
  readonly udid?: string | undefined;
  readonly softwareUpdateDeviceId?: string | undefined;
  readonly osVersion?: string | undefined;
  readonly sepOsVersion?: string | undefined;
  readonly llbVersion?: string | undefined;
  readonly systemIntegrityProtection?: 'enabled' | 'disabled' | '' | undefined;
  readonly secureBoot?: SecureBoot | '' | undefined;
  readonly thirdPartyKernelExtensions?: 'allowed' | 'not allowed' | '' | undefined;
  /** Properties that have no name yet, by full OID. */
  readonly other?: readonly { readonly oid: string; readonly bytes: Uint8Array }[] | undefined;
}

/** The last two arcs of a property, below 1.2.840.113635.100.8. */
export const PROPERTY_ARCS = {
  serialNumber: '9.1',
  udid: '9.2',
  softwareUpdateDeviceId: '9.4',
  osVersion: '10.1',
  sepOsVersion: '10.2',
  llbVersion: '10.3',
  freshnessCode: '11.1',
  systemIntegrityProtection: '13.1',
  secureBoot: '13.2',
  thirdPartyKernelExtensions: '13.3',
} as const satisfies Record<Exclude<keyof AttestedProperties, 'other'>, string>;

/** The purpose that leaves carry since 2026; those of 2025 carry none. */
const ATTESTATION_PURPOSE = '1.2.840.113635.100.4.24';

export const extendedKeyUsage = (...purposes: readonly string[]): ExtensionSpec =>
  extension('2.5.29.37', sequence(...purposes.map(oid)));

const text = (value: string): Uint8Array => bytes(value);
const number = (zero: string) => (value: string) => (value === '' ? new Uint8Array() : integer(value === zero ? 0 : 1));

/** In the order of a leaf of 2025. */
const WRITERS: readonly (readonly [Exclude<keyof PropertyValues, 'other'>, (value: string) => Uint8Array])[] = [
  ['sepOsVersion', text],
  ['llbVersion', text],
  ['osVersion', text],
  ['softwareUpdateDeviceId', text],
  ['secureBoot', text],
  ['systemIntegrityProtection', number('enabled')],
  ['thirdPartyKernelExtensions', number('not allowed')],
  ['serialNumber', text],
  ['udid', text],
];

export function propertyExtensions(values: PropertyValues, freshnessCode: Uint8Array | undefined): ExtensionSpec[] {
  const named = WRITERS.flatMap(([key, write]) => {
    const value = values[key];
    return value === undefined ? [] : [property(PROPERTY_ARCS[key], write(value))];
  });
  const freshness = freshnessCode === undefined ? [] : [property(PROPERTY_ARCS.freshnessCode, freshnessCode)];
  return [...named, ...freshness, ...(values.other ?? []).map(({ oid: id, bytes: value }) => extension(id, value))];
}

export interface LeafContent {
  readonly key: Pick<Key, 'spki' | 'point'>;
  readonly freshnessCode: Uint8Array | undefined;
  readonly properties: PropertyValues;
  readonly style: 2025 | 2026;
  /** The instant of issue. */
  readonly at: Date;
}

const LEAF_DAYS = 91;
const DAY_MILLISECONDS = 86_400_000;

/** A leaf as Apple writes it, all but its issuer. */
export function leafSpec({ key, freshnessCode, properties, style, at }: LeafContent) {
  return {
    // Apple's is the hash of the key, too; nobody should rest on it.
    subject: name({ CN: toHex(sha256(key.point)), OU: 'AAA Certification', O: 'Not Apple', ST: 'California' }),
    key,
    // Six bytes, as a time in milliseconds has; that of the leaf at hand is one.
    serialNumber: BigInt(at.getTime()),
    notBefore: at,
    notAfter: new Date(at.getTime() + LEAF_DAYS * DAY_MILLISECONDS),
    extensions: [
      basicConstraints(false),
      keyUsage(0xf0),
      ...(style === 2025 ? [] : [extendedKeyUsage(ATTESTATION_PURPOSE)]),
      ...propertyExtensions(properties, freshnessCode),
    ],
  } satisfies Partial<CertificateSpec>;
}
