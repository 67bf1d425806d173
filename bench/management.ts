import { parseXml } from '@rgrove/parse-xml';
import { parseAttestationChain, parseCertificate, verifyAttestation } from 'managed-device-attestation';
import { parseCommandResponse } from 'managed-device-attestation/mdm';
import { answerOf, prepareJudge } from './answer.ts';
import type { BenchEvidence } from './evidence.ts';
import { type Lane, measureRatios, type Quartiles, sequential } from './measure.ts';

export const VERIFY_DEVICE_INFORMATION = 'verifyDeviceInformation, of an answer that was parsed';
export const FROM_THE_BODY = 'parseCommandResponse and verifyDeviceInformation';
export const XML_AND_ATTESTATION = 'the XML parser alone, and verifyAttestation';

/** An answer to a DeviceInformation command: what it costs beyond the verification of its attestation, which is the unit. */
export async function measureManagement(
  { setting, valid }: BenchEvidence,
  effort: number,
  random: () => number,
): Promise<ReadonlyMap<string, Quartiles>> {
  const { at, expectedFreshnessCode } = setting;
  const trustAnchors = [parseCertificate(setting.root)];
  const x5c = [valid.leaf, valid.subCa];
  const text = answerOf(valid);
  const body = new TextEncoder().encode(text);
  const verify = async (): Promise<unknown> => {
    const chain = parseAttestationChain(x5c);
    const { properties } = await verifyAttestation(chain, { at, expectedFreshnessCode, trustAnchors });
    return properties;
  };
  const judge = prepareJudge(setting);
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
