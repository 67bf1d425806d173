import type { AttestedProperties, Property } from '../../../src/core/properties.ts';
import { toHex } from '../../../src/core/bytes.ts';

export type PropertyName = Exclude<keyof AttestedProperties, 'other'>;

export interface PropertyText {
  readonly name: PropertyName;
  readonly label: string;
  /** Below 1.2.840.113635.100.8. */
  readonly arc: string;
  /** What it is. */
  readonly about: string;
  /** What it may mean that it is not there. */
  readonly absent: string;
}

const UNDETERMINED = 'Apple’s servers could not determine it.';
const NO_DEVICE = 'Normal in a User Enrollment, which names no device; otherwise undetermined.';
const MACS_ONLY = 'Only Macs have it; on a Mac it is undetermined.';

/** The properties that have a name, in the order of interest. */
export const PROPERTIES: readonly PropertyText[] = [
  {
    name: 'serialNumber',
    label: 'Serial number',
    arc: '9.1',
    about: 'Compare it with the device that you expect.',
    absent: NO_DEVICE,
  },
  {
    name: 'udid',
    label: 'UDID',
    arc: '9.2',
    about: 'On a Mac this is the provisioning UDID, which is not the UDID that MDM uses.',
    absent: NO_DEVICE,
  },
  {
    name: 'osVersion',
    label: 'OS version',
    arc: '10.1',
    about: 'The system that was running when the attestation was made.',
    absent: UNDETERMINED,
  },
  {
    name: 'systemIntegrityProtection',
    label: 'System Integrity Protection',
    arc: '13.1',
    about: 'Whether the system protects itself from its administrators.',
    absent: MACS_ONLY,
  },
  {
    name: 'secureBoot',
    label: 'Secure boot',
    arc: '13.2',
    about: 'What the Mac is willing to start.',
    absent: MACS_ONLY,
  },
  {
    name: 'thirdPartyKernelExtensions',
    label: 'Third-party kernel extensions',
    arc: '13.3',
    about: 'Whether code of others may run in the kernel.',
    absent: MACS_ONLY,
  },
  {
    name: 'freshnessCode',
    label: 'Freshness code',
    arc: '11.1',
    about: 'In ACME SHA-256 of the token of the challenge, in DeviceInformation the nonce itself.',
    absent: 'In ACME it is always there; in DeviceInformation it is missing where no nonce was sent.',
  },
  {
    name: 'sepOsVersion',
    label: 'sepOS version',
    arc: '10.2',
    about: 'The system of the Secure Enclave.',
    absent: UNDETERMINED,
  },
  {
    name: 'llbVersion',
    label: 'LLB version',
    arc: '10.3',
    about: 'The low-level bootloader.',
    absent: UNDETERMINED,
  },
  {
    name: 'softwareUpdateDeviceId',
    label: 'Software update device ID',
    arc: '9.4',
    about: 'The model, as it is called where updates are looked up.',
    absent: UNDETERMINED,
  },
];

/** What values mean that are one of a few; `isConcern` where a careful policy would ask. */
const VALUES: Readonly<Record<string, { readonly text: string; readonly isConcern?: true }>> = {
  'systemIntegrityProtection enabled': { text: 'On: not even an administrator changes the system.' },
  'systemIntegrityProtection disabled': {
    text: 'Off: whoever is administrator, or takes over one, can change the system.',
    isConcern: true,
  },
  'secureBoot Full Security': { text: 'Starts only what Apple signs for this Mac at the time it is installed.' },
  'secureBoot Reduced Security': {
    text: 'Starts any system that Apple has ever signed, older ones with known holes included.',
    isConcern: true,
  },
  'secureBoot Permissive Security': {
    text: 'Starts what the owner of the Mac has signed, whatever it is.',
    isConcern: true,
  },
  'thirdPartyKernelExtensions not allowed': { text: 'None may be loaded.' },
  'thirdPartyKernelExtensions allowed': { text: 'Some may be loaded into the kernel.', isConcern: true },
};

export function valueText(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : toHex(value);
}

export function meaningOf({ name, about, absent }: PropertyText, property: Property<string | Uint8Array>): string {
  switch (property.status) {
    case 'attested':
      return VALUES[`${name} ${valueText(property.value)}`]?.text ?? about;
    case 'absent':
      return absent;
    case 'blank':
      return `There, without a value: ${UNDETERMINED.charAt(0).toLowerCase()}${UNDETERMINED.slice(1)}`.replace(
        ': a',
        ': A',
      );
    case 'malformed':
      return 'Not in the form that Apple documents. Nothing can be read from it.';
  }
}

export function isConcern(name: PropertyName, property: Property<string | Uint8Array>): boolean {
  return property.status === 'attested' && VALUES[`${name} ${valueText(property.value)}`]?.isConcern === true;
}

/** What one should see before one takes a genuine attestation for a good device. */
export function concernsOf(values: AttestedProperties): readonly string[] {
  const named = PROPERTIES.filter(({ name }) => isConcern(name, values[name])).map(
    ({ label, name }) => `${label}: ${String((values[name] as { value?: unknown }).value)}`,
  );
  const open = PROPERTIES.filter(({ name }) => ['blank', 'malformed'].includes(values[name].status)).map(
    ({ label, name }) => `${label}: ${values[name].status}`,
  );
  return [
    ...(named.length > 0 ? [`It attests a lowered security. ${named.join('; ')}.`] : []),
    ...(open.length > 0 ? [`Not everything is determined. ${open.join('; ')}.`] : []),
  ];
}
