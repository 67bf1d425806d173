import type { AttestedProperties, SecureBoot } from '../core/properties.ts';
import type { PublicKey } from '../core/public-key.ts';

/** The systems that Managed Device Attestation exists for. */
export type Platform = 'macos' | 'ios' | 'ipados' | 'tvos' | 'watchos' | 'visionos';

/** Nothing is known: not there, there without a value, or unreadable. None of them is good. */
export interface UnknownFact {
  readonly status: 'absent' | 'blank' | 'malformed';
}

/** A fact that Apple attested. */
export interface AttestedValue<Value> {
  readonly status: 'known';
  readonly value: Value;
  readonly source: 'attested';
  /** notBefore of the attestation's leaf; undefined where a certificate of somebody else's passes the fact on and does not say. */
  readonly attestedAt: Date | undefined;
  /** SHA-256, lower-case hexadecimal, of the certificate that says it: that of `AttestationFacts`. */
  readonly certificate: string;
}

/** A fact that the device says of itself. */
export interface ReportedValue<Value> {
  readonly status: 'known';
  readonly value: Value;
  readonly source: 'reported';
}

/** What the attestation says of one property. */
export type AttestedFact<Value> = AttestedValue<Value> | UnknownFact;

/** What the device says of one of its properties. */
export type ReportedFact<Value> = ReportedValue<Value> | UnknownFact;

/** Any fact: where it comes from stands in it. */
export type Fact<Value> = AttestedFact<Value> | ReportedFact<Value>;

/** The properties that rules read, by the names and with the values of `AttestedProperties`. */
export type AttestedName = Exclude<keyof AttestedProperties, 'freshnessCode' | 'other'>;

type ValueOf<P> = P extends { readonly status: 'attested'; readonly value: infer Value } ? Value : never;

/**
 * What the freshness code of the attestation came to: the code of this request; that of an earlier request of
 * this server; one that it does not know; or none was asked for. An attestation that passed
 * `verifyAttestation` with its expected code is `fresh`.
 */
export type AttestationFreshness = 'fresh' | 'cached' | 'unknown-nonce' | 'not-requested';

/** What one verified attestation says. All of it comes from the same certificate. */
export interface AttestationFacts extends Readonly<{
  [Name in AttestedName]: AttestedFact<ValueOf<AttestedProperties[Name]>>;
}> {
  /** SHA-256 of the leaf, lower-case hexadecimal. */
  readonly certificate: string;
  /** notBefore of the leaf; undefined as in `AttestedValue`. */
  readonly attestedAt: Date | undefined;
  /** notAfter of the leaf: what it says is worth nothing later. */
  readonly notAfter: Date;
  readonly freshness: AttestationFreshness;
  readonly publicKey: {
    readonly keyType: PublicKey['keyType'];
    readonly curve: PublicKey['curve'];
    /** SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal. */
    readonly fingerprint: string;
  };
}

/** What the device says of itself, over MDM. A member that is left out is absent. */
export interface ReportedFacts {
  /** When the device said it; of several answers the time of the oldest. */
  readonly reportedAt?: Date | undefined;
  readonly serialNumber?: ReportedFact<string>;
  /** The UDID that MDM uses. */
  readonly udid?: ReportedFact<string>;
  /** What `udid` is in an attestation: on a Mac the provisioning UDID, elsewhere the UDID. */
  readonly provisioningUdid?: ReportedFact<string>;
  readonly platform?: ReportedFact<Platform>;
  /** With the supplement of a rapid response, as in `17.2 (a)`. */
  readonly osVersion?: ReportedFact<string>;
  /** Such as `J514sAP`. */
  readonly softwareUpdateDeviceId?: ReportedFact<string>;
  /** The identifier of the model, such as `Mac15,6`: DeviceInformation calls it `ProductName`. */
  readonly model?: ReportedFact<string>;
  /** Whether FileVault is on. */
  readonly fileVault?: ReportedFact<boolean>;
  readonly supervised?: ReportedFact<boolean>;
  readonly systemIntegrityProtection?: ReportedFact<'enabled' | 'disabled'>;
  readonly secureBoot?: ReportedFact<SecureBoot>;
  readonly thirdPartyKernelExtensions?: ReportedFact<'allowed' | 'not allowed'>;
}

/**
 * What the caller's own records say of the device and its enrollment. Left out or undefined: the records do not say.
 *
 * A record says of which device it is: give what it holds of `serialNumber`, `udid` and `keyFingerprint`, so that a
 * device cannot point at the record of another one, nor answer with its attestation. Such a record counts only if
 * the attestation names one of them, and nothing counts if it names another one. Where the device is known by its
 * connection, a client certificate say, take the record of that enrollment, and not the one that the attestation
 * happens to name.
 */
export interface InventoryFacts {
  /** Whether the organisation knows the device: false is an answer, undefined is none. */
  readonly known?: boolean | undefined;
  readonly serialNumber?: string | undefined;
  /** As an attestation has it: on a Mac the provisioning UDID. */
  readonly udid?: string | undefined;
  /** Of the key that an earlier attestation of this enrollment named, as in `AttestationFacts`: for User Enrollment. */
  readonly keyFingerprint?: string | undefined;
  readonly platform?: Platform | undefined;
  /** The identifier of the model, such as `Mac15,6`. */
  readonly model?: string | undefined;
  readonly supervised?: boolean | undefined;
  /** Whether a user authenticated when the device was enrolled. */
  readonly userAuthenticated?: boolean | undefined;
}

/**
 * What is known of a device, by who says it. The three are never merged: a rule says which it believes.
 */
export interface Facts {
  /** Undefined: there is no verified attestation. */
  readonly attested: AttestationFacts | undefined;
  readonly reported: ReportedFacts;
  readonly inventory: InventoryFacts;
}
