import type { AttestationError, AttestationErrorCode } from '../index.ts';
import { ERROR_GUIDE } from './error-guide.ts';

export interface JsonError {
  readonly code: AttestationErrorCode;
  readonly certificate: number | null;
  readonly offset: number | null;
  readonly oid: string | null;
  readonly meaning: string;
  readonly action: string;
}

export function jsonError({ code, certificate, offset, oid }: AttestationError): JsonError {
  const { meaning, action } = ERROR_GUIDE[code];
  return { code, certificate: certificate ?? null, offset: offset ?? null, oid: oid ?? null, meaning, action };
}
