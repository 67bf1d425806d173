import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { AttestationError, fromBase64 } from '../index.ts';
import { OperatorError } from './operator-error.ts';

const HEX = /^(?:[\da-f]{2})*$/i;

/**
 * The bytes of a `DeviceAttestationNonce` written as hexadecimal or base64. A text that is both is
 * hexadecimal; the prefixes `hex:` and `base64:` decide.
 */
export function parseNonce(text: string): Uint8Array {
  const [, prefix, digits = ''] = /^(hex:|base64:)?(.*)$/s.exec(text) ?? [];
  const bytes = prefix !== 'base64:' && HEX.test(digits) ? Buffer.from(digits, 'hex') : readBase64(prefix, digits);
  if (bytes === undefined)
    throw new OperatorError('--nonce must be hexadecimal or base64; hex: or base64: before it decides which');
  if (bytes.length === 0 || bytes.length > MAX_FRESHNESS_CODE_BYTES)
    throw new OperatorError(`--nonce must have 1 to ${MAX_FRESHNESS_CODE_BYTES} bytes; this has ${bytes.length}`);
  return bytes;
}

function readBase64(prefix: string | undefined, text: string): Uint8Array | undefined {
  if (prefix === 'hex:') return undefined;
  try {
    return fromBase64(text);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}
