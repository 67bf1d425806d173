import {
  AttestationError,
  type Certificate,
  certificateFingerprint,
  decodeProperties,
  parseCertificate,
} from '../index.ts';
import { readArguments } from './arguments.ts';
import { ACCEPTED, type Outcome, REFUSED } from './exit-codes.ts';
import { renderInspection } from './inspect-text.ts';
import { inspectJson } from './inspect-json.ts';
import { jsonProperties, type JsonProperties } from '../conformance/json-properties.ts';
import { jsonText } from './json-text.ts';
import { OperatorError } from './operator-error.ts';
import { readInput } from './read-input.ts';
import { type RecognisedInput, recognise } from './recognise.ts';
import { layoutOfStdout } from './terminal.ts';
import { readFile } from './verify-arguments.ts';

/** Named limit: an attestation has two; a file of 1 MiB could claim a hundred thousand, and fill the disk with answers. */
export const MAX_INSPECTED_CERTIFICATES = 100;

/** One certificate of the input: described, or the reason why it does not parse. */
export type InspectedCertificate =
  | { readonly der: Uint8Array; readonly certificate: Certificate; readonly fingerprint: Uint8Array }
  | { readonly der: Uint8Array; readonly error: AttestationError };

/** What `mda inspect` found, before it is written for people or programs. Nothing in it is judged. */
export interface Inspection {
  readonly format: RecognisedInput['format'];
  readonly certificates: readonly InspectedCertificate[];
  /** Undefined if the leaf does not parse. */
  readonly properties: JsonProperties | undefined;
  /** Why no certificate came out of the input. */
  readonly error: AttestationError | undefined;
}

export async function inspect(args: readonly string[]): Promise<Outcome> {
  const line = readArguments(args, ['json']);
  const inspection = await look(recognise(await readInput(readFile(line))));
  const parsed = inspection.error === undefined && inspection.certificates.every((item) => 'certificate' in item);
  return {
    exitCode: parsed ? ACCEPTED : REFUSED,
    text: line.has('json') ? jsonText(inspectJson(inspection)) : renderInspection(inspection, layoutOfStdout()),
  };
}

async function look({ format, decode }: RecognisedInput): Promise<Inspection> {
  try {
    const ders = decode();
    if (ders.length === 0) throw new AttestationError('ERR_MDA_CHAIN_EMPTY');
    if (ders.length > MAX_INSPECTED_CERTIFICATES)
      throw new OperatorError(
        `the input has ${ders.length} certificates; mda inspect shows at most ${MAX_INSPECTED_CERTIFICATES}`,
      );
    const certificates = await Promise.all(ders.map(inspectCertificate));
    const [leaf] = certificates;
    const properties =
      leaf !== undefined && 'certificate' in leaf ? jsonProperties(decodeProperties(leaf.certificate)) : undefined;
    return { format, certificates, properties, error: undefined };
  } catch (error) {
    if (error instanceof AttestationError) return { format, certificates: [], properties: undefined, error };
    throw error;
  }
}

async function inspectCertificate(der: Uint8Array): Promise<InspectedCertificate> {
  try {
    const certificate = parseCertificate(der);
    return { der, certificate, fingerprint: await certificateFingerprint(certificate) };
  } catch (error) {
    if (error instanceof AttestationError) return { der, error };
    throw error;
  }
}
