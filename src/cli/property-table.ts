import type { Style } from './colour.ts';
import type { JsonProperties, JsonProperty, PropertyName } from '../conformance/json-properties.ts';
import { type Layout, renderTable, type Row } from './table.ts';

const LABELS: Readonly<Record<PropertyName, string>> = {
  serialNumber: 'serial number',
  udid: 'UDID',
  softwareUpdateDeviceId: 'software update device ID',
  osVersion: 'OS version',
  sepOsVersion: 'sepOS version',
  llbVersion: 'LLB version',
  freshnessCode: 'freshness code',
  systemIntegrityProtection: 'System Integrity Protection',
  secureBoot: 'secure boot',
  thirdPartyKernelExtensions: 'third-party kernel extensions',
};

const STYLES: Readonly<Record<JsonProperty['status'], Style>> = {
  attested: 'green',
  absent: 'dim',
  blank: 'yellow',
  malformed: 'red',
};

/**
 * The properties of a leaf. Of one that was not verified nothing is attested: its values are what it claims,
 * and are called that.
 */
export function renderProperties(properties: JsonProperties, verified: boolean, layout: Layout): string {
  const names = Object.keys(LABELS) as PropertyName[];
  const rows = names.map((name) => propertyRow(LABELS[name], properties[name], verified));
  const others = properties.other.map(({ oid, bytes }): Row => ({
    labels: ['(no known name)', 'undecoded'],
    text: `${oid} = ${bytes || '(no bytes)'}`,
  }));
  return renderTable([...rows, ...others], layout, '  ');
}

function propertyRow(label: string, property: JsonProperty, verified: boolean): Row {
  const { status } = property;
  if (status === 'attested' && !verified) return { labels: [label, 'claimed'], text: property.value };
  return { labels: [label, status], text: describe(property), style: STYLES[status] };
}

function describe(property: JsonProperty): string {
  switch (property.status) {
    case 'attested':
      return property.value;
    case 'absent':
      return '-- not in the certificate';
    case 'blank':
      return '-- in the certificate without a value';
    case 'malformed':
      return `bytes ${property.bytes}`;
  }
}
