import { requireOptions } from '../core/options.ts';
import type { PlistDictionary } from '../mdm/index.ts';
import { requireMembers } from '../mdm/options.ts';
import type { AcmeEnrollmentOptions } from './acme-enrollment-options.ts';
import type { AcmeFetch } from './acme-fetch.ts';
import type { EnclaveKey } from './enclave.ts';
import type { MdmConnect } from './mdm-fetch.ts';
import type { MdmCheckIn } from './mdm-outcome.ts';
import { FACT_NAMES, type MdmFacts, type MdmReported, REPORTED_NAMES } from './mdm-report.ts';

/** Where a test replaces what the device sends to the MDM service. */
export interface MdmTamper {
  /** The message, before it is written: gets what an honest device sends, returns what is sent. */
  readonly message?: (
    message: PlistDictionary,
    context: MdmMessageContext,
  ) => PlistDictionary | Promise<PlistDictionary>;
  /** The body of the request. */
  readonly body?: (xml: string, context: MdmMessageContext) => string | Promise<string>;
}

/** The message that is about to be sent. */
export interface MdmMessageContext {
  /** Of the check-in protocol, or `command` for all that goes to the server URL. */
  readonly type: MdmCheckIn | 'command';
  /** What the command asked for; undefined for Idle and in the check-in. */
  readonly requestType: string | undefined;
}

/** Asks for a certificate that is not from ACME: stands in for SCEP, or for a PKCS #12 file. */
export type MdmIssueIdentity = (request: {
  /** The payload, such as one of `com.apple.security.scep`. */
  readonly payload: PlistDictionary;
  /** P-256, made for it, and not attested. */
  readonly key: EnclaveKey;
}) => string | undefined | Promise<string | undefined>;

/** How a simulated device is managed. */
export interface MdmClientOptions {
  /** Reaches the MDM service over an identity. */
  readonly connect: MdmConnect;
  /** Reaches the ACME server: `fetch` fits. */
  readonly acmeFetch: AcmeFetch;
  /** What the device takes for now. */
  readonly clock: () => Date;
  /** How it enrolls by ACME, apart from what the payload says: patience, hooks, observers. */
  readonly acme?: Pick<AcmeEnrollmentOptions, 'sleep' | 'retry' | 'tamper' | 'observe' | 'shortSignatures'>;
  /** What only MDM asks about the device; that of its platform unless given. */
  readonly facts?: Partial<MdmFacts>;
  /** What it says instead of the truth. */
  readonly lies?: Partial<MdmReported>;
  /**
   * Returns PEM, the certificate of the key first, or undefined for a refusal. Without it, an identity payload that is not
   * `com.apple.security.acme` makes a profile invalid.
   */
  readonly issueIdentity?: MdmIssueIdentity;
  readonly tamper?: MdmTamper;
}

const OPTIONS = ['connect', 'acmeFetch', 'clock', 'acme', 'facts', 'lies', 'issueIdentity', 'tamper'];
const ACME_OPTIONS = ['sleep', 'retry', 'tamper', 'observe', 'shortSignatures'];

export function readClientOptions(options: MdmClientOptions): MdmClientOptions {
  requireOptions(options, OPTIONS);
  const { connect, acmeFetch, clock, issueIdentity, acme = {}, facts = {}, lies = {}, tamper = {} } = options;
  for (const [name, value] of Object.entries({ connect, acmeFetch, clock })) requireFunction(value, name);
  if (issueIdentity !== undefined) requireFunction(issueIdentity, 'issueIdentity');
  requireMembers(acme, 'acme', ACME_OPTIONS);
  requireMembers(facts, 'facts', FACT_NAMES);
  requireMembers(lies, 'lies', REPORTED_NAMES);
  requireMembers(tamper, 'tamper', ['message', 'body']);
  for (const [name, hook] of Object.entries(tamper)) requireFunction(hook, `tamper.${name}`);
  return { ...options };
}

function requireFunction(value: unknown, option: string): void {
  if (typeof value !== 'function') throw new TypeError(`${option} must be a function`);
}
