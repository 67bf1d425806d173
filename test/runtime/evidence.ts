import { identityExtensions } from '../../src/identity/index.ts';
import { toBase64 } from '../../src/index.ts';
import { extendedKeyUsage } from '../../src/testing/leaf.ts';
import { attested } from '../identity/world.ts';
import { AT, basicConstraints, keyFrom, keyUsage, mintCertificate } from '../support/mint.ts';
import { name } from '../../src/testing/der-writer.ts';
import type { Evidence } from './smokes.ts';

const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
const AUTHORITY = name({ CN: 'Example Device CA', O: 'Example', C: 'US' });
const YEAR_MILLISECONDS = 365 * 86_400_000;

/**
 * What the smokes are given, for the test kit does not make it: the identity that an organisation issued to an attested
 * device, for a year around `at`.
 */
export async function mintEvidence(at = AT): Promise<Evidence> {
  const { attestation, chain } = await attested();
  const key = keyFrom('device CA');
  const common = {
    issuer: AUTHORITY,
    issuerKey: key,
    notBefore: new Date(at.getTime() - YEAR_MILLISECONDS / 2),
    notAfter: new Date(at.getTime() + YEAR_MILLISECONDS / 2),
  };
  const root = await mintCertificate({
    ...common,
    subject: AUTHORITY,
    key,
    extensions: [basicConstraints(true), keyUsage(0x06)],
  });
  const leaf = await mintCertificate({
    ...common,
    subject: name({ CN: 'device', O: 'Example', C: 'US' }),
    key: chain.keys.leaf,
    extensions: [
      basicConstraints(false),
      keyUsage(0x80),
      extendedKeyUsage(CLIENT_AUTHENTICATION),
      ...(await identityExtensions(attestation, { include: 'all', privacy: 'identify' })),
    ],
  });
  return { identity: [toBase64(leaf)], authority: toBase64(root) };
}
