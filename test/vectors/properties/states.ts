import type { JsonProperties, JsonProperty } from '../../../src/conformance/json-properties.ts';
import { bytes, concat, hex, integer } from '../../../src/testing/der-writer.ts';
import { PROPERTY_ARCS, propertyExtensions } from '../../../src/testing/leaf.ts';
import { basicConstraints, extension, keyUsage, property } from '../../support/mint.ts';
import { chainWith, FRESHNESS_CODE, keyOf, withExtensions, withoutExtensions } from '../support.ts';
import { ABSENT, attested, BLANK, type Row, SOURCES, stating } from './row.ts';

const NAMES = Object.keys(PROPERTY_ARCS) as readonly (keyof typeof PROPERTY_ARCS)[];
const allOf = (property: JsonProperty): Partial<JsonProperties> =>
  Object.fromEntries(NAMES.map((name) => [name, property]));
const oidOf = (name: keyof typeof PROPERTY_ARCS): string => `1.2.840.113635.100.8.${PROPERTY_ARCS[name]}`;

const LEAF = [basicConstraints(false), keyUsage(0xf0)];

/** A property that is there, left out, or blank; and a certificate that does not parse. */
export const STATES: readonly Row[] = [
  {
    name: 'mac',
    title: 'A Mac states every property, and no two values are alike.',
    flags: ['property', 'real-world'],
    source: SOURCES.apple,
    leaf: {
      extensions: [
        ...LEAF,
        ...propertyExtensions(
          {
            serialNumber: 'C02SIMULATED',
            udid: '00006030-0123456789ABCDEF',
            softwareUpdateDeviceId: 'J514sAP',
            osVersion: '15.5',
            sepOsVersion: '15.4.1',
            llbVersion: '11881.121.1',
            systemIntegrityProtection: 'enabled',
            secureBoot: 'Reduced Security',
            thirdPartyKernelExtensions: 'allowed',
          },
          FRESHNESS_CODE,
        ),
      ],
    },
    says: {
      serialNumber: attested('C02SIMULATED'),
      udid: attested('00006030-0123456789ABCDEF'),
      softwareUpdateDeviceId: attested('J514sAP'),
      osVersion: attested('15.5'),
      sepOsVersion: attested('15.4.1'),
      llbVersion: attested('11881.121.1'),
      secureBoot: attested('Reduced Security'),
      thirdPartyKernelExtensions: attested('allowed'),
    },
  },
  {
    name: 'other-order',
    title: 'The extensions of the leaf are in another order.',
    flags: ['property', 'future'],
    source: 'RFC 5280, 4.1.2.9',
    leaf: { extensions: withExtensions('leaf').toReversed() },
    says: {},
  },
  {
    name: 'user-enrollment',
    title: 'A User Enrollment leaves out the serial number and the UDID.',
    flags: ['user-enrollment', 'undetermined'],
    source: SOURCES.apple,
    leaf: { extensions: withoutExtensions('leaf', oidOf('serialNumber'), oidOf('udid')) },
    says: { serialNumber: ABSENT, udid: ABSENT },
  },
  {
    name: 'all-absent',
    title: 'The leaf states nothing.',
    flags: ['undetermined', 'known-mistake'],
    source: SOURCES.apple,
    leaf: { extensions: LEAF },
    says: allOf(ABSENT),
  },
  {
    name: 'no-extensions',
    title: 'The leaf has no extensions at all.',
    flags: ['undetermined'],
    source: 'RFC 5280, 4.1.2.9',
    leaf: { replace: { extensions: new Uint8Array() } },
    says: allOf(ABSENT),
  },
  {
    name: 'all-blank',
    title: 'Apple could determine nothing and left every property blank.',
    flags: ['undetermined', 'known-mistake'],
    source: SOURCES.apple,
    leaf: {
      extensions: [...LEAF, ...NAMES.map((name) => property(PROPERTY_ARCS[name], new Uint8Array()))],
    },
    says: allOf(BLANK),
  },
  {
    name: 'sip-absent',
    title: 'System Integrity Protection is not stated, which is not “enabled”.',
    flags: ['undetermined', 'known-mistake'],
    source: SOURCES.apple,
    leaf: { extensions: withoutExtensions('leaf', oidOf('systemIntegrityProtection')) },
    says: { systemIntegrityProtection: ABSENT },
  },
  {
    name: 'sip-blank',
    title: 'System Integrity Protection is blank, which is not “enabled”.',
    flags: ['undetermined', 'known-mistake'],
    source: SOURCES.apple,
    leaf: stating('systemIntegrityProtection', new Uint8Array()),
    says: { systemIntegrityProtection: BLANK },
  },
  {
    name: 'freshness-code-absent',
    title: 'There is no freshness code, as in an answer to a command without a nonce.',
    flags: ['undetermined', 'freshness'],
    source: SOURCES.apple,
    leaf: { extensions: withoutExtensions('leaf', oidOf('freshnessCode')) },
    says: { freshnessCode: ABSENT },
  },
  {
    name: 'critical-property',
    title: 'The OS version is in a critical extension: it is read like any other, for the chain is not judged here.',
    flags: ['property', 'future'],
    source: SOURCES.operation,
    leaf: { extensions: withExtensions('leaf', extension(oidOf('osVersion'), bytes('26.4.1'), true)) },
    says: {},
  },
  {
    name: 'unknown-critical-extension',
    title: 'The leaf has a critical extension that nobody knows, and is read: the chain is not judged here.',
    flags: ['property', 'future'],
    source: SOURCES.operation,
    leaf: { extensions: withExtensions('leaf', extension('1.2.3.4', bytes('x'), true)) },
    says: {},
  },
  {
    name: 'not-signed-by-anybody',
    title: 'The signature of the leaf verifies nothing, and the leaf is read: the chain is not judged here.',
    flags: ['property', 'signature'],
    source: SOURCES.operation,
    leaf: { issuerKey: keyOf('stranger') },
    says: {},
  },
  {
    name: 'certificate-trailing-byte',
    title: 'A byte follows the leaf.',
    flags: ['der'],
    source: 'RFC 5280, 4.1',
    code: 'ERR_MDA_DER_TRAILING',
    fault: 'a byte stands after the certificate',
    of: (leaf) => concat(leaf, hex('00')),
  },
  {
    name: 'certificate-truncated',
    title: 'The last byte of the leaf is cut off.',
    flags: ['der'],
    source: 'X.690, 8.1.3',
    code: 'ERR_MDA_DER_TRUNCATED',
    fault: 'a byte is missing at the end',
    of: (leaf) => leaf.subarray(0, -1),
  },
  {
    name: 'property-twice',
    title: 'The leaf states System Integrity Protection twice, once on and once off.',
    flags: ['der', 'property'],
    source: 'RFC 5280, 4.2',
    code: 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
    fault: 'an extension occurs twice',
    of: async () => {
      const twice = property(PROPERTY_ARCS.systemIntegrityProtection, integer(1));
      return (await chainWith({ leaf: { extensions: [...withExtensions('leaf'), twice] } })).leaf;
    },
  },
];
