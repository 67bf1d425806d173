import { createMemoryStore, identifierIsSerialNumber, type Store } from '../../src/acme/index.ts';
import {
  type AttestationAuthority,
  createAttestationAuthority,
  createSimulatedDevice,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from '../../src/testing/index.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type IssuedCertificate,
} from '../harness/acme-server/ca.ts';
import type { AcmeServerOptions } from '../harness/acme-server/options.ts';
import { type AcmeServer, startAcmeServer } from '../harness/acme-server/server.ts';
import { createTlsIdentity } from '../harness/acme-server/tls.ts';
import { createHttpsFetch, type HttpsFetch } from '../support/https-fetch.ts';

export const START = new Date('2026-06-01T12:00:00Z');

/** A server, Apple's servers, and a clock whose hands the tests move. */
export interface World {
  readonly authority: AttestationAuthority;
  readonly ca: CertificateAuthority;
  readonly store: Store;
  readonly server: AcmeServer;
  readonly fetch: HttpsFetch['fetch'];
  readonly clock: () => Date;
  readonly wait: (milliseconds: number) => void;
  /** What the server has issued, in this order. */
  readonly issued: readonly IssuedCertificate[];
  /** What it could not help. */
  readonly errors: readonly unknown[];
  readonly device: (options?: Partial<SimulatedDeviceOptions>) => SimulatedDevice;
  readonly stop: () => Promise<void>;
}

const authority = await createAttestationAuthority({ seed: 'acme server', at: START });
// Made once: valid by the clock of the machine, for 30 days.
const tls = await createTlsIdentity('acme server', new Date());
const ca = await createCertificateAuthority({ seed: 'acme server', at: START });

export async function createWorld(options: Partial<AcmeServerOptions> = {}): Promise<World> {
  let now = START.getTime();
  const clock = (): Date => new Date(now);
  const store = options.store ?? createMemoryStore({ clock });
  const issued: IssuedCertificate[] = [];
  const errors: unknown[] = [];
  const server = await startAcmeServer({
    trustAnchors: authority.trustAnchors,
    ca,
    identify: identifierIsSerialNumber,
    clock,
    onIssued: (certificate) => issued.push(certificate),
    onError: (error) => errors.push(error),
    tls,
    ...options,
    store,
  });
  const https = createHttpsFetch({ ca: server.caCertificatePem });
  return {
    authority,
    ca,
    store,
    server,
    fetch: https.fetch,
    clock,
    wait: (milliseconds) => (now += milliseconds),
    issued,
    errors,
    device: (given) => createSimulatedDevice(authority, { clock, ...given }),
    stop: async () => {
      https.close();
      await server.stop();
    },
  };
}
