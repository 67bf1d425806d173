import type { JsonProperties } from './json-properties.ts';
import { entriesOf, oneOf, record, type Shape, ShapeFault, text } from './shape.ts';

/** The id of a request; it comes back in the answer. */
export type RequestId = string | number;

export function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
}

/** How the freshness code of a DeviceInformation attestation relates to the nonces that the server sent. */
export type Freshness = 'fresh' | 'cached' | 'unknown-nonce' | 'not-requested';

export const FRESHNESS: readonly Freshness[] = ['fresh', 'cached', 'unknown-nonce', 'not-requested'];

/** The evidence is genuine. Which members there are depends on the operation. */
export interface AcceptAnswer {
  readonly id: RequestId;
  readonly result: 'accept';
  /** What the leaf attests; not for op `csr`. */
  readonly properties?: JsonProperties;
  /** Base64 of the SubjectPublicKeyInfo of the attested key; not for op `properties` and `csr`. */
  readonly publicKey?: string;
  /** For op `device-information` alone. */
  readonly freshness?: Freshness;
}

/** The evidence does not parse or does not verify. */
export interface RejectAnswer {
  readonly id: RequestId;
  readonly result: 'reject';
  /** The library has its own codes; another verifier may have others, or none. */
  readonly code?: string;
}

/** The verifier does not know the operation, or what the request asks of it. */
export interface UnsupportedAnswer {
  readonly id: RequestId;
  readonly result: 'unsupported';
}

/** The request breaks the protocol. */
export interface ErrorAnswer {
  /** Null if the id could not be read. */
  readonly id: RequestId | null;
  readonly result: 'error';
  /** For people; names the field. */
  readonly message: string;
}

/** One answer of the protocol. */
export type Answer = AcceptAnswer | RejectAnswer | UnsupportedAnswer | ErrorAnswer;

const id: Shape = (value, where) => {
  if (!isRequestId(value)) throw new ShapeFault(`${where} must be a string or a number`);
};

const idOrNull: Shape = (value, where) => {
  if (value !== null) id(value, where);
};

/** Any object: what differs in it is named when it is compared. */
const object: Shape = (value, where) => {
  entriesOf(value, where);
};

const result = text();

const ACCEPT = record({ id, result }, { properties: object, publicKey: text(), freshness: oneOf(FRESHNESS) });
const REJECT = record({ id, result }, { code: text() });
const UNSUPPORTED = record({ id, result });
const ERROR = record({ id: idOrNull, result, message: text() });

/**
 * Reads a line as an answer.
 *
 * @throws ShapeFault if it is none
 */
export function readAnswer(line: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ShapeFault('the line is not JSON');
  }
  shapeOf(entriesOf(value, 'the answer').get('result'))(value, 'the answer');
  return value as Answer;
}

function shapeOf(result: unknown): Shape {
  switch (result) {
    case 'accept':
      return ACCEPT;
    case 'reject':
      return REJECT;
    case 'unsupported':
      return UNSUPPORTED;
    case 'error':
      return ERROR;
    default:
      throw new ShapeFault('the answer must have a result: accept, reject, unsupported or error');
  }
}
