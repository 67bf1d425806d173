import { parseCertificate } from 'managed-device-attestation';
import {
  parseCommandResponse,
  type PlistValue,
  skipDeviceCheck,
  verifyDeviceInformation,
  writePlist,
} from 'managed-device-attestation/mdm';
import type { Evidence, Setting } from './contenders/contender.ts';

/** The answer of a Mac to a DeviceInformation command, and how it is judged. */

const COMMAND = '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21';

/** What a Mac answers to the queries that this library reads, as XML. */
export function answerOf({ leaf, subCa }: Evidence): string {
  const answers = new Map<string, PlistValue>([
    ['DevicePropertiesAttestation', [leaf, subCa]],
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
  return writePlist(
    new Map<string, PlistValue>([
      ['CommandUUID', COMMAND],
      ['QueryResponses', answers],
      ['Status', 'Acknowledged'],
      ['UDID', '5A3C0001-0000-4000-8000-000000000001'],
    ]),
  );
}

/** Judges such an answer; a figure for a refusal is worth nothing, so it throws one. */
export function prepareJudge({
  root,
  expectedFreshnessCode,
  at,
}: Setting): (response: ReturnType<typeof parseCommandResponse>) => Promise<void> {
  const trustAnchors = [parseCertificate(root)];
  return async (response) => {
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
}
