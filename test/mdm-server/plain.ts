import { parsePlist, type PlistDictionary, type PlistValue, writePlist } from '../../src/mdm/index.ts';
import type { MdmClientOptions, MdmIssueIdentity } from '../../src/testing/index.ts';
import { toBase64 } from '../../src/index.ts';
import { toHex } from '../../src/core/bytes.ts';
import { digest } from '../../src/testing/key.ts';
import { addEnrollment } from '../harness/mdm-server/enrollment.ts';
import type { World } from './world.ts';

/** Enrollments from before: with an identity that somebody issued without an attestation, over SCEP say. */

/** The profile of one: that of the service, but with another identity. */
export function plainProfile(profile: string): string {
  const keys = parsePlist(new TextEncoder().encode(profile)) as PlistDictionary;
  const payloads = (keys.get('PayloadContent') as readonly PlistDictionary[]).map((payload) => {
    if (payload.get('PayloadType') !== 'com.apple.security.acme') return payload;
    return new Map<string, PlistValue>([
      ['PayloadType', 'com.apple.security.scep'],
      ['PayloadVersion', 1n],
      ['PayloadIdentifier', 'com.example.mdm.enrollment.scep'],
      ['PayloadUUID', payload.get('PayloadUUID')!],
      ['PayloadContent', new Map([['URL', 'https://scep.example.com']])],
    ]);
  });
  return writePlist(new Map([...keys, ['PayloadContent', payloads]]));
}

/** Issues such an identity, and tells the service whose it is. */
export function plainIdentity(
  world: World,
  enrollment: { readonly profile: string; readonly deviceId: string; readonly serialNumber: string },
): Pick<MdmClientOptions, 'issueIdentity'> {
  const issueIdentity: MdmIssueIdentity = async ({ key }) => {
    const { chain } = await world.plainCa.issue({
      orderId: crypto.randomUUID(),
      identifier: enrollment.serialNumber,
      at: world.clock().toISOString(),
      spki: toBase64(key.publicKey),
      serialNumber: enrollment.serialNumber,
    });
    addEnrollment(world.database, {
      ...enrollment,
      id: crypto.randomUUID(),
      state: 'authenticated',
      mode: 'device',
      identity: 'plain',
      keyFingerprint: toHex(digest('SHA-256', key.publicKey)),
    });
    return chain;
  };
  return { issueIdentity };
}
