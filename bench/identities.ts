import {
  AT,
  type Authority,
  deviceCertificate,
  ecSigner,
  rootAuthority,
  subAuthority,
} from '../test/support/organisation.ts';
import { FORGETTING_TURNS, type IdentityChain } from './authorizing.ts';

const ISSUERS = 24;

/** Identities of devices that an organisation has issued, all of it P-384 and SHA-384. */
export interface Identities {
  readonly at: Date;
  readonly root: Uint8Array<ArrayBuffer>;
  readonly issuers: readonly Uint8Array<ArrayBuffer>[];
  /** As many as are never remembered at once, all of the first issuer. */
  readonly ofOne: readonly IdentityChain[];
  /** One of each issuer. */
  readonly ofMany: readonly IdentityChain[];
}

const p384 = (seed: string) => ecSigner(`bench ${seed}`, 'SHA-384', 'P-384');

export async function mintIdentities(): Promise<Identities> {
  const root = await rootAuthority('Devices', p384('root'));
  const issuers = await Promise.all(
    Array.from({ length: ISSUERS }, (_, index) => subAuthority(`Devices ${index}`, p384(`issuer ${index}`), root)),
  );
  const chainOf = async (issuer: Authority, serialNumber: number): Promise<IdentityChain> => [
    await deviceCertificate(issuer, { serialNumber }),
    issuer.der,
  ];
  const [issuer] = issuers as [Authority];
  return {
    at: AT,
    root: root.der,
    issuers: issuers.map(({ der }) => der),
    ofOne: await Promise.all(Array.from({ length: FORGETTING_TURNS }, (_, index) => chainOf(issuer, 1 + index))),
    ofMany: await Promise.all(issuers.map((each) => chainOf(each, 1 + FORGETTING_TURNS))),
  };
}
