import type { Certificate } from '../../../src/index.ts';
import type { AcmeIdentifier, Evaluate, Identify, SeenKeys, Store } from '../../../src/acme/index.ts';
import type { CertificateAuthority, IssuedCertificate } from './ca.ts';
import type { IdentityProfile } from './identity.ts';
import type { TlsIdentity } from './tls.ts';

export interface AcmeServerOptions {
  /** Of attestations: the root of the simulated authority. */
  readonly trustAnchors: readonly Certificate[];
  /** Who issues, to those that are attested. */
  readonly ca: CertificateAuthority;
  /** All that the server knows is in here: another process with the same store is the same server. */
  readonly store: Store;
  readonly identify: Identify;
  readonly evaluate?: Evaluate;
  readonly seenKeys?: SeenKeys;
  /** What certificates say, and for how long; unless given, what was ordered, for a year. */
  readonly identity?: IdentityProfile;
  /** Whether an identifier may be ordered at all; any may unless given. Judged again with the attestation. */
  readonly acceptIdentifier?: (identifier: AcmeIdentifier, at: Date) => Promise<boolean> | boolean;
  /** RFC 8555, 7.3.4: keys by their ids. An account needs one of them, if they are given. */
  readonly externalAccounts?: ReadonlyMap<string, Uint8Array>;
  readonly clock?: () => Date;
  /** A free one unless given. */
  readonly port?: number;
  /** Where clients see the server, if not where it listens: behind a load balancer, say. */
  readonly origin?: string;
  /** Of the TLS identity; the root that clients trust is the same for the same seed. */
  readonly tlsSeed?: string;
  /** Instead of one that is made of the seed, which takes a while. */
  readonly tls?: TlsIdentity;
  readonly limits?: Partial<Limits>;
  /** Told of each certificate before anybody can have it; of the same one again if it was made again after a crash. */
  readonly onIssued?: (certificate: IssuedCertificate) => void;
  /** Told of what the server could not help. */
  readonly onError?: (error: unknown) => void;
}

export interface Limits {
  readonly bodyBytes: number;
  /** At the same time; more are asked to come back. */
  readonly requests: number;
  readonly nonceSeconds: number;
  readonly orderSeconds: number;
  /** How long a client may take to send a request, and to say hello. */
  readonly requestSeconds: number;
  /** For how long a revocation list or an answer of OCSP counts. */
  readonly revocationSeconds: number;
}

/**
 * An attestation object has at most 82,176 bytes; it is base64url in the payload, and the payload is base64url in
 * the JWS.
 */
export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 160 * 1024,
  requests: 1000,
  nonceSeconds: 3600,
  orderSeconds: 3600,
  requestSeconds: 10,
  revocationSeconds: 3600,
};
