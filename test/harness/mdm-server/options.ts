import type { Certificate } from '../../../src/index.ts';
import type { ClientIdentifierSecret } from '../../../src/acme/index.ts';
import type { PolicyDocument, Withheld } from '../../../src/policy/index.ts';
import type { Database } from './database.ts';

export interface MdmServerOptions {
  /** All that the service knows. One process at a time: what is done to an enrollment is put in order in its memory. */
  readonly database: Database;
  /** Where devices get the identity of the management channel. */
  readonly acme: {
    readonly directoryUrl: string;
    /** DER of what a device has to trust to reach it. */
    readonly tlsAnchors: readonly Uint8Array[];
    /** The roots of the identities that it issues. */
    readonly identityAnchors: readonly Certificate[];
  };
  /** The roots of identities without attestation, which enrollments from before still have. */
  readonly plainAnchors?: readonly Certificate[];
  /** The roots of attestations. */
  readonly attestationAnchors: readonly Certificate[];
  /** For client identifiers, the current one first. */
  readonly secrets: readonly [ClientIdentifierSecret, ...ClientIdentifierSecret[]];
  /** Whoever has it may ask about devices and enrollments: an external ACME server. Nobody may unless given. */
  readonly askSecret?: string;
  /** Whoever has it may ask what is known of a device: a relying party. Nobody may unless given. */
  readonly factsSecret?: string;
  readonly policy: PolicyDocument;
  readonly withheld: readonly WithheldItem[];
  /** How old a report may become before the device is asked again: a day unless given. */
  readonly reportSeconds?: number;
  /** How old an attestation may become before the device is asked again: 30 days unless given, 7 at least. */
  readonly refreshAfterSeconds?: number;
  readonly clock?: () => Date;
  /** A free one unless given. */
  readonly port?: number;
  /** Of the TLS identity; the root that clients trust is the same for the same seed. */
  readonly tlsSeed?: string;
  /** Told of what the service could not help. */
  readonly onError?: (error: unknown) => void;
}

/** What a device gets once it meets the policy, and loses when it does not. */
export type WithheldItem = Pick<Withheld, 'id' | 'kind'> &
  (
    | {
        readonly kind: 'configuration' | 'account';
        /** `PayloadIdentifier` of the profile: what it is removed by. */
        readonly profileIdentifier: string;
        readonly profile: string;
      }
    | { readonly kind: 'app'; readonly bundleIdentifier: string; readonly manifestUrl: string }
  );
