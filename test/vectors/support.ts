import type { ChainCase, ExpectedAnswer, PathInput, PropertiesCase } from '../../src/conformance/vector.ts';
import { decodeProperties, parseCertificate, toBase64 } from '../../src/index.ts';
import { jsonProperties, type JsonProperties } from '../../src/conformance/json-properties.ts';
import { toHex } from '../../src/core/bytes.ts';
import type { Evidence } from '../support/faults.ts';
import {
  AT,
  authorityKeyIdentifier,
  basicConstraints,
  type ChainSpec,
  type CurveName,
  digest,
  type ExtensionSpec,
  type Key,
  keyFrom,
  keyIdentifierOf,
  keyUsage,
  LEAF_EXTENSIONS,
  mintChain,
  subjectKeyIdentifier,
} from '../support/mint.ts';

export { AT, FRESHNESS_CODE, LEAF_EXTENSIONS } from '../support/mint.ts';
export type { Evidence } from '../support/faults.ts';

/** What the drafts of every folder are made of: one genuine chain, and the same chain with changes. */

const keys = new Map<string, Key>();

/** A key that depends on the seed alone. It remembers what it signed: many vectors share a root and a Sub CA. */
export function keyOf(seed: string, curve: CurveName = 'P-384'): Key {
  const known = keys.get(`${curve} ${seed}`);
  if (known !== undefined) return known;
  const key = keyFrom(seed, curve);
  const signatures = new Map<string, ReturnType<Key['sign']>>();
  const remembering: Key = {
    ...key,
    sign(data, hash) {
      const id = hash + toHex(digest('SHA-256', data));
      const signature = signatures.get(id) ?? key.sign(data, hash);
      signatures.set(id, signature);
      return signature;
    },
  };
  keys.set(`${curve} ${seed}`, remembering);
  return remembering;
}

/** The keys of the genuine chain. */
export const KEYS = { root: keyOf('chain root'), subCa: keyOf('chain sub CA'), leaf: keyOf('chain leaf') };

/** Root, Sub CA and leaf in Apple's shape, with what the caller changes; genuine without changes. */
export function chainWith(spec: ChainSpec = {}) {
  return mintChain({ keys: KEYS, ...spec });
}

/** The same as evidence: leaf and Sub CA, with the root as the anchor. */
export async function evidenceWith(spec: ChainSpec = {}): Promise<Evidence> {
  const { x5c, root } = await chainWith(spec);
  return { x5c, anchors: [root], at: AT };
}

/** As RFC 3339 has it, without a fraction that is zero. */
export function dateTime(at: Date): string {
  return at.toISOString().replace('.000Z', 'Z');
}

/** Anchors and time as the members of a case. */
export function pathInput({ anchors, at }: Pick<Evidence, 'anchors' | 'at'>): PathInput {
  return { trustAnchors: anchors.map(toBase64), at: dateTime(at) };
}

export function chainCase(evidence: Evidence): ChainCase {
  return { op: 'chain', input: { x5c: evidence.x5c.map(toBase64) }, ...pathInput(evidence) };
}

export function propertiesCase(leaf: Uint8Array): PropertiesCase {
  return { op: 'properties', input: { certificate: toBase64(leaf) } };
}

const attested = (value: string) => ({ status: 'attested', value }) as const;

/** What the leaf of the genuine chain says. */
export const GENUINE_PROPERTIES: JsonProperties = {
  serialNumber: attested('SIMULATED1'),
  udid: attested('00006030-0000000000000001'),
  softwareUpdateDeviceId: attested('J999xAP'),
  osVersion: attested('26.4.1'),
  sepOsVersion: attested('26.4.1'),
  llbVersion: attested('26.4.1'),
  freshnessCode: attested('0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'),
  systemIntegrityProtection: attested('enabled'),
  secureBoot: attested('Full Security'),
  thirdPartyKernelExtensions: attested('not allowed'),
  other: [],
};

/** What the library reads in a leaf; for a vector that is not about properties. */
export function propertiesOf(leaf: Uint8Array): JsonProperties {
  return jsonProperties(decodeProperties(parseCertificate(leaf)));
}

/** What the answer says of a leaf that is accepted. */
export function answerOf(leaf: Uint8Array): ExpectedAnswer & { readonly properties: JsonProperties } {
  return { properties: propertiesOf(leaf), publicKey: toBase64(parseCertificate(leaf).publicKey.spki) };
}

export type Place = 'leaf' | 'subCa' | 'root';

const EXTENSIONS: Readonly<Record<Place, readonly ExtensionSpec[]>> = {
  leaf: LEAF_EXTENSIONS,
  subCa: [
    basicConstraints(true, 0),
    authorityKeyIdentifier(keyIdentifierOf(KEYS.root)),
    subjectKeyIdentifier(keyIdentifierOf(KEYS.subCa)),
    keyUsage(0x06),
  ],
  root: [basicConstraints(true), subjectKeyIdentifier(keyIdentifierOf(KEYS.root)), keyUsage(0x06)],
};

/** The extensions of a certificate of the genuine chain, some in place of those with the same OID, or after them. */
export function withExtensions(place: Place, ...changes: readonly ExtensionSpec[]): readonly ExtensionSpec[] {
  const kept = EXTENSIONS[place].map((old) => changes.find(({ oid }) => oid === old.oid) ?? old);
  return [...kept, ...changes.filter((change) => !kept.includes(change))];
}

/** The same without those of some OIDs. */
export function withoutExtensions(place: Place, ...oids: readonly string[]): readonly ExtensionSpec[] {
  return EXTENSIONS[place].filter(({ oid }) => !oids.includes(oid));
}
