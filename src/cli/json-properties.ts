import type { AttestedProperties, Property } from '../index.ts';

export type JsonProperty =
  | { readonly status: 'attested'; readonly value: string }
  | { readonly status: 'absent' | 'blank' }
  | { readonly status: 'malformed'; readonly bytes: string };

export type PropertyName = Exclude<keyof AttestedProperties, 'other'>;

export type JsonProperties = Readonly<Record<PropertyName, JsonProperty>> & {
  readonly other: readonly { readonly oid: string; readonly bytes: string }[];
};

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function jsonProperty(property: Property<string | Uint8Array>): JsonProperty {
  switch (property.status) {
    case 'attested':
      return { status: 'attested', value: typeof property.value === 'string' ? property.value : hex(property.value) };
    case 'malformed':
      return { status: 'malformed', bytes: hex(property.bytes) };
    default:
      return { status: property.status };
  }
}

/** The properties as JSON, the same in every command: text as text, bytes as hexadecimal. Spelled out, so that the shape is read here. */
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
    other: properties.other.map(({ oid, bytes }) => ({ oid, bytes: hex(bytes) })),
  };
}
