import fc from 'fast-check';
import { concat, length } from '../../src/testing/der-writer.ts';
import { contentOf, encodeTlv, nodeAt, parseTlv, type Path, pathsOf, replaceAt, spliceAt, type Tlv } from './tlv.ts';

/** Almost certificates: a minted one, mutated where its structure is, lengths kept right or not. */

/** Printed by the tests that use it, so that a failure can be run again. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_124);
/** The number of runs of a property: FUZZ_RUNS for every one of them, or the usual. */
export const runs = (usual: number): number => Number(process.env['FUZZ_RUNS'] ?? usual);

export const settings = (usual: number) => ({ seed: SEED, numRuns: runs(usual) });

const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x24, 0x30, 0x31, 0x80, 0x81, 0xa0, 0xa3,
];

type Mutation = (tree: Tlv) => Tlv;

const primitive = (node: Tlv, content: Uint8Array, tag = node.tag): Tlv => ({
  tag,
  prefix: new Uint8Array(),
  children: undefined,
  content,
});

/** A position in the tree, chosen by a number, whatever the tree is. */
function pathBy(tree: Tlv, choice: number): Path {
  const paths = pathsOf(tree);
  return paths[choice % paths.length]!;
}

const choice = fc.nat({ max: 10_000 });
const bytesOf = (maxLength: number) => fc.uint8Array({ maxLength });

/** Mutations that leave every length right: what comes out is often a certificate still. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(choice, choice).map(([from, to]): Mutation => (tree) => {
    const [source, target] = [nodeAt(tree, pathBy(tree, from)), pathBy(tree, to)];
    return target.length === 0 ? tree : replaceAt(tree, target, () => [source]);
  }),
  choice.map((at): Mutation => (tree) => {
    const path = pathBy(tree, at);
    return path.length === 0 ? tree : replaceAt(tree, path, (node) => [node, node]);
  }),
  choice.map((at): Mutation => (tree) => {
    const path = pathBy(tree, at);
    return path.length === 0 ? tree : replaceAt(tree, path, () => []);
  }),
  fc.tuple(choice, choice).map(
    ([at, turn]): Mutation =>
      (tree) =>
        replaceAt(tree, pathBy(tree, at), (node) => {
          const { children } = node;
          if (children === undefined || children.length < 2) return [node];
          const shift = 1 + (turn % (children.length - 1));
          return [{ ...node, children: [...children.slice(shift), ...children.slice(0, shift)] }];
        }),
  ),
  fc.tuple(choice, fc.constantFrom(...TAGS)).map(
    ([at, tag]): Mutation =>
      (tree) =>
        replaceAt(tree, pathBy(tree, at), (node) => [{ ...node, tag }]),
  ),
  fc.tuple(choice, bytesOf(24)).map(
    ([at, content]): Mutation =>
      (tree) =>
        replaceAt(tree, pathBy(tree, at), (node) => [primitive(node, content)]),
  ),
  fc.tuple(choice, choice, fc.nat({ max: 255 })).map(
    ([at, offset, byte]): Mutation =>
      (tree) =>
        replaceAt(tree, pathBy(tree, at), (node) => {
          const content = contentOf(node).slice();
          if (content.length > 0) content[offset % content.length]! ^= byte;
          return [primitive(node, content)];
        }),
  ),
);

/** How the last value is written: as DER, or in a form that only BER has, or with a length that lies. */
const writing: fc.Arbitrary<(tree: Tlv) => Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(encodeTlv) },
  {
    weight: 1,
    arbitrary: fc.tuple(choice, fc.nat({ max: 300 })).map(
      ([at, lie]) =>
        (tree: Tlv) =>
          spliceAt(tree, pathBy(tree, at), (node) => concat(Uint8Array.of(node.tag), length(lie), contentOf(node))),
    ),
  },
  {
    weight: 1,
    arbitrary: choice.map(
      (at) => (tree: Tlv) =>
        spliceAt(tree, pathBy(tree, at), (node) => {
          const content = contentOf(node);
          return concat(Uint8Array.of(node.tag, 0x83, 0, content.length >> 8, content.length & 0xff), content);
        }),
    ),
  },
);

/** Trees near those of the certificates; the index says which it came from. */
export function mutatedTree(
  certificates: readonly Uint8Array[],
  maxMutations = 3,
): fc.Arbitrary<readonly [number, Tlv]> {
  return fc
    .tuple(fc.nat({ max: certificates.length - 1 }), fc.array(mutation, { minLength: 1, maxLength: maxMutations }))
    .map(([index, mutations]) => [
      index,
      mutations.reduce((tree, mutate) => mutate(tree), parseTlv(certificates[index]!)),
    ]);
}

export function mutatedCertificate(certificates: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc.tuple(mutatedTree(certificates), writing).map(([[, tree], write]) => write(tree));
}

/** Bytes of any kind: nothing like it, something like DER, a certificate with its bytes moved about. */
export function anyBytes(certificates: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const { tlv } = fc.letrec<{ tlv: Uint8Array }>((tie) => ({
    tlv: fc
      .tuple(
        fc.constantFrom(...TAGS),
        fc.oneof(
          { depthSize: 'small' },
          bytesOf(12),
          fc.array(tie('tlv'), { maxLength: 4 }).map((parts) => concat(...parts)),
        ),
      )
      .map(([tag, content]) => concat(Uint8Array.of(tag), length(content.length), content)),
  }));
  const spliced = fc
    .tuple(fc.constantFrom(...certificates), fc.constantFrom(...certificates), choice, choice)
    .map(([a, b, i, j]) => concat(a.subarray(0, i % a.length), b.subarray(j % b.length)));
  return fc.oneof(bytesOf(200), tlv, spliced, mutatedCertificate(certificates));
}
