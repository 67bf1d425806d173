import { type Bytes, isBytes } from '../core/bytes.ts';
import { AttestationError } from '../core/errors.ts';
import { parsePlist } from './plist-reader.ts';
import { isArray, isDictionary, type PlistDictionary, type PlistValue } from './plist-value.ts';
import {
  readReportedProperties,
  readReportedSecurity,
  readText,
  type ReportedProperties,
  type ReportedSecurity,
} from './reported.ts';

/** Who the device says that it is. Compare it with the enrollment that the client certificate of the connection belongs to. */
export interface EnrollmentIdentifiers {
  /** Undefined in a User Enrollment. */
  readonly udid: string | undefined;
  /** Of a User Enrollment; another one after each enrollment. */
  readonly enrollmentId: string | undefined;
  /** Of the user channel; undefined on the device channel. */
  readonly user:
    { readonly id: string; readonly shortName: string | undefined; readonly longName: string | undefined } | undefined;
}

/** One step of why a device failed. */
export interface ErrorChainItem {
  readonly code: number;
  readonly domain: string;
  /** In the language of the device. Text of the device's: do not take it for more. */
  readonly localizedDescription: string | undefined;
  readonly usEnglishDescription: string | undefined;
}

interface AnyResponse {
  readonly enrollment: EnrollmentIdentifiers;
  /** All that the device sent. */
  readonly values: PlistDictionary;
}

/** The device has nothing to answer and asks for a command. */
export interface IdleResponse extends AnyResponse {
  readonly status: 'Idle';
}

/** The device cannot carry the command out now; it asks again when it can. */
export interface NotNowResponse extends AnyResponse {
  readonly status: 'NotNow';
  readonly commandUUID: string;
}

/** The device could not carry the command out, or (`CommandFormatError`) did not understand it. */
export interface ErrorResponse extends AnyResponse {
  readonly status: 'Error' | 'CommandFormatError';
  readonly commandUUID: string | undefined;
  /** Outermost first; may be empty. */
  readonly errorChain: readonly ErrorChainItem[];
}

/** The device carried the command out. */
export interface AcknowledgedResponse extends AnyResponse {
  readonly status: 'Acknowledged';
  readonly commandUUID: string;
  /** What the device reports; undefined unless the command was DeviceInformation. */
  readonly reported: ReportedProperties | undefined;
  /**
   * The certificates of the attestation, leaf first, DER; not verified. Undefined where there is none: it was not asked
   * for, the device does not support attestation, or Apple's servers refused it.
   */
  readonly attestation: readonly Bytes[] | undefined;
  /** What the device reports; undefined unless the command was SecurityInfo. */
  readonly security: ReportedSecurity | undefined;
}

/** What a device sends to the server URL. */
export type CommandResponse = IdleResponse | NotNowResponse | ErrorResponse | AcknowledgedResponse;

/** Named limit on the steps of an error chain; real ones have up to about 5. */
const MAX_ERROR_CHAIN_ITEMS = 64;

const acknowledged = /* @__PURE__ */ new WeakSet();

/** Whether a response comes from `parseCommandResponse`, and acknowledges a command. */
export function isAcknowledged(response: object): boolean {
  return acknowledged.has(response);
}

/**
 * Parses what a device sends to the server URL of an MDM service: an answer to a command, or that it is idle.
 *
 * Checks: the property list as `parsePlist` does; status, identifiers and everything that is typed here; an attestation
 * is an array of `data`.
 * Leaves to you: to compare `enrollment` with the client certificate of the connection, and `commandUUID` with a
 * command that you sent to this device; to verify the attestation (`verifyDeviceInformation`).
 *
 * @param body the body of the request, as it was received
 * @throws AttestationError `ERR_MDA_PLIST_*`; `ERR_MDA_RESPONSE_*`, with the key at fault in `field`
 * @throws TypeError if `body` is not a `Uint8Array`
 * @example
 * ```ts
 * import { parseCommandResponse } from 'managed-device-attestation/mdm';
 *
 * export function answer(body: Uint8Array): string {
 *   const response = parseCommandResponse(body);
 *   switch (response.status) {
 *     case 'Acknowledged':
 *       return response.attestation === undefined ? 'no attestation' : 'to be verified';
 *     case 'Error':
 *     case 'CommandFormatError':
 *       return response.errorChain.map(({ domain, code }) => `${domain} ${code}`).join();
 *     case 'NotNow':
 *     case 'Idle':
 *       return response.status;
 *   }
 * }
 * ```
 * @see Apple, "DeviceInformationResponse", "SecurityInfoResponse"
 */
export function parseCommandResponse(body: Uint8Array): CommandResponse {
  if (!isBytes(body)) throw new TypeError('body must be a Uint8Array');
  const values = parsePlist(body);
  if (!isDictionary(values)) throw new AttestationError('ERR_MDA_RESPONSE_SHAPE');
  const response = readResponse(values);
  if (response.status === 'Acknowledged') acknowledged.add(response);
  return response;
}

function readResponse(values: PlistDictionary): CommandResponse {
  const enrollment = readEnrollment(values);
  const status = readText(values, 'Status');
  switch (status) {
    case 'Idle':
      return { status, enrollment, values };
    case 'NotNow':
      return { status, commandUUID: requireText(values, 'CommandUUID'), enrollment, values };
    case 'Error':
    case 'CommandFormatError': {
      const commandUUID = readText(values, 'CommandUUID');
      return { status, commandUUID, enrollment, errorChain: readErrorChain(values), values };
    }
    case 'Acknowledged': {
      const commandUUID = requireText(values, 'CommandUUID');
      return { status, commandUUID, enrollment, ...readAnswer(values), values };
    }
    default:
      throw new AttestationError('ERR_MDA_RESPONSE_STATUS', { field: 'Status' });
  }
}

function readEnrollment(values: PlistDictionary): EnrollmentIdentifiers {
  const udid = readText(values, 'UDID');
  const enrollmentId = readText(values, 'EnrollmentID');
  if (!udid && !enrollmentId) refuse('UDID');
  const id = readText(values, 'UserID') ?? readText(values, 'EnrollmentUserID');
  const names = { shortName: readText(values, 'UserShortName'), longName: readText(values, 'UserLongName') };
  return { udid, enrollmentId, user: id === undefined ? undefined : { id, ...names } };
}

function readErrorChain(values: PlistDictionary): readonly ErrorChainItem[] {
  const chain = values.get('ErrorChain') ?? [];
  if (!isArray(chain) || chain.length > MAX_ERROR_CHAIN_ITEMS) refuse('ErrorChain');
  return chain.map((item, index) => {
    const where = `ErrorChain[${index}]`;
    if (!isDictionary(item)) refuse(where);
    return {
      code: readCode(item, `${where}.ErrorCode`),
      domain: requireText(item, 'ErrorDomain', where),
      localizedDescription: readText(item, 'LocalizedDescription', where),
      usEnglishDescription: readText(item, 'USEnglishDescription', where),
    };
  });
}

function readCode(item: PlistDictionary, where: string): number {
  const code = item.get('ErrorCode');
  const number = typeof code === 'bigint' ? Number(code) : NaN;
  return Number.isSafeInteger(number) ? number : refuse(where);
}

function readAnswer(values: PlistDictionary): Pick<AcknowledgedResponse, 'reported' | 'attestation' | 'security'> {
  const answers = values.get('QueryResponses');
  const security = values.get('SecurityInfo');
  if (answers !== undefined && !isDictionary(answers)) refuse('QueryResponses');
  if (security !== undefined && !isDictionary(security)) refuse('SecurityInfo');
  return {
    reported: answers && readReportedProperties(answers),
    attestation: answers && readAttestation(answers.get('DevicePropertiesAttestation')),
    security: security && readReportedSecurity(security),
  };
}

function readAttestation(value: PlistValue | undefined): readonly Bytes[] | undefined {
  if (value === undefined) return undefined;
  if (!isArray(value) || !value.every((item) => item instanceof Uint8Array))
    throw new AttestationError('ERR_MDA_RESPONSE_ATTESTATION', { field: 'QueryResponses.DevicePropertiesAttestation' });
  return value;
}

function requireText(values: PlistDictionary, key: string, where?: string): string {
  const text = readText(values, key, where);
  return text ?? refuse(where === undefined ? key : `${where}.${key}`);
}

function refuse(field: string): never {
  throw new AttestationError('ERR_MDA_RESPONSE_SHAPE', { field });
}
