import type { AttestationError } from '../../../src/core/errors.ts';
import type { AcknowledgedResponse, CommandResponse } from '../../../src/mdm/response.ts';
import type { PlistDictionary } from '../../../src/mdm/plist-value.ts';

/** Named limit, that of the command line: an attestation has 3 kB. */
export const MAX_INPUT_BYTES = 1_048_576;

/** What was put in, recognised. Nothing of it is judged. */
export type Evidence =
  /** The certificates of an attestation, leaf first, and a certificate request if one came with them. */
  | {
      readonly kind: 'chain';
      readonly format: string;
      readonly reference: string;
      readonly certificates: readonly Uint8Array[];
      readonly request: Uint8Array | undefined;
    }
  /** An answer of a device to its MDM service that acknowledges a DeviceInformation command. */
  | { readonly kind: 'answer'; readonly format: string; readonly response: AcknowledgedResponse }
  /** Another message of a device to its MDM service. */
  | { readonly kind: 'message'; readonly format: string; readonly response: CommandResponse }
  /** A configuration profile. */
  | {
      readonly kind: 'profile';
      readonly format: string;
      readonly isSigned: boolean;
      readonly values: PlistDictionary;
    }
  /** A certificate request alone. */
  | { readonly kind: 'request'; readonly format: string; readonly der: Uint8Array }
  /** The format was recognised, and the bytes do not keep to it. */
  | {
      readonly kind: 'broken';
      readonly format: string;
      readonly reference: string;
      readonly error: AttestationError;
    }
  /** Nothing that could be judged. */
  | { readonly kind: 'other'; readonly title: string; readonly sentences: readonly string[] };
