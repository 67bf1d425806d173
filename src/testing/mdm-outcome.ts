import type { Bytes } from '../core/bytes.ts';
import type { PlistDictionary } from '../mdm/index.ts';
import type { AcmeOutcome } from './acme-outcome.ts';
import type { MdmDeviceError } from './mdm-device-error.ts';
import type { MdmIdentity } from './mdm-fetch.ts';

/** The messages of the check-in protocol. */
export type MdmCheckIn = 'Authenticate' | 'TokenUpdate' | 'CheckOut';

/** Who the device is to the service. */
export type MdmIdentifiers =
  | { readonly udid: string; readonly enrollmentId: undefined }
  /** In a User Enrollment: a new one after each enrollment. */
  | { readonly udid: undefined; readonly enrollmentId: string };

/** A profile on the device. */
export interface MdmInstalledProfile {
  /** `PayloadIdentifier`. */
  readonly identifier: string;
  /** `PayloadUUID`. */
  readonly uuid: string;
  /** The profile, as it was installed: what `upgradeProfile` takes as `installed`. */
  readonly bytes: Bytes;
  readonly content: PlistDictionary;
  /** Whether it came with the enrollment or over it: then it goes with it. */
  readonly isManaged: boolean;
  /** By the `PayloadUUID` of the payload that it comes from. */
  readonly identities: ReadonlyMap<string, MdmIdentity>;
}

/** How the device is managed. */
export interface MdmEnrollment {
  readonly profile: MdmInstalledProfile;
  /** The client certificate. */
  readonly identity: MdmIdentity;
  readonly identifiers: MdmIdentifiers;
  /** Whether the service manages what is its own on a device of the user's. */
  readonly isUserEnrollment: boolean;
  readonly serverUrl: string;
  readonly checkInUrl: string;
  readonly topic: string;
}

/** What keeps a request from being served. */
export type MdmFailure =
  /** The service answered with another HTTP status than 200. */
  | { readonly status: 'refused'; readonly httpStatus: number; readonly body: string }
  /** No answer came: what `connect` or its function rejected with, such as a TLS handshake that failed. */
  | { readonly status: 'unreachable'; readonly error: unknown };

/** What came of a profile. */
export type MdmInstallOutcome =
  | {
      readonly status: 'installed';
      readonly profile: MdmInstalledProfile;
      /** Undefined unless the profile enrolls the device. */
      readonly enrollment: MdmEnrollment | undefined;
    }
  /** The device does not take it. */
  | { readonly status: 'invalid'; readonly error: MdmDeviceError }
  /** The device got no certificate. */
  | {
      readonly status: 'no-identity';
      /** `PayloadUUID` of the payload. */
      readonly payloadUuid: string;
      /** What the ACME server said; undefined for a payload of another kind. */
      readonly acme: AcmeOutcome | undefined;
    }
  /** The service did not take the device. */
  | (MdmFailure & { readonly step: 'ACME' | MdmCheckIn });

/** What came of a check-out. */
export type MdmCheckOutOutcome =
  | { readonly status: 'checked-out' }
  /** The profile wants no CheckOut. */
  | { readonly status: 'left' }
  /** It is no longer enrolled all the same. */
  | MdmFailure
  | { readonly status: 'not-enrolled' };

/** A command and what the device answered. */
export interface MdmExchange {
  readonly commandUUID: string;
  /** Undefined if the command has none. */
  readonly requestType: string | undefined;
  /** The dictionary `Command`; empty if the command has none. */
  readonly command: PlistDictionary;
  readonly status: 'Acknowledged' | 'Error' | 'CommandFormatError' | 'NotNow';
  /** The message of an honest device: as it was before `tamper`. */
  readonly answer: PlistDictionary;
  /** What came of an InstallProfile. */
  readonly install: MdmInstallOutcome | undefined;
}

/** What came of asking for commands, and every command that was answered until then. */
export type MdmPollOutcome = { readonly exchanges: readonly MdmExchange[] } & (
  | { readonly status: 'idle' }
  /** It is not enrolled, or no longer: a command removed the profile. */
  | { readonly status: 'not-enrolled' }
  /** More commands than the device answers in one go: a queue that does not move on. */
  | { readonly status: 'too-many-commands' }
  /** The body is no command: `field` is the key that is missing, `body` if it is no property list of a dictionary. */
  | { readonly status: 'unexpected-answer'; readonly field: 'body' | 'CommandUUID'; readonly body: string }
  | MdmFailure
);
