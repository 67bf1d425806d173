import { type Bytes, copyBytes, toBigInt, toHex } from '../core/bytes.ts';
import { type Certificate, parseCertificate } from '../core/certificate.ts';
import { atEnd, derCursor } from '../core/der.ts';
import { MAX_FRESHNESS_CODE_BYTES } from '../core/freshness.ts';
import { requireBytes, requireOptions, requireTime } from '../core/options.ts';
import { readPublicKey } from '../core/public-key.ts';
import { authorityKeys, type AuthorityKeys } from './authority-keys.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateSpec,
  keyUsage,
  mintCertificate,
  subjectKeyIdentifier,
} from './certificate-writer.ts';
import { CHAIN_FAULTS, type ChainFault, type ChainFaultName } from './chain-faults.ts';
import { digest, type Key, keyIdentifierOf } from './key.ts';
import { leafSpec, type PropertyValues } from './leaf.ts';
import { requireFault } from './require.ts';

/** What an attestation authority is asked to attest. */
export interface AttestRequest {
  /** SubjectPublicKeyInfo, DER, of the key to attest: P-256, P-384 or P-521. */
  readonly publicKey: Uint8Array;
  /** Written as given, 1 to 32 bytes; undefined leaves the freshness code out. */
  readonly freshnessCode: Uint8Array | undefined;
  /** What to say of the device; nothing unless given. */
  readonly properties?: PropertyValues;
  /** The instant of issue; the authority's own unless given. The leaf is valid for 91 days from it. */
  readonly at?: Date;
  /** With the extended key usage that Apple's leaves carry since 2026, or without; 2026 unless given. */
  readonly style?: 2025 | 2026;
}

/** Stands in for Apple's attestation servers, with a root that nobody else trusts. */
export interface AttestationAuthority {
  /** What to pass as `trustAnchors`: the root. */
  readonly trustAnchors: readonly Certificate[];
  /** DER of the root. */
  readonly root: Bytes;
  /** DER of the Sub CA: P-384, pathLen 0. */
  readonly subCa: Bytes;
  /** Issues a leaf for a key and returns the chain as a device sends it: leaf, Sub CA. */
  readonly attest: (request: AttestRequest) => Promise<readonly Bytes[]>;
  /** The same authority, with one thing wrong in every chain it returns. */
  readonly withFault: (fault: ChainFaultName) => AttestationAuthority;
}

const YEAR_MILLISECONDS = 365 * 86_400_000;

/**
 * Creates an attestation authority for tests: a root, a Sub CA, and leaves in the shape of Apple's, byte for
 * byte but for names, keys and values. With a `seed` everything it makes comes out the same again, for the same
 * requests; signatures follow RFC 6979.
 *
 * Leaves to you: to keep its root out of every production configuration.
 *
 * @param options.seed any text; random unless given
 * @param options.at the instant of issue of leaves, unless a request names another; root and Sub CA are valid from
 * four years before to six (Sub CA) or twenty years (root) after it
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { skipFreshnessCheck, parseAttestationChain, verifyAttestation } from 'managed-device-attestation';
 * import { createAttestationAuthority } from 'managed-device-attestation/testing';
 *
 * const at = new Date('2026-06-01T12:00:00Z');
 * const authority = await createAttestationAuthority({ seed: 'my tests', at });
 * const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign', 'verify']);
 * const x5c = await authority.attest({
 *   publicKey: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)),
 *   freshnessCode: undefined,
 *   properties: { serialNumber: 'SIMULATED1', osVersion: '26.4.1' },
 * });
 * const { properties } = await verifyAttestation(parseAttestationChain(x5c), {
 *   at,
 *   expectedFreshnessCode: skipFreshnessCheck,
 *   trustAnchors: authority.trustAnchors,
 * });
 * console.log(properties.osVersion); // { status: 'attested', value: '26.4.1' }
 * ```
 */
export async function createAttestationAuthority(options: {
  readonly seed?: string;
  readonly at: Date;
}): Promise<AttestationAuthority> {
  requireOptions(options, ['seed', 'at']);
  const at = new Date(requireTime(options.at));
  const seed = options.seed ?? toHex(crypto.getRandomValues(new Uint8Array(32)));
  if (typeof seed !== 'string') throw new TypeError('seed must be a string');
  const keys = authorityKeys(seed);
  const root = await mintCertificate(rootSpec(keys, at));
  const authority: Authority = { keys, root, subCa: await mintCertificate(subCaSpec(keys, at)), at };
  return describe(authority, undefined);
}

interface Authority {
  readonly keys: AuthorityKeys;
  readonly root: Bytes;
  readonly subCa: Bytes;
  readonly at: Date;
}

function describe(authority: Authority, fault: ChainFault | undefined): AttestationAuthority {
  const { root, subCa } = authority;
  return {
    trustAnchors: [parseCertificate(root)],
    root: copyBytes(root, 'root'),
    subCa: copyBytes(subCa, 'subCa'),
    attest: (request) => attest(authority, request, fault),
    withFault: (name) => describe(authority, requireFault<ChainFault>(CHAIN_FAULTS, name)),
  };
}

const yearsFrom = (at: Date, years: number): Date => new Date(at.getTime() + years * YEAR_MILLISECONDS);

/** 20 bytes, as Apple's authorities have: positive, whatever the key. */
function serialNumberOf(key: Key): bigint {
  const serial = digest('SHA-256', key.spki).slice(0, 20);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return toBigInt(serial, 0, 20);
}

function rootSpec({ root, rootName }: AuthorityKeys, at: Date): CertificateSpec {
  return {
    subject: rootName,
    issuer: rootName,
    key: root,
    issuerKey: root,
    serialNumber: serialNumberOf(root),
    notBefore: yearsFrom(at, -4),
    notAfter: yearsFrom(at, 20),
    extensions: [basicConstraints(true), subjectKeyIdentifier(keyIdentifierOf(root)), keyUsage(0x06)],
  };
}

function subCaSpec({ root, rootName, subCa, subCaName }: AuthorityKeys, at: Date): CertificateSpec {
  return {
    subject: subCaName,
    issuer: rootName,
    key: subCa,
    issuerKey: root,
    serialNumber: serialNumberOf(subCa),
    notBefore: yearsFrom(at, -4),
    notAfter: yearsFrom(at, 6),
    extensions: [
      basicConstraints(true, 0),
      authorityKeyIdentifier(keyIdentifierOf(root)),
      subjectKeyIdentifier(keyIdentifierOf(subCa)),
      keyUsage(0x06),
    ],
  };
}

async function attest(
  authority: Authority,
  request: AttestRequest,
  fault: ChainFault | undefined,
): Promise<readonly Bytes[]> {
  const { keys, root, subCa } = authority;
  const leaf = { ...leafSpec(readRequest(authority, request)), issuer: keys.subCaName, issuerKey: keys.subCa };
  const mintLeaf = (changes: Partial<CertificateSpec>) => mintCertificate({ ...leaf, ...changes });
  const mintSubCa = (changes: Partial<CertificateSpec>) =>
    mintCertificate({ ...subCaSpec(keys, authority.at), ...changes });
  if (fault === undefined) return [await mintLeaf({}), subCa.slice()];
  const parts = {
    leaf: await mintLeaf(fault.leaf?.(leaf, keys) ?? {}),
    subCa: fault.subCa === undefined ? subCa : await mintSubCa(fault.subCa(subCaSpec(keys, authority.at), keys)),
  };
  const x5c = (await fault.chain?.({ ...parts, root, keys, mintLeaf, mintSubCa })) ?? [parts.leaf, parts.subCa];
  return x5c.map((der) => new Uint8Array(der));
}

const REQUEST = ['publicKey', 'freshnessCode', 'properties', 'at', 'style'];

function readRequest(authority: Authority, request: AttestRequest) {
  requireOptions(request, REQUEST);
  const { publicKey, freshnessCode, properties = {}, at = authority.at, style = 2026 } = request;
  return {
    key: readKey(publicKey),
    freshnessCode:
      freshnessCode === undefined ? undefined : requireBytes(freshnessCode, 'freshnessCode', MAX_FRESHNESS_CODE_BYTES),
    properties,
    at: new Date(requireTime(at)),
    style,
  };
}

function readKey(publicKey: Uint8Array): Pick<Key, 'spki' | 'point'> {
  const spki = copyBytes(publicKey, 'publicKey');
  const cursor = derCursor(spki);
  try {
    const { point } = readPublicKey(cursor);
    if (atEnd(cursor)) return { spki, point: new Uint8Array(point) };
  } catch {
    // Said below.
  }
  throw new TypeError('publicKey must be the SubjectPublicKeyInfo of a key on P-256, P-384 or P-521');
}
