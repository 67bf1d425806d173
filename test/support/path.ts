import { type Der, name } from '../../src/testing/der-writer.ts';
import {
  basicConstraints,
  type CertificateSpec,
  type Key,
  keyFrom,
  keyUsage,
  LEAF_EXTENSIONS,
  LEAF_NAME,
  mintCertificate,
  ROOT_NAME,
} from './mint.ts';

export interface PathSpec {
  /** The certification authorities below the root, from the top down, and what is different in each. */
  readonly authorities: readonly Partial<CertificateSpec>[];
  readonly root?: Partial<CertificateSpec>;
  readonly leaf?: Partial<CertificateSpec>;
}

export interface MintedPath {
  readonly root: Der;
  /** Leaf first, without the root. */
  readonly x5c: readonly Der[];
}

const keys = new Map<string, Key>();

function keyOf(seed: string): Key {
  const key = keys.get(seed) ?? keyFrom(seed, 'P-256');
  keys.set(seed, key);
  return key;
}

/** A path of any length, right in everything that the caller does not change. */
export async function mintPath({ authorities, root = {}, leaf = {} }: PathSpec): Promise<MintedPath> {
  const dates = { notBefore: new Date('2022-02-16T00:00:00Z'), notAfter: new Date('2032-02-18T00:00:00Z') };
  let issuer: { readonly subject: Uint8Array; readonly key: Key } = { subject: ROOT_NAME, key: keyOf('path root') };
  const anchor = await mintCertificate({
    ...issuer,
    issuer: issuer.subject,
    issuerKey: issuer.key,
    ...dates,
    extensions: [basicConstraints(true), keyUsage(0x06)],
    ...root,
  });
  const x5c: Der[] = [];
  for (const [index, changes] of authorities.entries()) {
    const own = { subject: name({ CN: `Authority ${index + 1}` }), key: keyOf(`path authority ${index + 1}`) };
    x5c.unshift(
      await mintCertificate({
        ...own,
        issuer: issuer.subject,
        issuerKey: issuer.key,
        ...dates,
        extensions: [basicConstraints(true), keyUsage(0x06)],
        ...changes,
      }),
    );
    issuer = own;
  }
  x5c.unshift(
    await mintCertificate({
      subject: LEAF_NAME,
      key: keyOf('path leaf'),
      issuer: issuer.subject,
      issuerKey: issuer.key,
      ...dates,
      extensions: LEAF_EXTENSIONS,
      ...leaf,
    }),
  );
  return { root: anchor, x5c };
}
