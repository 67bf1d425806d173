import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issuers } from '../../src/core/issuer-memory.ts';
import {
  appleEnterpriseAttestationRoot,
  type AttestationChain,
  type Certificate,
  parseAttestationChain,
  parseCertificate,
  type VerifiedChain,
  verifyChain,
} from '../../src/index.ts';
import { bytes, name } from '../../src/testing/der-writer.ts';
import { CHAIN_FAULTS } from '../support/faults.ts';
import {
  AT,
  authorityKeyIdentifier,
  basicConstraints,
  type CertificateSpec,
  type CurveName,
  extension,
  type HashName,
  keyFrom,
  keyIdentifierOf,
  keyUsage,
  LEAF_EXTENSIONS,
  mintChain,
  subjectKeyIdentifier,
} from '../support/mint.ts';
import { mintPath } from '../support/path.ts';
import { rejectionOf } from '../support/refusal.ts';

function verify(x5c: readonly Uint8Array[], anchors: readonly Uint8Array[], at = AT): Promise<VerifiedChain> {
  return verifyChain(parseAttestationChain(x5c), { trustAnchors: anchors.map(parseCertificate), at });
}

const apple = await mintChain();

beforeEach(() => void (issuers.length = 0));
afterEach(() => vi.restoreAllMocks());

describe('a chain in the shape of Apple’s', () => {
  it('verifies, and the answer holds the chain, the anchor and the time', async () => {
    const verified = await verify(apple.x5c, [apple.root]);
    expect(verified.certificates).toEqual(apple.x5c.map(parseCertificate));
    expect(verified.trustAnchor).toEqual(parseCertificate(apple.root));
    expect(verified.at).toEqual(AT);
    expect(verified.at).not.toBe(AT);
  });

  it('does not verify to Apple’s root, which is the anchor unless another is given', async () => {
    const error = await rejectionOf(verifyChain(parseAttestationChain(apple.x5c), { at: AT }));
    expect(error).toMatchObject({ code: 'ERR_MDA_CHAIN_TRUST_ANCHOR', certificate: 1 });
  });

  it('does not verify to Apple’s root where the anchor has its name', async () => {
    const chain = await mintChain({
      subCa: { issuer: appleEnterpriseAttestationRoot().subject.der, extensions: [basicConstraints(true, 0)] },
    });
    const error = await rejectionOf(verifyChain(parseAttestationChain(chain.x5c), { at: AT }));
    expect(error).toMatchObject({ code: 'ERR_MDA_CHAIN_SIGNATURE', certificate: 1 });
  });
});

describe('one fault', () => {
  it.each(CHAIN_FAULTS)('$title is refused with $code', async ({ evidence, code, certificate }) => {
    const { x5c, anchors, at } = await evidence();
    expect(await rejectionOf(verify(x5c, anchors, at))).toMatchObject({ code, certificate });
    // And once more, with whatever was remembered.
    expect(await rejectionOf(verify(x5c, anchors, at))).toMatchObject({ code, certificate });
  });

  it.each([
    ['leaf', '1.2.3.4'],
    ['subCa', '2.5.29.30'],
    ['root', '2.5.29.54'],
  ] as const)('the critical extension of the %s is named', async (place, id) => {
    const base = place === 'leaf' ? LEAF_EXTENSIONS : [basicConstraints(true)];
    const chain = await mintChain({
      [place]: { extensions: [...base, extension(id, bytes('x'), true), extension('1.2.3.5', bytes('x'), true)] },
    });
    expect(await rejectionOf(verify(chain.x5c, [chain.root]))).toMatchObject({ oid: id });
  });

  it('of two certificates with bad signatures, the one nearest to the anchor is reported', async () => {
    const issuerKey = keyFrom('stranger');
    const both = await mintChain({ subCa: { issuerKey }, leaf: { issuerKey } });
    expect(await rejectionOf(verify(both.x5c, [both.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
      certificate: 1,
    });
    const encoding = await mintChain({ subCa: { issuerKey }, leaf: { signature: () => new Uint8Array() } });
    expect(await rejectionOf(verify(encoding.x5c, [encoding.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
      certificate: 1,
    });
  });

  it('a malformed signature has the fault of its encoding as its cause', async () => {
    const chain = await mintChain({ leaf: { signature: () => new Uint8Array() } });
    expect(await rejectionOf(verify(chain.x5c, [chain.root]))).toMatchObject({
      cause: { code: 'ERR_MDA_DER_TRUNCATED' },
    });
  });
});

describe('what is not a fault', () => {
  const accepted: readonly [title: string, spec: Parameters<typeof mintChain>[0]][] = [
    ['an anchor whose own signature is broken', { root: { signature: () => bytes('nothing') } }],
    ['an anchor that somebody else issued', { root: { issuer: name({ CN: 'cross' }), issuerKey: keyFrom('cross') } }],
    ['an anchor with pathLen 1', { root: { extensions: [basicConstraints(true, 1)] } }],
    ['authorities without keyUsage', { subCa: { extensions: [basicConstraints(true)] } }],
    ['a leaf without extensions', { leaf: { extensions: [], replace: { extensions: new Uint8Array() } } }],
    ['a leaf without basicConstraints and keyUsage', { leaf: { extensions: LEAF_EXTENSIONS.slice(2) } }],
    ['a leaf that may sign alone', { leaf: { extensions: [keyUsage(0x80)] } }],
    ['a leaf without a subject', { leaf: { subject: name({}) } }],
    ['unknown extensions that are not critical', { leaf: { extensions: [extension('1.2.3.4', bytes('x'))] } }],
    [
      'a leaf with an extendedKeyUsage, critical or not',
      { leaf: { extensions: [extension('2.5.29.37', Uint8Array.of(0x30, 3, 6, 1, 42), true)] } },
    ],
    ['a Sub CA that names a key of an issuer that names none', { root: { extensions: [basicConstraints(true)] } }],
    [
      'an issuer that names its key to a leaf that names none',
      { subCa: { extensions: [basicConstraints(true), subjectKeyIdentifier(bytes('mine'))] } },
    ],
    [
      'a leaf that names the key of its issuer',
      { leaf: { extensions: [authorityKeyIdentifier(keyIdentifierOf(apple.keys.subCa))] } },
    ],
    [
      'a leaf that names its issuer without a key identifier',
      { leaf: { extensions: [extension('2.5.29.35', Uint8Array.of(0x30, 5, 0xa1, 0, 0x82, 1, 1))] } },
    ],
    ['validity that is one instant', { leaf: { notBefore: AT, notAfter: AT } }],
  ];

  it.each(accepted)('%s', async (_, spec) => {
    const { x5c, root } = await mintChain(spec);
    expect((await verify(x5c, [root])).certificates).toHaveLength(2);
  });
});

describe('validity', () => {
  const from = new Date('2026-05-10T00:00:00Z');
  const to = new Date('2026-05-20T00:00:00Z');
  const later = (date: Date, milliseconds: number): Date => new Date(date.getTime() + milliseconds);

  it.each(['leaf', 'subCa', 'root'] as const)(
    'of the %s includes both ends and not a millisecond more',
    async (place) => {
      const { x5c, root } = await mintChain({ [place]: { notBefore: from, notAfter: to } });
      await expect(verify(x5c, [root], from)).resolves.toHaveProperty('at', from);
      await expect(verify(x5c, [root], to)).resolves.toHaveProperty('at', to);
      expect(await rejectionOf(verify(x5c, [root], later(from, -1)))).toHaveProperty(
        'code',
        'ERR_MDA_CHAIN_NOT_YET_VALID',
      );
      expect(await rejectionOf(verify(x5c, [root], later(to, 1)))).toHaveProperty('code', 'ERR_MDA_CHAIN_EXPIRED');
    },
  );
});

describe('trust anchors', () => {
  it('with one name are chosen by key, in any order', async () => {
    const others = await Promise.all(['second', 'third'].map((seed) => mintChain({ seed })));
    const roots = [apple.root, ...others.map(({ root }) => root)];
    for (const shift of [0, 1, 2]) {
      const anchors = [...roots.slice(shift), ...roots.slice(0, shift)];
      issuers.length = 0;
      for (const chain of [apple, ...others])
        expect((await verify(chain.x5c, anchors)).trustAnchor.der).toEqual(chain.root);
    }
  });

  it('of the right name, none of which has the key, refuse the signature', async () => {
    const others = await Promise.all(['second', 'third'].map((seed) => mintChain({ seed })));
    const roots = others.map(({ root }) => root);
    const { x5c } = await mintChain({ subCa: { extensions: [basicConstraints(true, 0)] } });
    expect(await rejectionOf(verify(x5c, roots))).toMatchObject({
      code: 'ERR_MDA_CHAIN_SIGNATURE',
      certificate: 1,
    });
  });

  it('with one name and one key are one anchor, renewed: one that is valid is enough, in any order', async () => {
    const key = keyFrom('chain root');
    const renew = async (from: string, to: string): Promise<Uint8Array> => {
      const dates = { notBefore: new Date(from), notAfter: new Date(to) };
      return (await mintChain({ root: { serialNumber: 2, ...dates, issuerKey: key } })).root;
    };
    const expired = await renew('2022-01-01', '2026-01-01');
    const early = await renew('2030-01-01', '2050-01-01');
    for (const anchors of [
      [expired, apple.root, early],
      [early, expired, apple.root],
      [apple.root, early, expired],
    ])
      expect((await verify(apple.x5c, anchors)).trustAnchor.der).toEqual(apple.root);
    expect(await rejectionOf(verify(apple.x5c, [expired, expired]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_EXPIRED',
      certificate: 2,
    });
    const other = await mintChain({ seed: 'other' });
    expect((await verify(apple.x5c, [other.root, expired, apple.root])).trustAnchor.der).toEqual(apple.root);
  });

  it('with one name and one key are chosen by validity to the very millisecond', async () => {
    const from = new Date('2026-05-10T00:00:00Z');
    const to = new Date('2026-05-20T00:00:00Z');
    const renewed = async (notBefore: Date, notAfter: Date): Promise<Uint8Array> =>
      (await mintChain({ root: { serialNumber: 2, notBefore, notAfter } })).root;
    const expired = await renewed(new Date('2022-01-01T00:00:00Z'), new Date('2026-05-01T00:00:00Z'));
    const current = await renewed(from, to);
    for (const at of [from, to])
      expect((await verify(apple.x5c, [expired, current], at)).trustAnchor.der).toEqual(current);
  });

  it.each([0, 1, 3])('with one name are chosen by key above %d authorities', async (count) => {
    const { x5c, root } = await mintPath({ authorities: Array.from({ length: count }, () => ({})) });
    const stranger = keyFrom('stranger');
    const other = await mintPath({ authorities: [], root: { key: stranger, issuerKey: stranger } });
    for (const anchors of [
      [other.root, root],
      [root, other.root],
    ])
      expect((await verify(x5c, anchors)).trustAnchor.der).toEqual(root);
  });

  it('that have nothing to do with the chain spoil nothing, however bad they are', async () => {
    const expired = await mintChain({
      root: {
        subject: name({ CN: 'unrelated' }),
        notAfter: new Date('2023-01-01T00:00:00Z'),
        extensions: [basicConstraints(false), extension('1.2.3.4', bytes('x'), true)],
      },
    });
    for (const anchors of [
      [expired.root, apple.root],
      [apple.root, expired.root],
      [apple.root, apple.root],
    ])
      expect((await verify(apple.x5c, anchors)).trustAnchor.der).toEqual(apple.root);
  });

  it('of another key and the same name spoil nothing, however bad they are', async () => {
    const bad = await mintChain({ seed: 'bad', root: { extensions: [extension('1.2.3.4', bytes('x'), true)] } });
    for (const anchors of [
      [bad.root, apple.root],
      [apple.root, bad.root],
    ])
      expect((await verify(apple.x5c, anchors)).trustAnchor.der).toEqual(apple.root);
  });

  it('may be repeated at the end of the chain, which the answer leaves out', async () => {
    const { certificates, trustAnchor } = await verify([...apple.x5c, apple.root], [apple.root]);
    expect(certificates.map(({ der }) => der)).toEqual(apple.x5c);
    expect(trustAnchor.der).toEqual(apple.root);
  });

  it('that are repeated are no trust anchor by being there', async () => {
    const other = await mintChain({ seed: 'other' });
    const error = await rejectionOf(verify([...apple.x5c, apple.root], [other.root]));
    expect(error).toMatchObject({ code: 'ERR_MDA_CHAIN_SIGNATURE', certificate: 2 });
  });

  it('may be a Sub CA, sent or not', async () => {
    expect((await verify([apple.leaf], [apple.subCa])).trustAnchor.der).toEqual(apple.subCa);
    expect((await verify(apple.x5c, [apple.subCa])).certificates).toHaveLength(1);
    expect((await verify(apple.x5c, [apple.root, apple.subCa])).certificates).toHaveLength(1);
  });
});

describe('paths of other lengths', () => {
  const pathLengths = (...lengths: (number | undefined)[]): Partial<CertificateSpec>[] =>
    lengths.map((length) => ({ extensions: [basicConstraints(true, length)] }));

  it.each([
    ['a leaf directly under the anchor', [], undefined],
    ['a leaf directly under an anchor with pathLen 0', [], 0],
    ['one authority under pathLen 1', [0], 1],
    ['two authorities', [undefined, undefined], undefined],
    ['two authorities under pathLen 1, the last with pathLen 0', [1, 0], 2],
    ['three authorities', [undefined, undefined, undefined], undefined],
    ['three authorities, each at its limit', [2, 1, 0], 3],
  ])('%s', async (_, lengths, rootLength) => {
    const { x5c, root } = await mintPath({
      authorities: pathLengths(...lengths),
      root: { extensions: [basicConstraints(true, rootLength)] },
    });
    expect((await verify(x5c, [root])).certificates).toHaveLength(lengths.length + 1);
    expect((await verify([...x5c, root], [root])).certificates).toHaveLength(lengths.length + 1);
  });
});

describe('algorithms', () => {
  const curves: readonly CurveName[] = ['P-256', 'P-384', 'P-521'];
  const hashes: readonly HashName[] = ['SHA-256', 'SHA-384', 'SHA-512'];

  it.each(curves.flatMap((curve) => hashes.map((hash) => [curve, hash] as const)))(
    'issuers on %s sign with %s',
    async (curve, hash) => {
      const keys = {
        root: keyFrom('algorithms root', curve),
        subCa: keyFrom('algorithms sub CA', curve),
        leaf: keyFrom('algorithms leaf', 'P-256'),
      };
      const { x5c, root } = await mintChain({
        keys,
        root: { hash },
        subCa: { hash, extensions: [basicConstraints(true, 0)] },
        leaf: { hash },
      });
      const { certificates } = await verify(x5c, [root]);
      expect(certificates.map(({ signatureAlgorithm }) => signatureAlgorithm.hash)).toEqual([hash, hash]);
      expect(certificates[1]?.publicKey.curve).toBe(curve);
    },
  );

  it('a hash other than the one that was signed with is a wrong signature', async () => {
    const subCa = keyFrom('chain sub CA');
    const { x5c, root } = await mintChain({
      leaf: { hash: 'SHA-256', issuerKey: { ...subCa, sign: (data) => subCa.sign(data, 'SHA-384') } },
    });
    expect(await rejectionOf(verify(x5c, [root]))).toMatchObject({ code: 'ERR_MDA_CHAIN_SIGNATURE', certificate: 0 });
  });
});

describe('a platform', () => {
  it('that lacks the curve is named, not the evidence', async () => {
    const reason = new DOMException('no such curve', 'NotSupportedError');
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(reason);
    expect(await rejectionOf(verify(apple.x5c, [apple.root]))).toMatchObject({
      code: 'ERR_MDA_CHAIN_UNSUPPORTED',
      certificate: 1,
      cause: reason,
    });
  });

  it('that lacks the hash is named, not the evidence', async () => {
    vi.spyOn(crypto.subtle, 'verify').mockRejectedValue(new DOMException('no such hash', 'NotSupportedError'));
    expect(await rejectionOf(verify(apple.x5c, [apple.root]))).toHaveProperty('code', 'ERR_MDA_CHAIN_UNSUPPORTED');
  });

  it('that throws at once is named, not the evidence', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockImplementation(() => {
      throw new Error('not here');
    });
    expect(await rejectionOf(verify(apple.x5c, [apple.root]))).toHaveProperty('code', 'ERR_MDA_CHAIN_UNSUPPORTED');
  });

  it('that failed once is asked again', async () => {
    const chain = parseAttestationChain(apple.x5c);
    const options = { trustAnchors: [parseCertificate(apple.root)], at: AT };
    const importKey = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new Error('out of memory'));
    expect(await rejectionOf(verifyChain(chain, options))).toHaveProperty('code', 'ERR_MDA_CHAIN_UNSUPPORTED');
    importKey.mockRestore();
    await expect(verifyChain(chain, options)).resolves.toHaveProperty('at', AT);
  });
});

describe('options', () => {
  const chain = parseAttestationChain(apple.x5c);
  const trustAnchors = [parseCertificate(apple.root)];

  it.each<[title: string, options: unknown]>([
    ['that are missing', undefined],
    ['that are null', null],
    ['that are a Date', AT],
    ['without a time', { trustAnchors }],
    ['with an undefined time', { trustAnchors, at: undefined }],
    ['with an invalid time', { trustAnchors, at: new Date(NaN) }],
    ['with a time in milliseconds', { trustAnchors, at: AT.getTime() }],
    ['with a time as text', { trustAnchors, at: AT.toISOString() }],
    ['with an unknown name', { trustAnchors, at: AT, trustAnchor: trustAnchors }],
    ['with a misspelt name', { trustanchors: trustAnchors, at: AT }],
    ['without any anchor', { trustAnchors: [], at: AT }],
    ['with null for the anchors', { trustAnchors: null, at: AT }],
    ['with a lone anchor', { trustAnchors: trustAnchors[0], at: AT }],
    ['with bytes for an anchor', { trustAnchors: [apple.root], at: AT }],
    ['with a copy of an anchor', { trustAnchors: [{ ...trustAnchors[0] }], at: AT }],
    ['with an anchor that is undefined', { trustAnchors: [undefined], at: AT }],
    ['with a chain for the anchors', { trustAnchors: chain, at: AT }],
  ])('%s are a TypeError', async (_, options) => {
    await expect(verifyChain(chain, options as never)).rejects.toThrow(TypeError);
  });

  it.each<[title: string, forged: unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', 'chain'],
    ['bytes', apple.x5c],
    ['an empty object', {}],
    ['a copy', { ...chain }],
    ['a look-alike', { certificates: chain.certificates }],
    ['an heir', Object.create(chain)],
    ['a proxy', new Proxy(chain, {})],
    ['a copy through JSON', JSON.parse(JSON.stringify(chain))],
  ])('a chain that is %s is a TypeError', async (_, forged) => {
    await expect(verifyChain(forged as AttestationChain, { trustAnchors, at: AT })).rejects.toThrow(TypeError);
  });

  it('may come from another realm', async () => {
    const at = runInNewContext('new Date(time)', { time: AT.getTime() }) as Date;
    const x5c = apple.x5c.map(
      (der) => runInNewContext('Uint8Array.from(list)', { list: Array.from(der) }) as Uint8Array,
    );
    expect(at).not.toBeInstanceOf(Date);
    expect(x5c[0]).not.toBeInstanceOf(Uint8Array);
    expect((await verifyChain(parseAttestationChain(x5c), { trustAnchors, at })).at).toEqual(AT);
  });

  it('are read when they are given: later changes do not reach the verification', async () => {
    const at = new Date(AT);
    const anchors: Certificate[] = [...trustAnchors];
    const pending = verifyChain(chain, { trustAnchors: anchors, at });
    at.setTime(0);
    anchors.length = 0;
    expect((await pending).at).toEqual(AT);
  });
});
