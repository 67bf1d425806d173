import { type KeyObject, X509Certificate } from 'node:crypto';
import { type Contender, ensure, readFacts } from './contender.ts';

/** How a signature is verified; replaced where everything else is measured. */
export const signatures = {
  verify: (certificate: X509Certificate, key: KeyObject): boolean => certificate.verify(key),
};

/**
 * `node:crypto` with the path checked by hand. It hands out no extensions, so these are found by a walk
 * over the raw bytes, as lenient as one writes it in an afternoon. Synchronous: it blocks the event loop.
 */
export const nodeCrypto: Contender = {
  name: 'node:crypto X509Certificate, path by hand',
  prepare(setting) {
    const root = new X509Certificate(setting.root);
    const rootKey = root.publicKey;
    const requireValid = ({ validFrom, validTo }: X509Certificate): void => {
      const at = setting.at.getTime();
      ensure(Date.parse(validFrom) <= at && at <= Date.parse(validTo), 'validity');
    };
    return (evidence) => {
      const leaf = new X509Certificate(evidence.leaf);
      const subCa = new X509Certificate(evidence.subCa);
      ensure(leaf.checkIssued(subCa) && subCa.checkIssued(root), 'names');
      ensure(subCa.ca && !leaf.ca, 'CA flags');
      requireValid(leaf);
      requireValid(subCa);
      requireValid(root);
      ensure(signatures.verify(leaf, subCa.publicKey), 'signature of the leaf');
      ensure(signatures.verify(subCa, rootKey), 'signature of the Sub CA');
      const values = propertiesOf(evidence.leaf);
      return Promise.resolve(readFacts((oid) => values.get(oid), setting));
    };
  },
};

interface Value {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const ARC = Buffer.from('2a864886f7636408', 'hex');

function propertiesOf(der: Uint8Array): Map<string, Uint8Array> {
  const [certificate] = valuesIn(der, { start: 0, end: der.length });
  const [tbs] = valuesIn(der, certificate!);
  const field = valuesIn(der, tbs!).find(({ tag }) => tag === 0xa3);
  const [extensions] = field ? valuesIn(der, field) : [];
  const properties = new Map<string, Uint8Array>();
  for (const extension of extensions ? valuesIn(der, extensions) : []) {
    const parts = valuesIn(der, extension);
    const oid = der.subarray(parts[0]!.start, parts[0]!.end);
    const { start, end } = parts.at(-1)!;
    if (oid.length === 10 && ARC.equals(oid.subarray(0, 8)))
      properties.set(`1.2.840.113635.100.8.${oid[8]!}.${oid[9]!}`, der.subarray(start, end));
  }
  return properties;
}

function valuesIn(der: Uint8Array, { start, end }: Pick<Value, 'start' | 'end'>): Value[] {
  const values: Value[] = [];
  for (let offset = start; offset < end; offset = values.at(-1)!.end) {
    const first = der[offset + 1]!;
    const width = first < 0x80 ? 0 : first & 0x7f;
    let length = first;
    if (width > 0) {
      length = 0;
      for (let i = 0; i < width; i++) length = length * 256 + der[offset + 2 + i]!;
    }
    const content = offset + 2 + width;
    values.push({ tag: der[offset]!, start: content, end: content + length });
  }
  return values;
}
