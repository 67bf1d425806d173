import { parseAttestationChain, parseCertificate, verifyAttestation } from '../../src/index.ts';
import {
  AT,
  basicConstraints,
  FRESHNESS_CODE,
  keyUsage,
  mintCertificate,
  mintChain,
  randomKey,
  SUB_CA_NAME,
  ROOT_NAME,
} from '../support/mint.ts';

/**
 * Verifies distinct leaves, then leaves of distinct Sub CAs, and prints how much memory was held after each
 * thousand. Run with `--expose-gc` in a process of its own. P-256 to sign with, so that it takes seconds:
 * what is kept does not depend on the curve.
 */

const THOUSANDS = 10;
const AUTHORITY_THOUSANDS = 2;

const keys = { root: await randomKey('P-256'), subCa: await randomKey('P-256'), leaf: await randomKey() };
const chain = await mintChain({
  keys,
  root: { hash: 'SHA-256' },
  subCa: { hash: 'SHA-256' },
  leaf: { hash: 'SHA-256' },
});
const trustAnchors = [parseCertificate(chain.root)];
const template = parseCertificate(chain.leaf);
const extensions = template.extensions;

let verified = 0;

async function verifyOne(serialNumber: number, subCa: Uint8Array): Promise<void> {
  const leaf = await mintCertificate({
    subject: template.subject.der,
    issuer: template.issuer.der,
    key: keys.leaf,
    issuerKey: keys.subCa,
    hash: 'SHA-256',
    serialNumber,
    notBefore: template.notBefore,
    notAfter: template.notAfter,
    extensions,
  });
  const evidence = parseAttestationChain([leaf, subCa]);
  const { properties } = await verifyAttestation(evidence, {
    at: AT,
    expectedFreshnessCode: FRESHNESS_CODE,
    trustAnchors,
  });
  if (properties.serialNumber.status === 'attested') verified++;
}

function mintSubCa(serialNumber: number): Promise<Uint8Array> {
  return mintCertificate({
    subject: SUB_CA_NAME,
    issuer: ROOT_NAME,
    key: keys.subCa,
    issuerKey: keys.root,
    hash: 'SHA-256',
    serialNumber,
    notBefore: template.notBefore,
    notAfter: template.notAfter,
    extensions: [basicConstraints(true, 0), keyUsage(0x06)],
  });
}

async function thousand(run: (serialNumber: number) => Promise<void>, first: number): Promise<number> {
  for (let at = first; at < first + 1000; at += 50)
    await Promise.all(Array.from({ length: 50 }, (_, index) => run(at + index)));
  // Twice, with a turn of the loop between: what a finished WebCrypto job holds is let go of there.
  for (let pass = 0; pass < 3; pass++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  // `external` counts the array buffers too.
  return heapUsed + external;
}

const leaves: number[] = [];
for (let index = 0; index < THOUSANDS; index++)
  leaves.push(await thousand((serialNumber) => verifyOne(serialNumber, chain.subCa), 1000 * index + 1));
const authorities: number[] = [];
for (let index = 0; index < AUTHORITY_THOUSANDS; index++)
  authorities.push(
    await thousand(async (serialNumber) => verifyOne(serialNumber, await mintSubCa(serialNumber)), 1000 * index + 1),
  );
console.log(JSON.stringify({ verified, leaves, authorities }));
