import type { EntryNamespace, KvNamespace } from './stores.ts';
import type { CloudflareClientAuth } from 'managed-device-attestation/relying-party';

/** The bindings, variables and secrets of wrangler.toml. */
export interface Environment {
  /** Client identifiers, keys that were seen, deauthorizations. */
  readonly STATE: EntryNamespace;
  /** Decisions. */
  readonly DECISIONS: KvNamespace;
  /** What the ACME server shows, 32 characters at least. */
  readonly ACME_SECRET: string;
  /** What the MDM service shows. */
  readonly MANAGEMENT_SECRET: string;
  /** 32 random bytes, base64: what client identifiers are authenticated with. */
  readonly CLIENT_IDENTIFIER_KEY: string;
  /** The root of the organisation that the certificates of its devices lead to, PEM. */
  readonly IDENTITY_ROOT: string;
  /** The authority that issues them to attested devices and to no others, PEM. */
  readonly ISSUING_AUTHORITY: string;
  /** PEM. For a stage with simulated devices; without it, attestations have to lead to Apple's root. */
  readonly ATTESTATION_ROOT?: string;
}

/** A request, with what the platform says of the connection. */
export type WorkerRequest = Request & { readonly cf?: { readonly tlsClientAuth?: CloudflareClientAuth } };

export type Handler = (request: WorkerRequest, environment: Environment) => Promise<Response>;

/** What is made once for an environment, which is the same object for as long as the isolate lives. */
export function oncePer<Made>(make: (environment: Environment) => Made): (environment: Environment) => Made {
  const made = new WeakMap<Environment, Made>();
  return (environment) => {
    const known = made.get(environment) ?? make(environment);
    made.set(environment, known);
    return known;
  };
}
