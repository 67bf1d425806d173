import type { Certificate } from '../../../../src/core/certificate.ts';
import { constructed, readValue } from '../lenient-der.ts';
import { demand } from '../protocol.ts';
import { signedBy } from '../reference.ts';
import { isGoodSignature, readStrictNumbers, type ReadNumbers, SIZES } from '../signature.ts';
import type { Steps } from '../steps.ts';
import { weaknesses } from './weakness.ts';

/** Verifies with the numbers of a signature read in another way. */
function reading(readNumbers: ReadNumbers): Pick<Steps, 'isSigned' | 'isProven'> {
  return {
    isSigned: (certificate, issuer) => isGoodSignature(signedBy(certificate, issuer), readNumbers),
    isProven: (csr) => isGoodSignature(csr, readNumbers),
  };
}

/** Two INTEGERs, however they are written. */
function readLeniently(signature: Uint8Array, trailing: 'refused' | 'ignored'): readonly [Uint8Array, Uint8Array] {
  const sent = readValue(signature);
  demand(trailing === 'ignored' || sent.raw.length === signature.length, 'bytes after a signature');
  const [r, s] = sent.children.map(({ content }) => content.subarray(content.findIndex((byte) => byte !== 0)));
  demand(r !== undefined && s !== undefined, 'no two numbers');
  return [r, s];
}

const ORDERS = {
  'P-256': 2n ** 256n - 2n ** 224n + 2n ** 192n - 0x4319055258e8617b0c46353d039cdaafn,
  'P-384': 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn,
  'P-521': 2n ** 521n - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
} as const;

function isLow(certificate: Certificate, issuer: Certificate): boolean {
  const { key, signature } = signedBy(certificate, issuer);
  const [, s] = readStrictNumbers(signature, SIZES[key.curve]);
  return 2n * BigInt(`0x${Buffer.from(s).toString('hex')}`) < ORDERS[key.curve];
}

/** Takes an authority for verified that has something in common with one that was. */
function remembering(markOf: (authority: Certificate) => string): Pick<Steps, 'isSigned'> {
  const verified = new Set<string>();
  return {
    isSigned: async (certificate, issuer, { place }) => {
      const mark = markOf(certificate);
      const isGood = (place === 'authority' && verified.has(mark)) || (await reference(certificate, issuer));
      if (place === 'authority' && isGood) verified.add(mark);
      return isGood;
    },
  };
}

export const SIGNATURE_WEAKNESSES = [
  ...weaknesses('accepts', {
    'signature: a verified authority is remembered by its name': remembering(({ subject }) => subject.text),
    'signature: a verified authority is remembered by its issuer and serial number': remembering(
      ({ issuer, serialNumber }) => `${issuer.text} ${serialNumber}`,
    ),
    'signature: a verified authority is remembered by its bytes, for any anchor': remembering(({ der }) =>
      Buffer.from(der).toString('base64'),
    ),
    'signature: a verified authority is remembered by its key identifier': remembering(({ subjectKeyIdentifier }) =>
      subjectKeyIdentifier === undefined ? 'none' : Buffer.from(subjectKeyIdentifier).toString('hex'),
    ),
    'signature: raw r and s are taken beside DER': reading((signature, size) =>
      signature.length === 2 * size
        ? [signature.subarray(0, size), signature.subarray(size)]
        : readStrictNumbers(signature, size),
    ),
    'signature: BER is taken': reading((signature) => readLeniently(signature, 'refused')),
    'signature: bytes after it are ignored': reading((signature, size) => {
      const { raw } = readValue(signature);
      return readStrictNumbers(raw, size);
    }),
    'signature: a third number is ignored': reading((signature, size) => {
      const { tag, children } = readValue(signature);
      return readStrictNumbers(constructed(tag, children.slice(0, 2)).raw, size);
    }),
  }),
  ...weaknesses('refuses', {
    'signature: high s is refused': {
      isSigned: (certificate, issuer) => isLow(certificate, issuer) && reference(certificate, issuer),
    },
    'signature: SHA-384 is expected': {
      isSigned: (certificate, issuer) =>
        certificate.signatureAlgorithm.hash === 'SHA-384' && reference(certificate, issuer),
    },
    'signature: the numbers are expected to fill their bytes': {
      isSigned: (certificate, issuer) => {
        const { key, signature } = signedBy(certificate, issuer);
        const size = SIZES[key.curve];
        return (
          readStrictNumbers(signature, size).every(({ length }) => length === size) && reference(certificate, issuer)
        );
      },
    },
  }),
];

function reference(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  return isGoodSignature(signedBy(certificate, issuer));
}
