import { bytes, name } from '../../../src/testing/der-writer.ts';
import { extendedKeyUsage } from '../../../src/testing/leaf.ts';
import { authorityKeyIdentifier, basicConstraints, keyIdentifierOf, keyUsage } from '../../support/mint.ts';
import { subjectKeyIdentifier } from '../../support/mint.ts';
import type { Draft } from '../draft.ts';
import { type About, accepted } from '../outcome.ts';
import {
  acmeCase,
  answerFor,
  codeOfToken,
  evidenceForToken,
  leafExtensions,
  NO_MAC,
  SOURCES,
  TOKEN,
  USER_ENROLLMENT,
} from '../requests.ts';
import { chainWith, type Evidence, keyOf, KEYS } from '../support.ts';

interface Row extends About {
  readonly evidence: () => Promise<Evidence>;
  readonly identifier?: string;
}

const SECOND_SUB_CA = {
  key: keyOf('second sub CA'),
  subject: name({ CN: 'Simulated Enterprise Attestation Sub CA 2', O: 'Not Apple', C: 'US' }),
};

const ROWS: readonly Row[] = [
  {
    name: 'genuine',
    title: 'A Mac answers its challenge, with a leaf in the shape of 2025.',
    flags: ['real-world'],
    source: SOURCES.apple,
    evidence: () => evidenceForToken(),
  },
  {
    name: 'extended-key-usage',
    title: 'The leaf has the extended key usage that leaves of 2026 carry.',
    flags: ['real-world', 'known-mistake'],
    source: 'RFC 5280, 4.2.1.12',
    evidence: () => {
      const [constraints, usage, ...properties] = leafExtensions({ '11.1': codeOfToken(TOKEN) });
      const purpose = extendedKeyUsage('1.2.840.113635.100.4.24');
      return evidenceForToken({}, { leaf: { extensions: [constraints!, usage!, purpose, ...properties] } });
    },
  },
  {
    name: 'p256-key',
    title: 'The attested key is on P-256, as the payload asked.',
    flags: ['key', 'real-world'],
    source: 'Apple, com.apple.security.acme: KeySize',
    evidence: () => evidenceForToken({}, { leaf: { key: keyOf('acme leaf', 'P-256') } }),
  },
  {
    name: 'user-enrollment',
    title: 'A User Enrollment leaves out serial number and UDID, and the order named no device.',
    flags: ['user-enrollment', 'undetermined'],
    source: SOURCES.apple,
    evidence: () => evidenceForToken(USER_ENROLLMENT),
  },
  {
    name: 'no-mac',
    title: 'A device that is no Mac has no properties of one.',
    flags: ['undetermined'],
    source: SOURCES.apple,
    evidence: () => evidenceForToken(NO_MAC),
  },
  {
    name: 'first-properties',
    title: 'A device with a system of 2022 attests four properties and no more.',
    flags: ['undetermined'],
    source: 'Apple Platform Security, Managed Device Attestation: minimum versions',
    evidence: () => evidenceForToken({ ...NO_MAC, '9.4': undefined, '10.1': undefined, '10.3': undefined }),
  },
  {
    name: 'blank-property',
    title: 'Apple’s servers could not determine the OS version and left it blank.',
    flags: ['undetermined'],
    source: SOURCES.apple,
    evidence: () => evidenceForToken({ '10.1': new Uint8Array() }),
  },
  {
    name: 'unknown-property',
    title: 'The leaf has properties that nobody knows yet.',
    flags: ['property', 'future'],
    source: SOURCES.protocol,
    evidence: () => evidenceForToken({ '13.4': Uint8Array.of(2, 1, 1), '15.1': bytes('later') }),
  },
  {
    name: 'other-sub-ca',
    title: 'Another Sub CA below the same root issued the leaf.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 6.1',
    evidence: () => {
      const { key, subject } = SECOND_SUB_CA;
      const extensions = [
        basicConstraints(true, 0),
        authorityKeyIdentifier(keyIdentifierOf(KEYS.root)),
        subjectKeyIdentifier(keyIdentifierOf(key)),
        keyUsage(0x06),
      ];
      return evidenceForToken({}, { subCa: { key, subject, extensions }, leaf: { issuer: subject, issuerKey: key } });
    },
  },
  {
    name: 'anchor-repeated',
    title: 'The trust anchor stands at the end of x5c.',
    flags: ['path'],
    source: 'profile of this project: docs/SECURITY.md, Where it departs from RFC 5280',
    evidence: async () => {
      const { x5c, ...rest } = await evidenceForToken();
      const { root } = await chainWith();
      return { ...rest, x5c: [...x5c, root] };
    },
  },
  {
    name: 'serial-number-ordered',
    title: 'The order names the serial number of the device.',
    flags: ['identity', 'real-world'],
    source: SOURCES.apple,
    evidence: () => evidenceForToken(),
    identifier: 'SIMULATED1',
  },
  {
    name: 'udid-ordered',
    title: 'The order names the UDID of the device.',
    flags: ['identity'],
    source: SOURCES.apple,
    evidence: () => evidenceForToken(),
    identifier: '00006030-0000000000000001',
  },
  {
    name: 'udid-ordered-alone',
    title: 'The order names the UDID, and the serial number is not attested.',
    flags: ['identity', 'undetermined'],
    source: SOURCES.protocol,
    evidence: () => evidenceForToken({ '9.1': undefined }),
    identifier: '00006030-0000000000000001',
  },
  {
    name: 'serial-number-ordered-alone',
    title: 'The order names the serial number, and the UDID is blank.',
    flags: ['identity', 'undetermined'],
    source: SOURCES.protocol,
    evidence: () => evidenceForToken({ '9.2': new Uint8Array() }),
    identifier: 'SIMULATED1',
  },
];

/** Answers that differ from device to device and from year to year, and are as good. */
export function acceptedAnswers(): Promise<readonly Draft[]> {
  return Promise.all(
    ROWS.map(async ({ evidence: make, identifier, ...about }) => {
      const evidence = await make();
      const request = identifier === undefined ? {} : { identifier };
      return accepted(about, acmeCase(evidence, request), answerFor(evidence));
    }),
  );
}
