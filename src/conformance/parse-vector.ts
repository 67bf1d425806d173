import { FRESHNESS } from './answer.ts';
import { parseDateTime } from './date-time.ts';
import { VECTOR_FLAGS } from './flags.ts';
import { quote } from './printable.ts';
import {
  entriesOf,
  listOf,
  type Members,
  oneOf,
  orNull,
  record,
  setOf,
  type Shape,
  ShapeFault,
  text,
  words,
} from './shape.ts';
import { type Operation, OPERATIONS, type Vector } from './vector.ts';

/** The file of a vector and what is wrong with it. A caller's mistake, and so a `TypeError` to who catches it. */
export class VectorFault extends TypeError {
  readonly path: string;
  readonly fault: string;

  constructor(path: string, fault: string) {
    super(`${quote(path)}: ${fault}`);
    this.path = path;
    this.fault = fault;
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)$/;
const base64 = text(BASE64, 'canonical, padded base64 that is not empty');

const UTC = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?Z$/;
const at: Shape = (value, where) => {
  if (typeof value !== 'string' || !UTC.test(value) || parseDateTime(value) === undefined)
    throw new ShapeFault(`${where} must be a date-time of RFC 3339 that exists, in UTC: 2026-06-01T12:00:00Z`);
};

// What is evidence may be anything: that it is no base64 may be the fault.
const evidence = text();

const INPUTS: Readonly<Record<Operation, Shape>> = {
  chain: record({ x5c: listOf(evidence) }),
  properties: record({ certificate: evidence }),
  acme: record({ attObj: evidence, token: text(/^[\w-]+$/, 'base64url') }, { identifier: text() }),
  'device-information': record({ x5c: listOf(evidence), nonce: orNull(base64), knownNonces: listOf(base64) }),
  csr: record({ csr: evidence, attestedKey: base64 }),
};

const PATH: Members = { trustAnchors: listOf(base64, 1), at };

const hex = text(/^(?:[0-9a-f]{2})+$/, 'lower-case hexadecimal that is not empty');
const property: Shape = (value, where) => {
  const status = entriesOf(value, where).get('status');
  const members: Members = status === 'attested' ? { value: text() } : status === 'malformed' ? { bytes: hex } : {};
  record({ status: oneOf(['attested', 'absent', 'blank', 'malformed']), ...members })(value, where);
};

const properties = record({
  serialNumber: property,
  udid: property,
  softwareUpdateDeviceId: property,
  osVersion: property,
  sepOsVersion: property,
  llbVersion: property,
  freshnessCode: property,
  systemIntegrityProtection: property,
  secureBoot: property,
  thirdPartyKernelExtensions: property,
  other: listOf(
    record({
      oid: text(/^\d+(?:\.\d+)+$/, 'an OID in dotted form'),
      bytes: text(/^(?:[0-9a-f]{2})*$/, 'lower-case hexadecimal'),
    }),
  ),
});

const VERIFIED: Members = { properties, publicKey: base64 };
/** The members that an answer of the operation has besides its result. */
const ANSWERS: Readonly<Record<Operation, Members>> = {
  chain: VERIFIED,
  properties: { properties },
  acme: VERIFIED,
  'device-information': { ...VERIFIED, freshness: oneOf(FRESHNESS) },
  csr: {},
};

const code = text(/^ERR_MDA_[A-Z0-9]+(?:_[A-Z0-9]+)*$/, 'a code of the library, ERR_MDA_…');
const operation = oneOf(OPERATIONS);

const COMMON: Members = {
  id: text(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'FOLDER/NAME, of a to z, 0 to 9 and -'),
  title: words,
  op: operation,
  result: oneOf(['accept', 'reject', 'either']),
  flags: setOf(oneOf(Object.keys(VECTOR_FLAGS)), 1),
  source: words,
};

/**
 * Reads the file of a vector.
 *
 * Checks: strictly everything that `vectors/vector.schema.json` says, so an unknown member or flag is a fault;
 * and that the id is the path of the file, without `.json`.
 *
 * @param text what is in the file
 * @param path the path of the file within the folder of the vectors, with slashes: `chain/leaf-expired.json`
 * @throws TypeError if anything is wrong; the message names the file and the fault, and is safe to print
 * @example
 * ```ts
 * import { parseVector } from 'managed-device-attestation/conformance';
 *
 * try {
 *   parseVector('{}', 'chain/leaf-expired.json');
 * } catch (error) {
 *   console.log(String(error)); // TypeError: "chain/leaf-expired.json": the vector must have a member op
 * }
 * ```
 * @see docs/conformance.md
 */
export function parseVector(text: string, path: string): Vector {
  try {
    const value = parseJson(text);
    checkVector(value);
    if (`${value.id}.json` !== path) throw new ShapeFault('the id must be the path of the file without .json');
    return value;
  } catch (error) {
    throw error instanceof ShapeFault ? new VectorFault(path, error.message) : error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ShapeFault('it is not JSON');
  }
}

const WHERE = 'the vector';

function checkVector(value: unknown): asserts value is Vector {
  const members = entriesOf(value, WHERE);
  // What else there must be depends on these two.
  for (const name of ['op', 'result'])
    if (!members.has(name)) throw new ShapeFault(`${WHERE} must have a member ${name}`);
  const op = members.get('op') as Operation;
  operation(op, `${WHERE}.op`);
  const result = members.get('result');
  const path = op === 'properties' || op === 'csr' ? {} : PATH;
  const required: Members = { ...COMMON, input: INPUTS[op], ...path };
  if (result === 'reject') record({ ...required, fault: words }, { code })(value, WHERE);
  else if (result === 'either') record({ ...required, reason: words })(value, WHERE);
  else record(required, op === 'csr' ? {} : { answer: someOf(ANSWERS[op]) })(value, WHERE);
}

/** An object with at least one of the members. */
function someOf(members: Members): Shape {
  const shape = record({}, members);
  return (value, where) => {
    shape(value, where);
    if (Object.keys(value as object).length === 0) throw new ShapeFault(`${where} must not be empty`);
  };
}
