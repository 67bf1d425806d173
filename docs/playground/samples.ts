import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, toBase64 } from '../../src/core/base64.ts';
import { toHex } from '../../src/core/bytes.ts';
import { toPem } from '../../src/core/pem.ts';
import { enrollmentProfile } from '../../src/mdm/enrollment-profile.ts';
import type { PlistValue } from '../../src/mdm/plist-value.ts';
import { writePlist } from '../../src/mdm/plist-writer.ts';
import type { PageData, Sample } from './page/page-data.ts';

const VECTORS = join(import.meta.dirname, '../../vectors');

/** The members of a vector that samples are made of; vectors/README.md describes them. */
interface Vector {
  readonly input: {
    readonly x5c?: readonly string[];
    readonly attObj?: string;
    readonly token?: string;
    readonly nonce?: string | null;
    readonly csr?: string;
  };
  readonly trustAnchors: readonly [string];
  readonly at: string;
}

function readVector(id: string): Vector {
  return JSON.parse(readFileSync(join(VECTORS, `${id}.json`), 'utf8')) as Vector;
}

const ACME = 'An ACME challenge';
const MDM = 'An answer to DeviceInformation';
const REFUSED = 'Refused';
const OTHER = 'Around it';

/** The samples, in their groups: what is good, what is undetermined, and the mistakes that verifiers make. */
const FROM_VECTORS: readonly (readonly [group: string, id: string, title: string])[] = [
  [ACME, 'acme/genuine', 'A Mac answers an ACME challenge'],
  [ACME, 'acme/user-enrollment', 'A User Enrollment names no device'],
  [ACME, 'acme/unknown-property', 'Properties that nobody knows yet'],
  [MDM, 'device-information/fresh', 'A fresh answer'],
  [MDM, 'device-information/cached-newest', 'Not fresh: made for an earlier nonce'],
  [MDM, 'device-information/lowered-security', 'System Integrity Protection is off'],
  [MDM, 'device-information/undetermined-properties', 'A blank serial number, no OS version'],
  [REFUSED, 'freshness/key-authorization', 'Wrong freshness: hash of the key authorization'],
  [REFUSED, 'chain/sub-ca-as-leaf', 'The Sub CA stands in for a leaf'],
  [REFUSED, 'chain/leaf-as-issuer', 'A leaf signs another leaf'],
  [REFUSED, 'chain/signature-leaf-stranger', 'Signed with another key'],
  [REFUSED, 'chain/leaf-expired', 'The leaf has expired'],
  [REFUSED, 'chain/certificate-truncated', 'A certificate is cut off'],
  [REFUSED, 'attestation-object/duplicate-x5c', 'Two x5c in one attestation object'],
  [OTHER, 'chain/leaf-malformed-property', 'A property that cannot be read'],
];

/** What the page is given: the samples, and the root that they are under. */
export async function pageData(version: string): Promise<PageData> {
  const { trustAnchors } = readVector('acme/genuine');
  const samples = FROM_VECTORS.map(([group, id, title]): Sample => {
    const vector = readVector(id);
    if (vector.trustAnchors[0] !== trustAnchors[0]) throw new Error(`${id} is under another root`);
    const [mode, typed] = comparisonOf(vector);
    return { id, group, title, text: textOf(vector), at: vector.at, mode, typed };
  });
  const [made] = samples;
  return { version, testRoot: trustAnchors[0], samples: [...samples, ...(await others(made!.at))] };
}

function comparisonOf({ input: { token, nonce } }: Vector): [Sample['mode'], string] {
  if (token !== undefined) return ['token', token];
  return nonce ? ['nonce-hex', toHex(fromBase64(nonce))] : ['none', ''];
}

/** In the form in which one meets it: the payload of a response, the answer of a device, or PEM. */
function textOf({ input }: Vector): string {
  if (input.attObj !== undefined) return JSON.stringify({ attObj: input.attObj });
  const x5c = input.x5c!.map(fromBase64);
  return input.nonce === undefined ? toPem(x5c) : answer([['DevicePropertiesAttestation', x5c]]);
}

/** An answer of the device of the vectors; what it reports is the same in all of them. */
function answer(attestation: readonly (readonly [string, PlistValue])[]): string {
  return writePlist(
    new Map<string, PlistValue>([
      ['CommandUUID', '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21'],
      [
        'QueryResponses',
        new Map<string, PlistValue>([
          ...attestation,
          ['IsAppleSilicon', true],
          ['IsSupervised', true],
          ['OSVersion', '26.4.1'],
          ['ProductName', 'Mac15,6'],
          ['ProvisioningUDID', '00006030-0000000000000001'],
          ['SerialNumber', 'SIMULATED1'],
        ]),
      ],
      ['Status', 'Acknowledged'],
      ['UDID', '5E0A2F1C-0000-5000-8000-000000000001'],
    ]),
  );
}

/** What is no attestation and is asked about all the same. */
async function others(at: string): Promise<readonly Sample[]> {
  const { input } = readVector('csr/genuine');
  const common = { group: OTHER, at, mode: 'none', typed: '' } as const;
  const request = toBase64(fromBase64(input.csr!)).match(/.{1,64}/g)!;
  const profile = await enrollmentProfile({
    identifier: 'com.example.enrollment',
    uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
    displayName: 'Example',
    mdm: { serverUrl: 'https://mdm.example.com/connect', topic: 'com.apple.mgmt.External.0c5e9e5b' },
    acme: {
      directoryUrl: 'https://acme.example.com/directory',
      clientIdentifier: 'SIMULATED1',
      subject: [['CN', 'Managed device']],
    },
    trustAnchors: [],
  });
  return [
    { ...common, id: 'made/not-attested', title: 'An answer without an attestation', text: answer([]) },
    { ...common, id: 'made/profile', title: 'An enrollment profile', text: profile },
    {
      ...common,
      id: 'csr/genuine',
      title: 'A certificate request',
      text: ['-----BEGIN CERTIFICATE REQUEST-----', ...request, '-----END CERTIFICATE REQUEST-----', ''].join('\n'),
    },
  ];
}
