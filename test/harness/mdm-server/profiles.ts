import { enrollmentProfile, upgradeProfile } from '../../../src/mdm/index.ts';
import type { Context } from './context.ts';
import type { Enrollment } from './enrollment.ts';
import type { Invited } from './invitation.ts';

/** One profile for all, but for the client identifier: the same identifier and UUID, so that one replaces another. */
export const PROFILE_IDENTIFIER = 'com.example.mdm.enrollment';
const PROFILE_UUID = '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01';
export const TOPIC = 'com.apple.mgmt.External.0c5e9e5b-6d1f-4a52-8f8e-0c8f4c0a7d11';

export const acmeSettings = (context: Context, clientIdentifier: string) => ({
  directoryUrl: context.acme.directoryUrl,
  clientIdentifier,
  subject: [
    ['O', 'Example Organisation'],
    ['CN', 'Managed device'],
  ] as const,
});

export function writeEnrollmentProfile(context: Context, { mode }: Invited, clientIdentifier: string): Promise<string> {
  const { urls, tlsRoot, acme } = context;
  return enrollmentProfile({
    identifier: PROFILE_IDENTIFIER,
    uuid: PROFILE_UUID,
    displayName: 'Example Organisation',
    organization: 'Example Organisation',
    mdm: {
      serverUrl: urls.command,
      checkInUrl: urls.checkIn,
      topic: TOPIC,
      ...(mode === 'user' ? { enrollmentMode: 'BYOD' } : {}),
    },
    acme: acmeSettings(context, clientIdentifier),
    trustAnchors: [tlsRoot, ...acme.tlsAnchors],
  });
}

export function writeUpgradeProfile(
  context: Context,
  { profile }: Enrollment,
  clientIdentifier: string,
): Promise<string> {
  return upgradeProfile({
    installed: new TextEncoder().encode(profile),
    acme: acmeSettings(context, clientIdentifier),
    trustAnchors: context.acme.tlsAnchors,
  });
}
