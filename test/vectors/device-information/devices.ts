import { bytes } from '../../../src/testing/der-writer.ts';
import { extendedKeyUsage } from '../../../src/testing/leaf.ts';
import type { Draft } from '../draft.ts';
import { type About, accepted, eitherWay } from '../outcome.ts';
import {
  answerFor,
  deviceInformationCase,
  evidenceFor,
  leafExtensions,
  NO_MAC,
  SOURCES,
  USER_ENROLLMENT,
} from '../requests.ts';
import { chainWith, type Evidence, keyOf } from '../support.ts';
import { NONCE } from './states.ts';

interface Row extends About {
  readonly evidence: () => Promise<Evidence>;
}

const ROWS: readonly Row[] = [
  {
    name: 'extended-key-usage',
    title: 'The leaf has the extended key usage that leaves of 2026 carry.',
    flags: ['real-world', 'known-mistake'],
    source: 'RFC 5280, 4.2.1.12',
    evidence: () => {
      const [constraints, usage, ...properties] = leafExtensions({ '11.1': NONCE });
      const purpose = extendedKeyUsage('1.2.840.113635.100.4.24');
      return evidenceFor(NONCE, {}, { leaf: { extensions: [constraints!, usage!, purpose, ...properties] } });
    },
  },
  {
    name: 'user-enrollment',
    title: 'A User Enrollment leaves out serial number and UDID.',
    flags: ['user-enrollment', 'undetermined'],
    source: SOURCES.apple,
    evidence: () => evidenceFor(NONCE, USER_ENROLLMENT),
  },
  {
    name: 'no-mac',
    title: 'A device that is no Mac has no properties of one.',
    flags: ['undetermined'],
    source: SOURCES.apple,
    evidence: () => evidenceFor(NONCE, NO_MAC),
  },
  {
    name: 'undetermined-properties',
    title: 'Apple’s servers left the serial number blank and the OS version out.',
    flags: ['undetermined'],
    source: SOURCES.apple,
    evidence: () => evidenceFor(NONCE, { '9.1': new Uint8Array(), '10.1': undefined }),
  },
  {
    name: 'lowered-security',
    title: 'A Mac without System Integrity Protection, with reduced security and with kernel extensions, says so.',
    flags: ['property'],
    source: SOURCES.apple,
    evidence: () =>
      evidenceFor(NONCE, {
        '13.1': Uint8Array.of(2, 1, 1),
        '13.2': bytes('Reduced Security'),
        '13.3': Uint8Array.of(2, 1, 2),
      }),
  },
  {
    name: 'unknown-property',
    title: 'The leaf has a property that nobody knows yet.',
    flags: ['property', 'future'],
    source: SOURCES.protocol,
    evidence: () => evidenceFor(NONCE, { '14.1': bytes('later') }),
  },
  {
    name: 'anchor-repeated',
    title: 'The trust anchor stands at the end of the certificates.',
    flags: ['path'],
    source: 'profile of this project: docs/SECURITY.md, Where it departs from RFC 5280',
    evidence: async () => {
      const { x5c, ...rest } = await evidenceFor(NONCE);
      const { root } = await chainWith();
      return { ...rest, x5c: [...x5c, root] };
    },
  },
];

/** Attestations of devices that differ, each for the nonce that was sent. */
export async function devices(): Promise<readonly Draft[]> {
  const p256 = await evidenceFor(NONCE, {}, { leaf: { key: keyOf('device information leaf', 'P-256') } });
  return [
    ...(await Promise.all(
      ROWS.map(async ({ evidence: make, ...about }) => {
        const evidence = await make();
        return accepted(about, deviceInformationCase(evidence, NONCE), answerFor(evidence, 'fresh'));
      }),
    )),
    eitherWay(
      {
        name: 'p256-key',
        title: 'The attested key is on P-256.',
        reason: 'devices attest a key on P-384 here, and no document says that they always will',
        flags: ['key', 'future'],
        source: SOURCES.apple,
      },
      deviceInformationCase(p256, NONCE),
    ),
  ];
}
