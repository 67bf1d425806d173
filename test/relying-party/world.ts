import { createMemoryStore, type Store } from '../../src/acme/index.ts';
import { toHex } from '../../src/core/bytes.ts';
import { attestingAuthority, identityTrustAnchor } from '../../src/identity/index.ts';
import { parseCertificate } from '../../src/index.ts';
import { parsePolicy, type Policy, type RuleDocument } from '../../src/policy/index.ts';
import {
  type Authorization,
  type AuthorizerOptions,
  createAuthorizer,
  type DynamicFacts,
} from '../../src/relying-party/index.ts';
import { bitString, integer, sequence } from '../../src/testing/der-writer.ts';
import { AT, type Changes, deviceCertificate, ecSigner, rootAuthority, subAuthority } from '../support/organisation.ts';

/** An organisation whose devices come to a service. */

export const root = await rootAuthority('Devices', ecSigner('relying party root', 'SHA-384', 'P-384'));
export const issuing = await subAuthority('Devices 1', ecSigner('relying party issuing', 'SHA-384', 'P-384'), root);
export const leaf = await deviceCertificate(issuing);
export const chain: readonly Uint8Array[] = [leaf, issuing.der];

export const trustAnchors = [identityTrustAnchor(root.der)];
export const attestingAuthorities = [attestingAuthority(issuing.der)];

export const chainWith = async (changes: Changes): Promise<readonly Uint8Array[]> => [
  await deviceCertificate(issuing, changes),
  issuing.der,
];

export const policyOf = (...rules: readonly RuleDocument[]): Policy => parsePolicy({ format: 1, rules });
export const OS = { rule: 'os-version', minimum: '26.4' } as const;
export const NEWER_OS = { rule: 'os-version', minimum: '27.0' } as const;
export const FILE_VAULT = { rule: 'file-vault', accept: 'reported' } as const;

/** An authorizer of this organisation, by default without anything to remember by. */
export const authorizerWith = (options: Partial<AuthorizerOptions> = {}) =>
  createAuthorizer({ trustAnchors, attestingAuthorities, policy: policyOf(OS), ...options });

export const after = (seconds: number): Date => new Date(AT.getTime() + 1000 * seconds);

/** The order of P-384, on which the issuing authority signs. */
const ORDER = 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn;

/** The same certificate with the other ECDSA signature that verifies: (r, n - s), which anybody can work out of (r, s). */
export function mirrored(der: Uint8Array): Uint8Array {
  const { tbsCertificate, signature } = parseCertificate(der);
  const s = 4 + signature[3]!;
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
  const value = sequence(integer(number(signature.subarray(4, s))), integer(ORDER - number(signature.subarray(s + 2))));
  return sequence(tbsCertificate, issuing.signer.algorithm, bitString(value));
}

/** A clock that is set by hand, and a store that goes by it. */
export function createTime() {
  let seconds = 0;
  const clock = (): Date => after(seconds);
  return {
    clock,
    set: (to: number): void => {
      seconds = to;
    },
    store: (): Required<Store> => createMemoryStore({ clock }),
  };
}

export const reported = <Value>(value: Value) => ({ status: 'known', value, source: 'reported' }) as const;

/** What a lookup answers of a Mac of which all is well. */
export const GOOD_FACTS: DynamicFacts = {
  reported: { fileVault: reported(true), platform: reported('macos') },
  inventory: { known: true, serialNumber: 'SIMULATED1', platform: 'macos' },
};

/** In short: `yes`, `yes, cached`, `yes, stale`, or the code. */
export const said = (authorization: Authorization): string => {
  if (!authorization.allowed) return authorization.code + (authorization.cached ? ', cached' : '');
  return authorization.stale ? 'yes, stale' : authorization.cached ? 'yes, cached' : 'yes';
};
