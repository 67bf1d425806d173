import type { Der } from '../../../src/testing/der-writer.ts';
import { mintPath, type PathSpec } from '../../support/path.ts';
import { AT, chainWith, type Evidence } from '../support.ts';

/** Evidence that is not minted as a chain with changes. */

type Certificates = readonly Uint8Array[];

/** A path of any length, and what is sent of it. */
export function pathTo(
  spec: PathSpec,
  sent: (x5c: Certificates, root: Uint8Array) => Certificates = (x5c) => x5c,
): () => Promise<Evidence> {
  return async () => {
    const { x5c, root } = await mintPath(spec);
    return { x5c: sent(x5c, root), anchors: [root], at: AT };
  };
}

/** The genuine chain with other bytes for its leaf. */
export function altered(change: (leaf: Der, subCa: Der) => Uint8Array): () => Promise<Evidence> {
  return async () => {
    const { leaf, subCa, root } = await chainWith();
    return { x5c: [change(leaf, subCa), subCa], anchors: [root], at: AT };
  };
}
