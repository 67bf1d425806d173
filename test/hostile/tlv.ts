import { concat, type Der, length } from '../../src/testing/der-writer.ts';

/**
 * DER as a tree, so that a test can spoil any value of a certificate and have every length around it right.
 * OCTET STRINGs and BIT STRINGs that hold DER are opened as well: extensions, and the signature.
 */
export interface Tlv {
  readonly tag: number;
  /** Before the children: the count of unused bits in a BIT STRING. */
  readonly prefix: Uint8Array;
  /** Undefined for a value without structure. */
  readonly children: readonly Tlv[] | undefined;
  readonly content: Uint8Array;
}

/** The way down from the root: an index for each level. */
export type Path = readonly number[];

const CONSTRUCTED = 0x20;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NOTHING = new Uint8Array();

/** Every value in a row of them, or undefined if the bytes are none. Minted DER has no length above 65,535. */
function readAll(bytes: Uint8Array): Tlv[] | undefined {
  const values: Tlv[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const tag = bytes[offset]!;
    const short = bytes[offset + 1];
    if (short === undefined || (tag & 0x1f) === 0x1f || tag === 0) return undefined;
    const width = short < 0x80 ? 0 : short - 0x80;
    if (short === 0x80 || width > 2) return undefined;
    let size = short;
    if (width > 0) size = bytes.subarray(offset + 2, offset + 2 + width).reduce((sum, byte) => sum * 256 + byte, 0);
    // Not in the fewest bytes: left as it is, or encoding the tree would mend it.
    if (width > 0 && size < [0, 0x80, 0x100][width]!) return undefined;
    const start = offset + 2 + width;
    if (start + size > bytes.length) return undefined;
    values.push(value(tag, bytes.subarray(start, start + size)));
    offset = start + size;
  }
  return values;
}

function value(tag: number, content: Uint8Array): Tlv {
  const wraps = tag === OCTET_STRING || (tag === BIT_STRING && content[0] === 0 && content.length > 1);
  const prefix = wraps && tag === BIT_STRING ? content.subarray(0, 1) : NOTHING;
  const inner = content.subarray(prefix.length);
  const children = (tag & CONSTRUCTED) !== 0 || (wraps && inner.length > 0) ? readAll(inner) : undefined;
  return { tag, prefix, children, content };
}

export function parseTlv(bytes: Uint8Array): Tlv {
  const [root] = readAll(bytes)!;
  return root!;
}

export function contentOf(node: Tlv): Uint8Array {
  return node.children === undefined ? node.content : concat(node.prefix, ...node.children.map(encodeTlv));
}

export function encodeTlv(node: Tlv): Der {
  const content = contentOf(node);
  return concat(Uint8Array.of(node.tag), length(content.length), content);
}

/** Every value of the tree, the root first. */
export function pathsOf(node: Tlv, path: Path = []): Path[] {
  return [path, ...(node.children ?? []).flatMap((child, index) => pathsOf(child, [...path, index]))];
}

export function nodeAt(node: Tlv, path: Path): Tlv {
  return path.reduce((parent, index) => parent.children![index]!, node);
}

/** The tree with any number of siblings in place of one value; lengths around it follow. */
export function replaceAt(node: Tlv, path: Path, replace: (node: Tlv) => readonly Tlv[]): Tlv {
  const [index, ...rest] = path;
  if (index === undefined) return replace(node)[0] ?? raw(NOTHING);
  const children = node.children!.flatMap((child, at) => {
    if (at !== index) return [child];
    return rest.length === 0 ? replace(child) : [replaceAt(child, rest, replace)];
  });
  return { ...node, children };
}

/** The bytes of the tree with other bytes in place of one value; lengths around it follow. */
export function spliceAt(node: Tlv, path: Path, replace: (node: Tlv) => Uint8Array): Der {
  const [index, ...rest] = path;
  if (index === undefined) return concat(replace(node));
  const parts = node.children!.map((child, at) => (at === index ? spliceAt(child, rest, replace) : encodeTlv(child)));
  const content = concat(node.prefix, ...parts);
  return concat(Uint8Array.of(node.tag), length(content.length), content);
}

/** A value of no tag of its own that stands for nothing: for a root that was deleted. */
function raw(content: Uint8Array): Tlv {
  return { tag: 0, prefix: NOTHING, children: undefined, content };
}
