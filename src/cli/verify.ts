import {
  AttestationError,
  type CheckReport,
  decodeProperties,
  explainAttestation,
  type Explanation,
  parseCertificate,
  type VerifyAttestationOptions,
} from '../index.ts';
import { ACCEPTED, type Outcome, REFUSED } from './exit-codes.ts';
import { jsonProperties, type JsonProperties } from '../conformance/json-properties.ts';
import { jsonText } from './json-text.ts';
import { readInput } from './read-input.ts';
import { type RecognisedInput, recognise } from './recognise.ts';
import { layoutOfStdout } from './terminal.ts';
import { readVerifyArguments } from './verify-arguments.ts';
import { verifyJson } from './verify-json.ts';
import { renderVerification } from './verify-text.ts';

/** A check of the library, or the first of all: whether the input keeps to its format. */
export type InputCheckReport = Omit<CheckReport, 'name'> & { readonly name: CheckReport['name'] | 'input' };

/** What `mda verify` found, before it is written for people or programs. */
export interface Verification {
  readonly format: RecognisedInput['format'];
  readonly options: VerifyAttestationOptions;
  readonly explanation: Explanation;
  readonly checks: readonly InputCheckReport[];
  /** As supplied; 0 if none came out of the input. */
  readonly certificateCount: number;
  /** What the leaf of a refused attestation claims; undefined if it does not parse, or was accepted. */
  readonly claims: JsonProperties | undefined;
}

export async function verify(args: readonly string[]): Promise<Outcome> {
  const { file, json, options } = await readVerifyArguments(args);
  const verification = await judge(recognise(await readInput(file)), options);
  return {
    exitCode: verification.explanation.accepted ? ACCEPTED : REFUSED,
    text: json ? jsonText(verifyJson(verification)) : renderVerification(verification, layoutOfStdout()),
  };
}

async function judge({ format, decode }: RecognisedInput, options: VerifyAttestationOptions): Promise<Verification> {
  const reference = REFERENCES[format];
  let certificates: readonly Uint8Array[];
  try {
    certificates = decode();
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return {
      format,
      options,
      certificateCount: 0,
      claims: undefined,
      ...(await refusedUndecoded(error, reference, options)),
    };
  }
  const explanation = await explainAttestation(certificates, options);
  const certificateCount = certificates.length;
  const detail = `${format}, certificates: ${certificateCount}`;
  const input: InputCheckReport = { ...PASSED, detail, reference };
  const claims = explanation.accepted ? undefined : claimsOf(certificates);
  return { format, options, explanation, checks: [input, ...explanation.checks], certificateCount, claims };
}

const PASSED = { name: 'input', outcome: 'passed', code: undefined, certificate: undefined } as const;

const REFERENCES: Readonly<Record<RecognisedInput['format'], string>> = {
  pem: 'RFC 7468',
  der: 'X.690, 10',
  base64: 'RFC 4648, 4',
  'json-array': 'RFC 8259; RFC 4648, 4',
  'acme-payload': 'draft-ietf-acme-device-attest; RFC 8949',
  'attestation-object': 'draft-ietf-acme-device-attest; RFC 8949',
};

/** The report on an input that no chain came out of: every check is named, and the one that failed says why. */
async function refusedUndecoded(error: AttestationError, reference: string, options: VerifyAttestationOptions) {
  const { code, certificate, message } = error;
  // An attestation object is decoded together with its certificates: the fault may lie in either.
  const inInput = /^ERR_MDA_(?:ENCODING|CBOR|OBJECT)_/.test(code);
  const failed = { outcome: 'failed', code, certificate, detail: message } as const;
  const input: InputCheckReport = inInput
    ? { name: 'input', ...failed, reference }
    : { ...PASSED, detail: 'it keeps to its format', reference };
  // The names and references of the checks, in their order, from a run that cannot get anywhere.
  const { checks } = await explainAttestation([], options);
  const rest = checks.map((check): InputCheckReport => {
    if (check.name === 'certificates' && !inInput) return { ...check, ...failed };
    const detail = inInput ? 'no certificates came out of the input' : check.detail;
    return { ...check, outcome: 'not run', code: undefined, certificate: undefined, detail };
  });
  return { explanation: { accepted: false, checks: [], error } as const, checks: [input, ...rest] };
}

function claimsOf([leaf]: readonly Uint8Array[]): JsonProperties | undefined {
  try {
    return leaf && jsonProperties(decodeProperties(parseCertificate(leaf)));
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}
