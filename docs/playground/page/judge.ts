import { readCertificateRequest } from '../../../src/acme/certificate-request-record.ts';
import { verifyCertificateRequest } from '../../../src/acme/certificate-request.ts';
import { ERROR_GUIDE } from '../../../src/cli/error-guide.ts';
import {
  explainAttestation,
  type Explanation,
  skipFreshnessCheck,
  type VerifyAttestationOptions,
} from '../../../src/core/attestation.ts';
import { toHex } from '../../../src/core/bytes.ts';
import { type Certificate, certificateFingerprint, parseCertificate } from '../../../src/core/certificate.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { type AttestedProperties, decodeProperties } from '../../../src/core/properties.ts';
import type { ComparedName } from '../../../src/mdm/compare-properties.ts';
import { skipDeviceCheck, verifyDeviceInformation } from '../../../src/mdm/verify-device-information.ts';
import { chainLinks } from './chain-links.ts';
import type { Evidence } from './evidence.ts';
import type { ChainLink, CheckRow, Judgement, Row } from './judgement.ts';
import { counted, dateText, shown } from './printable.ts';
import { concernsOf, PROPERTIES } from './property-text.ts';
import type { Settings } from './settings.ts';
import { messageSheet, profileSheets, reportedSheet, requestSheet } from './sheets.ts';

type Of<Kind extends Evidence['kind']> = Extract<Evidence, { readonly kind: Kind }>;

/** Judges what was recognised. Evidence, however hostile, never makes it throw. */
export async function judge(evidence: Evidence, settings: Settings): Promise<Judgement> {
  switch (evidence.kind) {
    case 'chain':
      return judgeChain(evidence, settings);
    case 'answer':
      return judgeAnswer(evidence, settings);
    case 'broken':
      return judgeBroken(evidence, settings);
    case 'request':
      return judgeRequest(evidence);
    case 'profile':
      return plain(
        'A configuration profile',
        profileSentences(evidence),
        evidence.format,
        profileSheets(evidence.values),
      );
    case 'message':
      return plain('No attestation in this answer', messageSentences(evidence), evidence.format, [
        messageSheet(evidence.response),
      ]);
    case 'other':
      return plain(evidence.title, evidence.sentences, undefined, []);
  }
}

function plain(
  title: string,
  sentences: readonly string[],
  format: string | undefined,
  sheets: Judgement['sheets'],
): Judgement {
  return {
    ...EMPTY,
    title,
    sentences,
    facts: format === undefined ? [] : [['Read as', format]],
    sheets,
  };
}

const EMPTY: Judgement = {
  tone: 'none',
  title: '',
  sentences: [],
  cautions: [],
  error: undefined,
  certificateCount: 0,
  facts: [],
  checks: [],
  chain: [],
  properties: undefined,
  sheets: [],
  foreignRoot: undefined,
};

function profileSentences({ isSigned }: Of<'profile'>): readonly string[] {
  return [
    'A profile asks a device to attest; it is no attestation itself, so there is nothing to judge. This is what it says.',
    ...(isSigned ? ['It is signed. Its signature was NOT checked: anybody may have written it.'] : []),
  ];
}

function messageSentences({ response }: Of<'message'>): readonly string[] {
  switch (response.status) {
    case 'Idle':
      return ['The device has nothing to answer and asks for a command.'];
    case 'NotNow':
      return ['The device cannot carry the command out now. It asks again when it can.'];
    case 'Acknowledged':
      return ['The device carried a command out that was no DeviceInformation: this answer has no QueryResponses.'];
    default:
      return ['The device could not carry the command out. What it says of why stands below.'];
  }
}

function optionsOf({ at, trustAnchors, freshness }: Settings): VerifyAttestationOptions {
  return {
    at,
    expectedFreshnessCode: freshness.state === 'expected' ? freshness.code : skipFreshnessCheck,
    ...(trustAnchors && { trustAnchors }),
  };
}

const PASSED = { name: 'input', outcome: 'passed', code: undefined, certificate: undefined } as const;

function inputRow(
  { format, reference }: { readonly format: string; readonly reference: string },
  count: number,
): CheckRow {
  return { ...PASSED, detail: `${format}, ${counted(count, 'certificate')}`, reference };
}

async function judgeChain(evidence: Of<'chain'>, settings: Settings): Promise<Judgement> {
  const { certificates, request } = evidence;
  if (settings.trustAnchors?.length === 0) return withoutAnchor(evidence.format);
  const explanation = await explainAttestation(certificates, optionsOf(settings));
  const checks: CheckRow[] = [inputRow(evidence, certificates.length), ...explanation.checks];
  const requested = request && (await judgeRequestOf(request, certificates));
  if (requested !== undefined) checks.push(requested.row);
  const judged = await describe(explanation, checks, certificates, evidence.format, settings);
  if (judged.error !== undefined || requested?.error === undefined) return judged;
  const { meaning } = ERROR_GUIDE[requested.error.code];
  return { ...judged, ...REFUSED, sentences: [meaning], error: requested.error };
}

const REFUSED = { tone: 'bad', title: 'Refused' } as const;

function withoutAnchor(format: string): Judgement {
  const sentences = ['Another root was chosen, and there is no certificate in its place: put one in as PEM.'];
  return plain('No root to judge by', sentences, format, []);
}

async function describe(
  explanation: Explanation,
  checks: readonly CheckRow[],
  certificates: readonly Uint8Array[],
  format: string,
  settings: Settings,
): Promise<Judgement> {
  const chain = chainLinks(certificates, checks, settings, explanation);
  const cautions = settingCautions(settings, chain);
  const common = {
    ...EMPTY,
    cautions,
    checks,
    certificateCount: certificates.length,
    chain,
    facts: [...settingFacts(settings), ['Read as', format], ...(await leafFacts(certificates))] as const,
    foreignRoot: settings.anchor === 'apple' ? undefined : settings.anchor,
  };
  if (explanation.accepted) {
    const values = explanation.attestation.properties;
    const properties = { values, isVerified: true, comparisons: undefined };
    return { ...common, ...acceptance(settings), cautions: [...concernsOf(values), ...cautions], properties };
  }
  const { error } = explanation;
  const claims = claimsOf(certificates);
  return {
    ...common,
    ...REFUSED,
    sentences: [ERROR_GUIDE[error.code].meaning, ...hintsFor(error, certificates, settings)],
    error,
    properties: claims && { values: claims, isVerified: false, comparisons: undefined },
  };
}

const VERIFIED = {
  apple: 'Genuine',
  test: 'Verifies under the test root',
  other: 'Verifies under the other root',
} as const;

/** The headline for a genuine attestation: what is compared, and what is not. */
function acceptance({ anchor, freshness, ofLink }: Settings): Pick<Judgement, 'tone' | 'title' | 'sentences'> {
  if (freshness.state === 'expected') {
    const sentences = [
      `${VERIFIED[anchor]}, and made for this ${freshness.source === 'token' ? 'challenge' : 'nonce'}.`,
    ];
    if (ofLink.length > 0) return { tone: 'caution', title: 'Genuine by the settings of a link', sentences };
    return { tone: 'good', title: 'Accepted', sentences };
  }
  const why = freshness.state === 'unreadable' ? `What was typed could not be compared: ${freshness.reason}. ` : '';
  return {
    tone: 'caution',
    title: 'Genuine, freshness not compared',
    sentences: [
      `${why}It may be an old attestation, or the answer to another request. Type the token or the nonce to compare.`,
    ],
  };
}

/** A clock may be wrong by a little, and a page stay open for a while. */
const MAX_MINUTES_FROM_NOW = 5;

/** What one should know of the settings before one takes a verdict by them for one's own, or for today's. */
function settingCautions({ at, now, ofLink, freshness }: Settings, chain: readonly ChainLink[]): readonly string[] {
  const cautions: string[] = [];
  const typed = freshness.state === 'expected' && freshness.source === 'nonce' ? 'nonce' : 'token';
  const names = { at: 'time', freshness: typed };
  const ofSender = ofLink.filter((name) => name === 'at' || freshness.state !== 'skipped').map((name) => names[name]);
  if (ofSender.length === 1) cautions.push(`The ${ofSender[0]!} comes with the link: compare it with yours.`);
  if (ofSender.length === 2)
    cautions.push(`The ${ofSender.join(' and the ')} come with the link: compare them with yours.`);
  if (Math.abs(now.getTime() - at.getTime()) > MAX_MINUTES_FROM_NOW * 60_000)
    cautions.push(`Judged at ${dateText(at)}, which is not now.${todayText(now, chain)}`);
  return cautions;
}

function todayText(now: Date, chain: readonly ChainLink[]): string {
  const certificates = chain.flatMap(({ certificate, isReached }) => (certificate && isReached ? [certificate] : []));
  if (certificates.some(({ notAfter }) => notAfter < now)) return ' Today the chain has expired.';
  return certificates.some(({ notBefore }) => notBefore > now) ? ' Today the chain is not yet valid.' : '';
}

function settingFacts({ at, anchor, trustAnchors, freshness }: Settings): readonly Row[] {
  const names = trustAnchors?.map(({ subject }) => shown(subject.text)).join('; ') ?? '';
  const roots = {
    apple: 'Apple Enterprise Attestation Root CA',
    test: `TEST ROOT, not Apple: ${names}`,
    other: `not Apple: ${names}`,
  };
  const comparison = {
    skipped: () => 'not compared',
    unreadable: () => 'not compared: what was typed could not be read',
    expected: () => (freshness.state === 'expected' ? `expected code ${toHex(freshness.code)}` : ''),
  };
  return [
    ['Judged at', dateText(at)],
    ['Trust anchor', roots[anchor]],
    ['Freshness', comparison[freshness.state]()],
  ];
}

async function leafFacts([der]: readonly Uint8Array[]): Promise<readonly Row[]> {
  const leaf = der && tryParse(der);
  if (!leaf) return [];
  return [
    ['Leaf, SHA-256', toHex(await certificateFingerprint(leaf))],
    ['Key', `EC ${leaf.publicKey.curve}`],
  ];
}

function tryParse(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function claimsOf([der]: readonly Uint8Array[]): AttestedProperties | undefined {
  const leaf = der && tryParse(der);
  return leaf && decodeProperties(leaf);
}

/** What only this page can know: that the wrong root was chosen. */
function hintsFor(
  error: AttestationError,
  certificates: readonly Uint8Array[],
  { anchor }: Settings,
): readonly string[] {
  if (error.code !== 'ERR_MDA_CHAIN_TRUST_ANCHOR') return [];
  const issuer = tryParse(certificates.at(-1)!)?.issuer.text ?? '';
  if (anchor === 'apple' && issuer.includes('CN=Simulated Enterprise Attestation'))
    return [
      'The chain is in the manner of the test vectors: choose the test root of the samples, if that is what you are looking at.',
    ];
  if (anchor !== 'apple' && issuer.includes('CN=Apple Enterprise Attestation'))
    return ['The chain names Apple’s root: choose it to judge by.'];
  return [];
}

async function judgeRequestOf(request: Uint8Array, [leaf]: readonly Uint8Array[]) {
  const reference = 'RFC 8555, 7.4; RFC 2986, 4';
  const row = { name: 'certificate-request', certificate: undefined, reference } as const;
  const key = leaf && tryParse(leaf)?.publicKey.spki;
  if (key === undefined)
    return {
      row: { ...row, outcome: 'not run', code: undefined, detail: 'the leaf does not parse' } as const,
      error: undefined,
    };
  try {
    await verifyCertificateRequest(request, { attestedKeys: [key] });
    return {
      row: { ...row, outcome: 'passed', code: undefined, detail: 'its key is the attested one' } as const,
      error: undefined,
    };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { row: { ...row, outcome: 'failed', code: error.code, detail: error.message } as const, error };
  }
}

async function judgeRequest({ der, format }: Of<'request'>): Promise<Judgement> {
  try {
    const { publicKey } = readCertificateRequest(der);
    const request = await verifyCertificateRequest(der, { attestedKeys: [publicKey.spki] });
    const sentences = [
      'Its signature verifies with its own key. Whether that is the attested key, it does not say: put the chain and the request into one PEM text to compare them.',
    ];
    return plain('A certificate request alone', sentences, format, [requestSheet(request)]);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return {
      ...plain('Refused', [ERROR_GUIDE[error.code].meaning], format, []),
      tone: 'bad',
      error,
    };
  }
}

/** The input breaks its format: the report names every check, as that of the command line does. */
async function judgeBroken({ format, reference, error }: Of<'broken'>, settings: Settings): Promise<Judgement> {
  const { checks } = await explainAttestation([], { at: settings.at, expectedFreshnessCode: skipFreshnessCheck });
  const rest = checks.map((check): CheckRow => ({
    ...check,
    outcome: 'not run',
    code: undefined,
    certificate: undefined,
    detail: 'no certificates came out of the input',
  }));
  const failed: CheckRow = { ...PASSED, outcome: 'failed', code: error.code, detail: error.message, reference };
  return {
    ...plain('Refused', [ERROR_GUIDE[error.code].meaning], format, []),
    tone: 'bad',
    error,
    checks: [failed, ...rest],
  };
}

async function judgeAnswer({ format, response }: Of<'answer'>, settings: Settings): Promise<Judgement> {
  const { attestation: x5c, reported } = response;
  const sheets = reported ? [reportedSheet(reported, response.enrollment)] : [];
  if (x5c === undefined)
    return {
      ...plain(
        'Not attested',
        [
          'The device answered without an attestation: it was not asked for one, does not support it, or Apple’s servers refused it.',
          'Everything below is only what the device says of itself.',
        ],
        format,
        sheets,
      ),
      tone: 'caution',
    };
  if (settings.trustAnchors?.length === 0) return withoutAnchor(format);
  const explanation = await explainAttestation(x5c, optionsOf(settings));
  const checks: CheckRow[] = [
    inputRow({ format, reference: 'Apple, DeviceInformationResponse' }, x5c.length),
    ...explanation.checks,
  ];
  const isOtherNonce = !explanation.accepted && explanation.error.code === 'ERR_MDA_FRESHNESS_MISMATCH';
  if (!explanation.accepted && !isOtherNonce)
    return { ...(await describe(explanation, checks, x5c, format, settings)), sheets };
  const { freshness, at, trustAnchors } = settings;
  const verdict = await verifyDeviceInformation(response, {
    at,
    request: { commandUUID: response.commandUUID, nonce: freshness.state === 'expected' ? freshness.code : undefined },
    expectedDevice: skipDeviceCheck,
    ...(trustAnchors && { trustAnchors }),
  });
  // There is an attestation, and what this verification throws, the explanation has found before it.
  if (verdict.status !== 'attested') throw new TypeError('an attestation was lost');
  const { comparisons, contradictions, attestation } = verdict;
  const judged = await describe(explanation, isOtherNonce ? checks.map(otherNonce) : checks, x5c, format, settings);
  return {
    ...judged,
    ...(isOtherNonce && { ...OTHER_NONCE, error: undefined }),
    ...(contradictions.some(isIdentity) && OTHER_IDENTITY),
    sentences: isOtherNonce ? [OTHER_NONCE_SENTENCE] : judged.sentences,
    cautions: [
      ...concernsOf(attestation.properties),
      ...contradictionTexts(contradictions),
      ...settingCautions(settings, judged.chain),
    ],
    properties: { values: attestation.properties, isVerified: true, comparisons },
    sheets,
  };
}

const OTHER_NONCE = { tone: 'caution', title: 'Genuine, but not made for this nonce' } as const;
const OTHER_NONCE_SENTENCE =
  'A device keeps its last attestation and makes a new one at most every 7 days, so this may be an earlier answer. Look for its freshness code among the nonces that you issued to this device: if it is there, the answer is cached; if not, it was made for somebody else.';

const OTHER_IDENTITY = { tone: 'caution', title: 'Genuine, but the device reports another identity' } as const;

/** What no update changes. */
function isIdentity(name: ComparedName): boolean {
  return name === 'serialNumber' || name === 'udid' || name === 'softwareUpdateDeviceId';
}

function contradictionTexts(contradictions: readonly ComparedName[]): readonly string[] {
  const labels = (names: readonly ComparedName[]): string =>
    PROPERTIES.flatMap(({ name, label }) => (names.some((one) => one === name) ? [label] : [])).join(', ');
  const identity = labels(contradictions.filter(isIdentity));
  const rest = labels(contradictions.filter((name) => !isIdentity(name)));
  return [
    ...(identity === ''
      ? []
      : [
          `What the device reports is not what it attests. ${identity}. No update explains that: the attestation is of another device, or the report is wrong.`,
        ]),
    ...(rest === ''
      ? []
      : [
          `What the device reports is not what it attests. ${rest}. An update since then explains it, or the report is wrong.`,
        ]),
  ];
}

function otherNonce(row: CheckRow): CheckRow {
  if (row.name !== 'freshness') return row;
  return { ...row, outcome: 'caution', detail: 'made for another nonce: cached, or of another service' };
}
