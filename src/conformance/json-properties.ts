import { toHex } from '../core/bytes.ts';
import type { AttestedProperties, Property } from '../index.ts';

/** A property of a leaf as JSON: text as text, bytes as lower-case hexadecimal. */
export type JsonProperty =
  | { readonly status: 'attested'; readonly value: string }
  | { readonly status: 'absent' | 'blank' }
  | { readonly status: 'malformed'; readonly bytes: string };

/** The properties that have a name. */
export type PropertyName = Exclude<keyof AttestedProperties, 'other'>;

/** The properties of a leaf as JSON: those that have a name, and the others of Apple's arc by OID. */
export type JsonProperties = Readonly<Record<PropertyName, JsonProperty>> & {
  readonly other: readonly { readonly oid: string; readonly bytes: string }[];
};

function jsonProperty(property: Property<string | Uint8Array>): JsonProperty {
  switch (property.status) {
    case 'attested':
      return { status: 'attested', value: typeof property.value === 'string' ? property.value : toHex(property.value) };
    case 'malformed':
      return { status: 'malformed', bytes: toHex(property.bytes) };
    default:
      return { status: property.status };
  }
}

/** The same in every command and every answer. Spelled out, so that the shape is read here. */
export function jsonProperties(properties: AttestedProperties): JsonProperties {
  return {
    serialNumber: jsonProperty(properties.serialNumber),
    udid: jsonProperty(properties.udid),
    softwareUpdateDeviceId: jsonProperty(properties.softwareUpdateDeviceId),
    osVersion: jsonProperty(properties.osVersion),
    sepOsVersion: jsonProperty(properties.sepOsVersion),
    llbVersion: jsonProperty(properties.llbVersion),
    freshnessCode: jsonProperty(properties.freshnessCode),
    systemIntegrityProtection: jsonProperty(properties.systemIntegrityProtection),
    secureBoot: jsonProperty(properties.secureBoot),
    thirdPartyKernelExtensions: jsonProperty(properties.thirdPartyKernelExtensions),
    other: properties.other.map(({ oid, bytes }) => ({ oid, bytes: toHex(bytes) })),
  };
}
