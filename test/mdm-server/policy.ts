import { writePlist } from '../../src/mdm/index.ts';
import type { PolicyDocument } from '../../src/policy/index.ts';
import type { WithheldItem } from '../harness/mdm-server/options.ts';
import { plistOf } from '../support/mdm.ts';

/** A policy that asks for a bit of everything. */
export const policyWith = (minimum: string): PolicyDocument => ({
  format: 1,
  acceptReportedPlatform: true,
  rules: [
    { any: [{ rule: 'known-device' }, { rule: 'user-authenticated' }] },
    { rule: 'os-version', minimum },
    { rule: 'attestation-age', maximumSeconds: 14 * 86_400 },
    { rule: 'report-age', maximumSeconds: 14 * 86_400 },
    {
      platforms: ['macos'],
      all: [
        { rule: 'system-integrity-protection' },
        { rule: 'secure-boot', minimum: 'Full Security' },
        { rule: 'kernel-extensions' },
        { rule: 'file-vault', accept: 'reported' },
      ],
    },
  ],
});

export const POLICY = policyWith('26.4');

function profile(identifier: string, payloadType: string): string {
  return writePlist(
    plistOf({
      PayloadType: 'Configuration',
      PayloadVersion: 1,
      PayloadIdentifier: identifier,
      PayloadUUID: crypto.randomUUID().toUpperCase(),
      PayloadDisplayName: identifier,
      PayloadContent: [
        {
          PayloadType: payloadType,
          PayloadVersion: 1,
          PayloadIdentifier: `${identifier}.payload`,
          PayloadUUID: crypto.randomUUID().toUpperCase(),
        },
      ],
    }),
  );
}

export const WIFI = 'com.example.wifi';
export const MAIL = 'com.example.mail';

/** A configuration and an account; apps are in `apps.test.ts`. */
export const WITHHELD: readonly WithheldItem[] = [
  {
    id: 'wifi',
    kind: 'configuration',
    profileIdentifier: WIFI,
    profile: profile(WIFI, 'com.apple.wifi.managed'),
  },
  { id: 'mail', kind: 'account', profileIdentifier: MAIL, profile: profile(MAIL, 'com.apple.mail.managed') },
];
