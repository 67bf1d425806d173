import {
  AT,
  basicConstraints,
  digest,
  LEAF_EXTENSIONS,
  type Key,
  type ChainSpec,
  mintChain,
  type MintedChain,
  keyUsage,
  PROPERTIES,
  property,
  randomKey,
} from '../test/support/mint.ts';
import { bytes } from '../src/testing/der-writer.ts';
import type { Evidence, Facts, Setting } from './contenders/contender.ts';

const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const FRESHNESS_CODE = new Uint8Array(digest('SHA-256', bytes(TOKEN)));

/** More than what at once runs, plus what is remembered, so that a rotation through them never meets one again. */
const SUB_CAS = 320;

export interface BenchEvidence {
  readonly setting: Setting;
  readonly valid: Evidence;
  readonly facts: Facts;
  /** Valid chains under the same root, each with a Sub CA of its own. */
  readonly distinct: readonly Evidence[];
  /** What must be refused, by what is wrong with it. */
  readonly refused: ReadonlyMap<string, Evidence>;
}

export async function mintEvidence(): Promise<BenchEvidence> {
  const [root, subCa, leaf] = await Promise.all([randomKey(), randomKey(), randomKey()]);
  const keys = { root, subCa, leaf };
  const chain = await mint({ keys });
  const { leaf: tamperedSignature } = chain;
  const refused = new Map<string, Evidence>([
    ['a changed signature', { subCa: chain.subCa, leaf: changed(tamperedSignature, tamperedSignature.length - 1) }],
    [
      'a changed property',
      { subCa: chain.subCa, leaf: changed(chain.leaf, Buffer.from(chain.leaf).indexOf('SIMULATED1')) },
    ],
    ['an expired leaf', await mint({ keys, leaf: { notAfter: new Date(AT.getTime() - 1000) } })],
    ['another freshness code', await mintChain({ keys, leaf: { extensions: extensionsWith(STALE_CODE) } })],
    ['an issuer that is no CA', await withoutCaFlag(keys)],
  ]);
  return {
    setting: { root: chain.root, expectedFreshnessCode: FRESHNESS_CODE, token: TOKEN, at: AT },
    valid: chain,
    facts: FACTS,
    distinct: await Promise.all(Array.from({ length: SUB_CAS }, () => withSubCaOfItsOwn(keys))),
    refused,
  };
}

function changed(bytes: Uint8Array, index: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy[index]! ^= 1;
  return copy;
}

const STALE_CODE = FRESHNESS_CODE.map((byte) => byte ^ 1);

function extensionsWith(freshnessCode: Uint8Array): typeof LEAF_EXTENSIONS {
  const replaced = property('11.1', freshnessCode);
  return LEAF_EXTENSIONS.map((extension) => (extension.oid === replaced.oid ? replaced : extension));
}

/** A chain that answers the token. */
function mint(spec: ChainSpec): Promise<MintedChain> {
  return mintChain({ ...spec, leaf: { extensions: extensionsWith(FRESHNESS_CODE), ...spec.leaf } });
}

function withoutCaFlag(keys: MintedChain['keys']): Promise<Evidence> {
  return mint({ keys, subCa: { extensions: [basicConstraints(false), keyUsage(0x06)] } });
}

async function withSubCaOfItsOwn(keys: { root: Key; leaf: Key }): Promise<Evidence> {
  return mint({ keys: { ...keys, subCa: await randomKey() } });
}

const text = (arcs: string): string =>
  new TextDecoder().decode(PROPERTIES.find(({ oid }) => oid.endsWith(`100.8.${arcs}`))!.value);

const FACTS: Facts = {
  serialNumber: text('9.1'),
  udid: text('9.2'),
  softwareUpdateDeviceId: text('9.4'),
  osVersion: text('10.1'),
  sepOsVersion: text('10.2'),
  llbVersion: text('10.3'),
  freshnessCode: FRESHNESS_CODE,
  systemIntegrityProtection: 'enabled',
  secureBoot: text('13.2'),
  thirdPartyKernelExtensions: 'not allowed',
};
