import { describe, expect, it } from 'vitest';
import { toPem } from '../../src/index.ts';
import { mintCertificate } from '../../src/testing/certificate-writer.ts';
import { bytes, name } from '../../src/testing/der-writer.ts';
import { readIssuedChain } from '../../src/testing/issued-chain.ts';
import { keyFrom } from '../../src/testing/key.ts';

const [key, other] = [keyFrom('issued', 'P-256'), keyFrom('other', 'P-256')];

const certificate = (replace = {}) =>
  mintCertificate({
    subject: name({ CN: 'issued' }),
    issuer: name({ CN: 'issuer' }),
    key,
    issuerKey: other,
    notBefore: new Date('2026-06-01T12:00:00Z'),
    notAfter: new Date('2026-06-02T12:00:00Z'),
    extensions: [],
    replace,
  });

describe('an issued chain', () => {
  it('is for the key of its first certificate', async () => {
    const chain = [await certificate(), await certificate()];
    expect(readIssuedChain(toPem(chain), key.spki)).toEqual({
      certificateChainPem: toPem(chain),
      certificateChain: chain,
      isForKey: true,
    });
    expect(readIssuedChain(toPem(chain), other.spki)?.isForKey).toBe(false);
  });

  it('may be of the first version of X.509', async () => {
    const pem = toPem(await certificate({ version: new Uint8Array() }));
    expect(readIssuedChain(pem, key.spki)?.isForKey).toBe(true);
  });

  it.each(['', 'no PEM', toPem(bytes('no DER'))])('that is none: %j', (pem) => {
    expect(readIssuedChain(pem, key.spki)).toBeUndefined();
  });
});
