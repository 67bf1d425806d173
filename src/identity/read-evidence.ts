import { fromBase64 } from '../core/base64.ts';
import type { Bytes } from '../core/bytes.ts';
import type { AttestationErrorCode } from '../core/error-codes.ts';
import { AttestationError } from '../core/errors.ts';
import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { MAX_IDENTITY_CERTIFICATES } from './identity-path.ts';

/** Named limit: nine certificates as large as they may be, and what is decoded of them, have fewer. */
const MAX_EVIDENCE_CHARACTERS = 524_288;

/** What of a record is taken at its word, to verify and compute the rest from. */
export interface EvidenceReading {
  readonly kind: 'acme' | 'device-information' | 'identity';
  readonly at: Date;
  readonly certificates: readonly Bytes[];
  /** Undefined: the record says that freshness was not checked; or it is about an identity. */
  readonly token: string | undefined;
  readonly nonce: Bytes | undefined;
  /** All of it, as JSON has it. */
  readonly record: Members;
}

type Members = Readonly<Record<string, unknown>>;

/** Reads a record, or its JSON text. */
export function readEvidence(given: unknown): EvidenceReading {
  const record = requireMembers(readJson(given), '');
  if (requireMember(record, 'format') !== 1) refuse('ERR_MDA_EVIDENCE_VERSION', 'format');
  const kind = requireMember(record, 'kind');
  if (kind !== 'acme' && kind !== 'device-information' && kind !== 'identity') refuse('ERR_MDA_EVIDENCE_VALUE', 'kind');
  return { kind, at: readAt(record), certificates: readCertificates(record), ...readFreshness(record, kind), record };
}

/** Plain data of our own, whatever was given: a text with a member twice would be two records for two readers. */
function readJson(given: unknown): unknown {
  let text: unknown;
  try {
    text = typeof given === 'string' ? given : JSON.stringify(given);
  } catch (cause) {
    // A cycle, a BigInt, or what a getter throws.
    refuse('ERR_MDA_EVIDENCE_JSON', '', cause);
  }
  if (typeof text !== 'string') refuse('ERR_MDA_EVIDENCE_JSON', '');
  if (text.length > MAX_EVIDENCE_CHARACTERS) refuse('ERR_MDA_EVIDENCE_TOO_LARGE', '');
  let isPlain: boolean;
  let value: unknown;
  try {
    value = JSON.parse(text);
    isPlain = withoutSpace(text) === JSON.stringify(value);
  } catch (cause) {
    refuse('ERR_MDA_EVIDENCE_JSON', '', cause);
  }
  return isPlain ? value : refuse('ERR_MDA_EVIDENCE_JSON', '');
}

/** JSON without the space between its tokens, and with its strings escaped as `JSON.stringify` does. */
function withoutSpace(json: string): string {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  );
}

function readAt(record: Members): Date {
  const text = requireText(requireMember(record, 'at'), 'at');
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== text) refuse('ERR_MDA_EVIDENCE_VALUE', 'at');
  return at;
}

function readCertificates(record: Members): readonly Bytes[] {
  const certificates = requireMember(record, 'certificates');
  if (!Array.isArray(certificates)) refuse('ERR_MDA_EVIDENCE_SHAPE', 'certificates');
  if (certificates.length > MAX_IDENTITY_CERTIFICATES) refuse('ERR_MDA_EVIDENCE_VALUE', 'certificates');
  return certificates.map((certificate: unknown, index) => {
    const path = `certificates[${index}]`;
    return readBytes(requireMember(requireMembers(certificate, path), 'der', path), `${path}.der`);
  });
}

function readFreshness(record: Members, kind: EvidenceReading['kind']): Pick<EvidenceReading, 'token' | 'nonce'> {
  const none = { token: undefined, nonce: undefined };
  if (kind === 'identity') return none;
  const freshness = requireMembers(requireMember(record, 'freshness'), 'freshness');
  const status = requireMember(freshness, 'status', 'freshness');
  if (status === 'not checked') return none;
  if (status !== 'matched') refuse('ERR_MDA_EVIDENCE_VALUE', 'freshness.status');
  if (kind === 'acme') {
    const token = requireText(requireMember(freshness, 'token', 'freshness'), 'freshness.token');
    return /^[\w-]+$/.test(token) ? { ...none, token } : refuse('ERR_MDA_EVIDENCE_VALUE', 'freshness.token');
  }
  const nonce = readBytes(requireMember(freshness, 'nonce', 'freshness'), 'freshness.nonce');
  const isNonce = nonce.length > 0 && nonce.length <= MAX_FRESHNESS_CODE_BYTES;
  return isNonce ? { ...none, nonce } : refuse('ERR_MDA_EVIDENCE_VALUE', 'freshness.nonce');
}

function readBytes(value: unknown, field: string): Bytes {
  const text = requireText(value, field);
  try {
    return fromBase64(text);
  } catch (cause) {
    return refuse('ERR_MDA_EVIDENCE_VALUE', field, cause);
  }
}

function requireText(value: unknown, field: string): string {
  return typeof value === 'string' ? value : refuse('ERR_MDA_EVIDENCE_SHAPE', field);
}

function requireMembers(value: unknown, field: string): Members {
  return isMembers(value) ? value : refuse('ERR_MDA_EVIDENCE_SHAPE', field);
}

function requireMember(members: Members, name: string, around = ''): unknown {
  return Object.hasOwn(members, name) ? members[name] : refuse('ERR_MDA_EVIDENCE_SHAPE', fieldOf(around, name));
}

/**
 * Holds what a record says against what was computed from its certificates; both are JSON. The order of members does not
 * matter, for a database may change it.
 */
export function requireSame(computed: unknown, recorded: unknown, field = ''): void {
  if (Array.isArray(computed)) {
    if (!Array.isArray(recorded) || recorded.length !== computed.length) refuse('ERR_MDA_EVIDENCE_MISMATCH', field);
    computed.forEach((item, index) => {
      requireSame(item, recorded[index], `${field}[${index}]`);
    });
  } else if (isMembers(computed)) {
    if (!isMembers(recorded)) refuse('ERR_MDA_EVIDENCE_MISMATCH', field);
    for (const [name, member] of Object.entries(computed))
      requireSame(member, requireMember(recorded, name, field), fieldOf(field, name));
    if (Object.keys(recorded).length > Object.keys(computed).length) refuse('ERR_MDA_EVIDENCE_SHAPE', field);
  } else if (computed !== recorded) refuse('ERR_MDA_EVIDENCE_MISMATCH', field);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldOf(around: string, name: string): string {
  return around === '' ? name : `${around}.${name}`;
}

function refuse(code: AttestationErrorCode, field: string, cause?: unknown): never {
  throw new AttestationError(code, { ...(field !== '' && { field }), ...(cause !== undefined && { cause }) });
}
