import type { VectorFlag } from '../../../src/conformance/flags.ts';
import type { DeviceInformationCase } from '../../../src/conformance/vector.ts';
import { concat } from '../../../src/testing/der-writer.ts';
import { type AttestationErrorCode, toBase64Url } from '../../../src/index.ts';
import { basicConstraints, keyUsage, property } from '../../support/mint.ts';
import type { Draft } from '../draft.ts';
import { rejected } from '../outcome.ts';
import { deviceInformationCase, evidenceFor, SOURCES } from '../requests.ts';
import { chainWith, type Evidence, keyOf } from '../support.ts';
import { EARLIER, NONCE } from './states.ts';

interface Row {
  readonly name: string;
  readonly title: string;
  readonly fault: string;
  readonly code: AttestationErrorCode;
  readonly flags: readonly VectorFlag[];
  readonly source: string;
  readonly evidence: (genuine: Evidence) => Evidence | Promise<Evidence>;
}

const ROWS: readonly Row[] = [
  {
    name: 'code-missing',
    title: 'A nonce was sent, and the leaf has no freshness code.',
    fault: 'there is no freshness code',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    flags: ['freshness', 'undetermined', 'known-mistake'],
    source: SOURCES.protocol,
    evidence: () => evidenceFor(undefined),
  },
  {
    name: 'code-blank',
    title: 'A nonce was sent, and the freshness code has no bytes.',
    fault: 'the freshness code is blank',
    code: 'ERR_MDA_FRESHNESS_MISSING',
    flags: ['freshness', 'undetermined'],
    source: SOURCES.protocol,
    evidence: () => evidenceFor(new Uint8Array()),
  },
  {
    name: 'code-too-long',
    title: 'A nonce was sent, and the freshness code has it first and 33 bytes in all.',
    fault: 'the freshness code is longer than any nonce',
    code: 'ERR_MDA_FRESHNESS_MALFORMED',
    flags: ['freshness', 'property'],
    source: SOURCES.command,
    evidence: () => evidenceFor(concat(NONCE, Uint8Array.of(0))),
  },

  {
    name: 'chain-leaf-expired',
    title: 'The attestation is fresh, and its leaf expired a second ago.',
    fault: 'notAfter lies a second before at',
    code: 'ERR_MDA_CHAIN_EXPIRED',
    flags: ['time'],
    source: 'RFC 5280, 6.1.3 (a)(2)',
    evidence: (genuine) => ({ ...genuine, at: new Date('2026-07-31T00:00:01Z') }),
  },
  {
    name: 'chain-sub-ca-other-key',
    title: 'A look-alike of the Sub CA issued the leaf.',
    fault: 'another key than that of the trust anchor signed the Sub CA',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    evidence: () => evidenceFor(NONCE, {}, { subCa: { issuerKey: keyOf('look-alike root') } }),
  },
  {
    name: 'chain-leaf-changed',
    title: 'The serial number was changed after the leaf was signed.',
    fault: 'the signature of the leaf is over another serial number',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    evidence: ({ x5c: [leaf, ...issuers], ...genuine }) => ({ ...genuine, x5c: [renamed(leaf!), ...issuers] }),
  },
  {
    name: 'chain-authority-as-leaf',
    title: 'The Sub CA stands where the leaf should, with the right freshness code.',
    fault: 'the first certificate is that of an authority',
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 4.2.1.9',
    evidence: async (genuine) => {
      const extensions = [basicConstraints(true, 0), keyUsage(0x86), property('11.1', NONCE)];
      const { subCa } = await chainWith({ subCa: { extensions } });
      return { ...genuine, x5c: [subCa] };
    },
  },
  {
    name: 'chain-reversed',
    title: 'The leaf stands behind the Sub CA.',
    fault: 'the leaf does not come first',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    flags: ['path'],
    source: SOURCES.apple,
    evidence: ({ x5c, ...genuine }) => ({ ...genuine, x5c: x5c.toReversed() }),
  },
  {
    name: 'chain-empty',
    title: 'The answer of the device holds no certificates.',
    fault: 'x5c is empty',
    code: 'ERR_MDA_CHAIN_EMPTY',
    flags: ['path', 'known-mistake'],
    source: SOURCES.apple,
    evidence: (genuine) => ({ ...genuine, x5c: [] }),
  },
];

/** The same leaf with another digit in its serial number. */
function renamed(leaf: Uint8Array): Uint8Array {
  const changed = Buffer.from(leaf);
  changed.write('SIMULATED2', changed.indexOf('SIMULATED1'));
  return new Uint8Array(changed);
}

/** The certificates in the alphabet of base64url. */
function inBase64Url(judged: DeviceInformationCase, { x5c }: Evidence): DeviceInformationCase {
  return { ...judged, input: { ...judged.input, x5c: x5c.map(toBase64Url) } };
}

/** What no state excuses. */
export async function refused(): Promise<readonly Draft[]> {
  const genuine = await evidenceFor(NONCE);
  const fresh = deviceInformationCase(genuine, NONCE, EARLIER);
  const cached = deviceInformationCase(genuine, EARLIER[0]!, [NONCE]);
  return [
    ...(await Promise.all(
      ROWS.map(async ({ evidence, ...about }) =>
        rejected(about, deviceInformationCase(await evidence(genuine), NONCE, EARLIER), fresh),
      ),
    )),
    rejected(
      {
        name: 'chain-cached-expired',
        title: 'The attestation is the cached one, and its leaf has expired since.',
        fault: 'notAfter lies a second before at',
        code: 'ERR_MDA_CHAIN_EXPIRED',
        flags: ['time', 'freshness'],
        source: 'RFC 5280, 6.1.3 (a)(2)',
      },
      { ...cached, at: '2026-07-31T00:00:01Z' },
      cached,
    ),
    rejected(
      {
        name: 'chain-base64url',
        title: 'The certificates are in base64url.',
        fault: 'it is not the alphabet of base64',
        code: 'ERR_MDA_ENCODING_BASE64',
        flags: ['der'],
        source: SOURCES.protocol,
      },
      inBase64Url(fresh, genuine),
      fresh,
    ),
  ];
}
