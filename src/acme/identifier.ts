import { requirePlainObject } from '../core/options.ts';

/** The identifier of an order (RFC 8555, 7.1.3). */
export interface AcmeIdentifier {
  /** `permanent-identifier` from Apple's client; the draft knows `hardware-module`, too. */
  readonly type: string;
  /** From Apple's client the `ClientIdentifier` of the payload. */
  readonly value: string;
}

/** The one type that Apple's client orders. */
export const PERMANENT_IDENTIFIER = 'permanent-identifier';

/** A copy of an identifier, which the hooks of a caller cannot change for each other. */
export function requireIdentifier(identifier: unknown): AcmeIdentifier {
  requirePlainObject(identifier, 'identifier');
  const { type, value } = identifier as Partial<AcmeIdentifier>;
  if (typeof type !== 'string' || typeof value !== 'string')
    throw new TypeError('identifier must have a type and a value');
  return Object.freeze({ type, value });
}

/** Whether two texts are the same, code unit by code unit, in a time that depends on their lengths alone. */
export function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
