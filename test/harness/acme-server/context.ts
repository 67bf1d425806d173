import type { DeviceAttestValidator, Store } from '../../../src/acme/index.ts';
import type { CertificateAuthority } from './ca.ts';
import type { Nonces } from './nonces.ts';
import type { AcmeServerOptions, Limits } from './options.ts';
import type { Urls } from './urls.ts';

/** What every resource works with. */
export interface Context {
  /** `https://host:port`, as clients see it. */
  readonly origin: string;
  readonly urls: Urls;
  readonly clock: () => Date;
  readonly store: Store;
  readonly nonces: Nonces;
  readonly ca: CertificateAuthority;
  readonly validate: DeviceAttestValidator;
  readonly identity: AcmeServerOptions['identity'];
  readonly acceptIdentifier: NonNullable<AcmeServerOptions['acceptIdentifier']>;
  readonly externalAccounts: ReadonlyMap<string, Uint8Array> | undefined;
  readonly limits: Limits;
  readonly onIssued: NonNullable<AcmeServerOptions['onIssued']>;
}
