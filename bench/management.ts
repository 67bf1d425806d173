import { parseXml } from '@rgrove/parse-xml';
import { parseAttestationChain, parseCertificate, verifyAttestation } from 'managed-device-attestation';
import {
  parseCommandResponse,
  type PlistValue,
  skipDeviceCheck,
  verifyDeviceInformation,
  writePlist,
} from 'managed-device-attestation/mdm';
import type { BenchEvidence } from './evidence.ts';
import { type Lane, measureRatios, type Quartiles, sequential } from './measure.ts';

export const VERIFY_DEVICE_INFORMATION = 'verifyDeviceInformation, of an answer that was parsed';
export const FROM_THE_BODY = 'parseCommandResponse and verifyDeviceInformation';
export const XML_AND_ATTESTATION = 'the XML parser alone, and verifyAttestation';

const COMMAND = '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21';

/** An answer to a DeviceInformation command: what it costs beyond the verification of its attestation, which is the unit. */
export async function measureManagement(
  { setting, valid }: BenchEvidence,
  effort: number,
  random: () => number,
): Promise<ReadonlyMap<string, Quartiles>> {
  const { at, expectedFreshnessCode } = setting;
  const trustAnchors = [parseCertificate(setting.root)];
  const x5c = [valid.leaf, valid.subCa];
  const text = writePlist(answer(x5c));
  const body = new TextEncoder().encode(text);
  const verify = async (): Promise<unknown> => {
    const chain = parseAttestationChain(x5c);
    const { properties } = await verifyAttestation(chain, { at, expectedFreshnessCode, trustAnchors });
    return properties;
  };
  const judge = async (response: ReturnType<typeof parseCommandResponse>): Promise<void> => {
    if (response.status !== 'Acknowledged') throw new Error(response.status);
    const verdict = await verifyDeviceInformation(response, {
      at,
      request: { commandUUID: COMMAND, nonce: expectedFreshnessCode },
      expectedDevice: skipDeviceCheck,
      trustAnchors,
    });
    if (verdict.status !== 'attested' || verdict.freshness.state !== 'fresh') throw new Error('not attested');
    if (verdict.contradictions.length > 0) throw new Error(verdict.contradictions.join());
  };
  const parsed = parseCommandResponse(body);
  const jobs: readonly (readonly [string, () => unknown])[] = [
    ['verifyAttestation, once more', verify],
    [VERIFY_DEVICE_INFORMATION, () => judge(parsed)],
    [FROM_THE_BODY, () => judge(parseCommandResponse(body))],
    [
      XML_AND_ATTESTATION,
      () => {
        parseXml(text);
        return verify();
      },
    ],
    ['parseCommandResponse', () => parseCommandResponse(body)],
    ['the XML parser alone', () => parseXml(text)],
  ];
  for (const [, job] of jobs) await sequential(job, 500);
  const lanes = jobs.map(([name, job]): Lane => ({ name, job, count: 8 }));
  const unit: Lane = { name: 'verifyAttestation', job: verify, count: 8 };
  return measureRatios(unit, lanes, { rounds: 160 * effort, seconds: 20 }, sequential, random);
}

/** What a Mac answers to the queries that this library reads. */
function answer(x5c: readonly Uint8Array<ArrayBuffer>[]): PlistValue {
  const answers = new Map<string, PlistValue>([
    ['DevicePropertiesAttestation', x5c],
    ['IsAppleSilicon', true],
    ['IsSupervised', true],
    ['ModelName', 'MacBook Pro'],
    ['OSVersion', '26.4.1'],
    ['BuildVersion', '25E253'],
    ['ProductName', 'Mac15,6'],
    ['ProvisioningUDID', '00006030-0000000000000001'],
    ['SerialNumber', 'SIMULATED1'],
    ['SoftwareUpdateDeviceID', 'J999xAP'],
    ['UDID', '5A3C0001-0000-4000-8000-000000000001'],
  ]);
  return new Map<string, PlistValue>([
    ['CommandUUID', COMMAND],
    ['QueryResponses', answers],
    ['Status', 'Acknowledged'],
    ['UDID', '5A3C0001-0000-4000-8000-000000000001'],
  ]);
}
