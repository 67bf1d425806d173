import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, fromPem, parseCertificate } from '../../src/index.ts';
import { hasShared, readShared } from '../foreign/shared.ts';
import { bytes, name, oid, sequence, set, tlv } from '../../src/testing/der-writer.ts';
import {
  AT,
  basicConstraints,
  type ChainSpec,
  type CurveName,
  extension,
  type HashName,
  keyFrom,
  keyUsage,
  LEAF_EXTENSIONS,
  type MintedChain,
  mintChain,
  property,
} from '../support/mint.ts';
import { mutatedTree, runs, SEED } from './generators.ts';
import { parses, signTree, verdict } from './judge.ts';
import { encodeTlv } from './tlv.ts';
import { fieldsOf, pkijsAcceptsChain, WITNESSES } from './witnesses.ts';

/** What the core parses, three other libraries parse to the same fields; what it verifies, they verify. */

console.log(`FUZZ_SEED=${SEED}`);

let chain: MintedChain;
let anchors: readonly Certificate[];

beforeAll(async () => {
  chain = await mintChain();
  anchors = [parseCertificate(chain.root)];
});

/** Where a witness reads something else than the core: `witness field: what it says`. */
function differences(der: Uint8Array): string[] {
  const expected = fieldsOf(parseCertificate(der));
  return WITNESSES.flatMap((witness) => {
    let fields;
    try {
      fields = witness.read(der);
    } catch (error) {
      return [`${witness.name} fails: ${String(error)}`];
    }
    return Object.entries(fields).flatMap(([field, value]) => {
      const own: unknown = expected[field as keyof typeof expected];
      return String(value) === String(own) ? [] : [`${witness.name} ${field}: ${String(value)} and not ${String(own)}`];
    });
  });
}

async function unverified(x5c: readonly Uint8Array[], anchor: Uint8Array): Promise<string[]> {
  const path = [...x5c, anchor];
  const results: string[] = [];
  for (const witness of WITNESSES)
    for (let index = 0; index + 1 < path.length; index++)
      try {
        if (!(await witness.verifies(path[index]!, path[index + 1]!))) results.push(`${witness.name} ${index}`);
      } catch (error) {
        results.push(`${witness.name} ${index}: ${String(error)}`);
      }
  return results;
}

const keysOn = (root: CurveName, subCa: CurveName, leaf: CurveName): NonNullable<ChainSpec['keys']> => ({
  root: keyFrom('root', root),
  subCa: keyFrom('sub CA', subCa),
  leaf: keyFrom('leaf', leaf),
});
const hashed = (hash: HashName): ChainSpec => ({ root: { hash }, subCa: { hash }, leaf: { hash } });
const attribute = (type: string, value: Uint8Array) => sequence(oid(type), value);

const VARIETY: readonly (readonly [string, ChainSpec])[] = [
  ["Apple's shape", {}],
  ['P-256 with SHA-256', { keys: keysOn('P-256', 'P-256', 'P-256'), ...hashed('SHA-256') }],
  ['P-521 with SHA-512', { keys: keysOn('P-521', 'P-521', 'P-521'), ...hashed('SHA-512') }],
  ['P-256 with SHA-512', { keys: keysOn('P-256', 'P-256', 'P-384'), ...hashed('SHA-512') }],
  ['P-384 with SHA-256', { keys: keysOn('P-384', 'P-384', 'P-256'), ...hashed('SHA-256') }],
  ['a curve for each', { keys: keysOn('P-521', 'P-384', 'P-256'), ...hashed('SHA-384') }],
  ['another key', { seed: 'another' }],
  ['a serial number of 1', { leaf: { serialNumber: 1 } }],
  ['a serial number with a sign byte', { leaf: { serialNumber: 0x80 } }],
  ['a serial number of 20 bytes', { leaf: { serialNumber: 2n ** 159n - 1n } }],
  ['a validity beyond 2050', { leaf: { notAfter: new Date('2099-12-31T23:59:59Z') } }],
  ['a validity without end', { leaf: { notAfter: new Date('9999-12-31T23:59:59Z') } }],
  ['a validity from 1950', { leaf: { notBefore: new Date('1950-01-01T00:00:00Z') } }],
  ['a subject of UTF-8', { leaf: { subject: name({ CN: 'Gerät №1 👩🏽‍💻', O: 'Ñoño, "Inc." <x>; a=b+c #d\\' }) } }],
  ['an empty subject', { leaf: { subject: sequence() } }],
  [
    'a subject with an IA5String',
    { leaf: { subject: sequence(set(attribute('0.9.2342.19200300.100.1.25', tlv(0x16, bytes('example'))))) } },
  ],
  ['a subject with an unknown attribute', { leaf: { subject: name({ '1.2.3.4294967296.5': 'x' }) } }],
  [
    'no properties',
    { leaf: { extensions: LEAF_EXTENSIONS.filter(({ oid: id }) => id.endsWith('.11.1') || id.startsWith('2')) } },
  ],
  ['a blank property', { leaf: { extensions: [...LEAF_EXTENSIONS, property('9.3', new Uint8Array())] } }],
  [
    'a property of bytes',
    {
      leaf: {
        extensions: [
          ...LEAF_EXTENSIONS,
          property(
            '13.4',
            Uint8Array.from({ length: 256 }, (_, i) => i),
          ),
        ],
      },
    },
  ],
  [
    'an extended key usage',
    {
      leaf: {
        extensions: [...LEAF_EXTENSIONS, extension('2.5.29.37', sequence(oid('1.2.840.113635.100.4.24')), true)],
      },
    },
  ],
  [
    'an OID of large arcs',
    { leaf: { extensions: [...LEAF_EXTENSIONS, extension('2.999.18446744073709551616.1', bytes('x'))] } },
  ],
  ['a Sub CA without a path length', { subCa: { extensions: [basicConstraints(true), keyUsage(0x06)] } }],
  ['a Sub CA with a path length of 300', { subCa: { extensions: [basicConstraints(true, 300), keyUsage(0x06)] } }],
];

describe('minted certificates', () => {
  it.each(VARIETY)('with %s are read alike and verified by all', async (_, spec) => {
    const minted = await mintChain(spec);
    expect([minted.leaf, minted.subCa, minted.root].flatMap(differences)).toEqual([]);
    expect(await verdict(minted.x5c, [parseCertificate(minted.root)])).toBe('accepted');
    expect(await unverified(minted.x5c, minted.root)).toEqual([]);
    expect(await pkijsAcceptsChain(minted.x5c, minted.root, AT)).toBe(true);
  });

  it('have the names that node:crypto says', () => {
    for (const der of [chain.leaf, chain.subCa, chain.root]) {
      const { subject, issuer } = new X509Certificate(der);
      const certificate = parseCertificate(der);
      expect(certificate.subject.text).toBe(subject.split('\n').reverse().join(','));
      expect(certificate.issuer.text).toBe(issuer.split('\n').reverse().join(','));
    }
  });

  it('do not verify with another key for any witness', async () => {
    const other = await mintChain({ seed: 'another authority' });
    for (const witness of WITNESSES) expect(await witness.verifies(chain.leaf, other.subCa)).toBe(false);
  });
});

describe('mutants', () => {
  it(
    'that the core parses are read alike, and those that it accepts are verified by all',
    { timeout: 60_000 },
    async () => {
      const mutants = fc.sample(mutatedTree([chain.leaf, chain.subCa], 2), { seed: SEED, numRuns: runs(800) });
      const reasons = new Map<string, string>();
      let parsed = 0;
      let accepted = 0;
      for (const [index, tree] of mutants) {
        const der = encodeTlv(tree);
        if (!parses(der)) continue;
        parsed++;
        for (const difference of differences(der)) reasons.set(difference, Buffer.from(der).toString('hex'));
        // Signed anew, so that what was changed is all that there is to refuse.
        const signed = await signTree(tree, index === 0 ? chain.keys.subCa : chain.keys.root);
        const x5c = index === 0 ? [signed, chain.subCa] : [chain.leaf, signed];
        if (!parses(signed) || (await verdict(x5c, anchors)) !== 'accepted') continue;
        accepted++;
        for (const witness of await unverified(x5c, chain.root))
          reasons.set(witness, Buffer.from(signed).toString('hex'));
      }
      console.log(`${mutants.length} mutants, ${parsed} parsed, ${accepted} accepted when signed anew`);
      expect(parsed).toBeGreaterThan(runs(800) / 10);
      expect(accepted).toBeGreaterThan(runs(800) / 20);
      expect(Object.fromEntries(reasons)).toEqual({});
    },
  );
});

describe.skipIf(!hasShared('apple'))('the chain that Apple published', () => {
  it('is read alike and verified by all', async () => {
    const [leaf, subCa, root] = [
      'published-leaf',
      'Apple_Enterprise_Attestation_Sub_CA_1',
      'Apple_Enterprise_Attestation_Root_CA',
    ].map((file) => fromPem(readShared(`apple/${file}.pem`))[0]!);
    expect([leaf!, subCa!, root!].flatMap(differences)).toEqual([]);
    expect(await unverified([leaf!, subCa!], root!)).toEqual([]);
    expect(await pkijsAcceptsChain([leaf!, subCa!], root!, new Date('2025-08-01T00:00:00Z'))).toBe(true);
  });
});
