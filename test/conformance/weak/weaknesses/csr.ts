import { createPublicKey, verify } from 'node:crypto';
import { equalBytes } from '../../../../src/core/bytes.ts';
import { derCursor } from '../../../../src/core/der.ts';
import { describePublicKey, type PublicKey, readPublicKey } from '../../../../src/core/public-key.ts';
import { MICROSOFT_EXTENSION_REQUEST, parseCsr } from '../csr.ts';
import { constructed, primitive, readValue, sameValue, type Value, write } from '../lenient-der.ts';
import { readSent, type ReadingTolerance, SOME_NAME } from '../mend.ts';
import { demand } from '../protocol.ts';
import type { Steps } from '../steps.ts';
import { weaknesses } from './weakness.ts';

function keyOf(spki: Uint8Array): PublicKey {
  return describePublicKey(readPublicKey(derCursor(spki)));
}

interface Fields {
  readonly version: Value;
  readonly subject: Value;
  readonly publicKey: Value;
  readonly attributes: readonly Value[];
  readonly algorithm: Value;
}

/** As `mending` does for certificates: what the strict parser refuses is mended, and judged over what was sent. */
function mending(mend: (fields: Fields) => Partial<Fields>, tolerance: ReadingTolerance = {}): Pick<Steps, 'parseCsr'> {
  return {
    parseCsr: (der) => {
      const sent = readSent(der, tolerance);
      const [info, algorithm, signature] = sent.children;
      const [version, subject, publicKey, ...attributes] = info?.children ?? [];
      demand(publicKey !== undefined && signature !== undefined, 'no certificate request');
      const fields = { version: version!, subject: subject!, publicKey, attributes, algorithm: algorithm! };
      const mended = { ...fields, ...mend(fields) };
      const parts = [mended.version, mended.subject, mended.publicKey, ...mended.attributes];
      const csr = parseCsr(write(constructed(0x30, [constructed(0x30, parts), mended.algorithm, signature])));
      return { ...csr, data: info!.raw };
    },
  };
}

const NO_ATTRIBUTES = constructed(0xa0, []);

const isNotOfMicrosoft = ({ children: [type] }: Value): boolean =>
  type === undefined || Buffer.from(type.content).toString('hex') !== MICROSOFT_EXTENSION_REQUEST;

export const CSR_WEAKNESSES = [
  ...weaknesses('accepts', {
    'csr: its key is not compared': { isAttestedKey: () => true },
    'csr: its key is compared by its curve': {
      isAttestedKey: ({ key }, attested) => key.curve === keyOf(attested).curve,
    },
    'csr: its key is compared by x alone': {
      isAttestedKey: ({ key }, attested) => key.jwk.x === keyOf(attested).jwk.x,
    },
    'csr: its signature is verified with the attested key, and its own key never looked at': {
      isProven: async () => Promise.resolve(true),
      isAttestedKey: ({ hash, data, signature }, attested) => {
        const key = createPublicKey({ key: Buffer.from(attested), format: 'der', type: 'spki' });
        return verify(hash, data, key, signature);
      },
    },
    'csr: its signature is not verified': { isProven: async () => Promise.resolve(true) },
    'csr: bytes after it are ignored': { parseCsr: (der) => parseCsr(readValue(der).raw) },
    'csr: lengths may be long or indefinite': mending(() => ({}), { anyLengths: true }),
    'csr: any version': mending(() => ({ version: primitive(0x02, Uint8Array.of(0)) })),
    'csr: any name': mending(() => ({ subject: SOME_NAME })),
    'csr: attributes are not looked at': mending(() => ({ attributes: [NO_ATTRIBUTES] })),
    'csr: the extension request of Microsoft is passed over': mending(({ attributes }) => ({
      attributes: attributes.map(({ tag, children }) => constructed(tag, children.filter(isNotOfMicrosoft))),
    })),
    'csr: attributes may be left out': mending(({ attributes }) => ({
      attributes: attributes.length === 0 ? [NO_ATTRIBUTES] : attributes,
    })),
    'csr: parameters of the algorithm are ignored': mending(({ algorithm }) => ({
      algorithm: constructed(0x30, algorithm.children.slice(0, 1)),
    })),
  }),
  ...weaknesses('refuses', {
    'csr: attributes must be empty': {
      parseCsr: (der) => {
        demand(sameValue(readValue(der).children[0]!.children[3] ?? NO_ATTRIBUTES, NO_ATTRIBUTES), 'attributes');
        return parseCsr(der);
      },
    },
    'csr: attributes must not be empty': {
      parseCsr: (der) => {
        demand(!sameValue(readValue(der).children[0]!.children[3] ?? NO_ATTRIBUTES, NO_ATTRIBUTES), 'no attributes');
        return parseCsr(der);
      },
    },
    'csr: the subject must not be empty': {
      parseCsr: (der) => {
        demand(readValue(der).children[0]!.children[1]!.children.length > 0, 'no subject');
        return parseCsr(der);
      },
    },
    'csr: a key on P-256 is refused': {
      isAttestedKey: ({ key }, attested) => key.curve !== 'P-256' && equalBytes(key.spki, attested),
    },
    'csr: a key on P-384 is refused': {
      isAttestedKey: ({ key }, attested) => key.curve !== 'P-384' && equalBytes(key.spki, attested),
    },
  }),
];
