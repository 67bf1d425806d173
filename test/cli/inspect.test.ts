import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64, toPem } from '../../src/index.ts';
import { hex, name, sequence } from '../../src/testing/der-writer.ts';
import { mda, temporaryFolder } from '../support/mda.ts';
import { basicConstraints, extension, FRESHNESS_CODE, type MintedChain, mintChain } from '../support/mint.ts';

const folder = temporaryFolder();
let chain: MintedChain;
let file: string;

beforeAll(async () => {
  chain = await mintChain();
  file = folder.write('chain.pem', toPem(chain.x5c));
});
afterAll(() => folder.remove());

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fingerprint = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

describe('mda inspect', () => {
  it('shows each certificate and the properties, and says that nothing is verified', async () => {
    const { code, stdout, stderr } = await mda(['inspect', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^NOT VERIFIED/gm)?.length).toBe(2);
    expect(stdout).toMatch(/^ +subject +\S/m);
    expect(stdout).toMatch(/^ +issuer +C=US,O=Not Apple,CN=Simulated Enterprise Attestation Sub CA 1$/m);
    expect(stdout).toMatch(/^ +not before +2026-05-01T00:00:00.000Z$/m);
    expect(stdout).toMatch(/^ +not after +2026-07-31T00:00:00.000Z$/m);
    expect(stdout).toMatch(/^ +key +EC P-384/m);
    expect(stdout).toMatch(/^ +serial number +0198084c7ebc$/m);
    for (const der of chain.x5c) expect(stdout).toContain(fingerprint(der));
    expect(stdout).toMatch(/^ +critical +2\.5\.29\.19 basicConstraints = 3000$/m);
    expect(stdout).toMatch(/^ +not critical +1\.2\.840\.113635\.100\.8\.13\.1 System Integrity Protection = 020100$/m);
    expect(stdout).toMatch(/^ +UDID +claimed +00006030-0000000000000001$/m);
    // It must not read like a verdict.
    expect(stdout).not.toMatch(/ACCEPTED|REFUSED| attested /);
  });

  it('says the same as JSON', async () => {
    const { code, stdout } = await mda(['inspect', file, '--json']);
    const json = JSON.parse(stdout) as Record<string, unknown> & { certificates: Record<string, unknown>[] };
    expect(code).toBe(0);
    expect(Object.keys(json)).toEqual(['verified', 'error', 'format', 'certificates', 'properties']);
    expect(json).toMatchObject({
      verified: false,
      error: null,
      format: 'pem',
      properties: {
        serialNumber: { status: 'attested', value: 'SIMULATED1' },
        freshnessCode: { status: 'attested', value: hexOf(FRESHNESS_CODE) },
        other: [],
      },
    });
    const [leaf, subCa] = json.certificates;
    expect(leaf).toMatchObject({
      der: toBase64(chain.leaf),
      error: null,
      fingerprint: fingerprint(chain.leaf),
      subject: 'ST=California,O=Not Apple,OU=AAA Certification,CN=attested key',
      serialNumber: '0198084c7ebc',
      notBefore: '2026-05-01T00:00:00.000Z',
      notAfter: '2026-07-31T00:00:00.000Z',
      signatureAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
      publicKey: { curve: 'P-384', spki: toBase64(chain.keys.leaf.spki) },
      basicConstraints: { ca: false, pathLength: null },
      keyUsage: { digitalSignature: true, keyCertSign: false },
      subjectKeyIdentifier: null,
      authorityKeyIdentifier: null,
    });
    expect((leaf?.['extensions'] as unknown[])[0]).toEqual({ oid: '2.5.29.19', critical: true, value: '3000' });
    expect(subCa).toMatchObject({ basicConstraints: { ca: true, pathLength: 0 }, keyUsage: { keyCertSign: true } });
    expect(Object.keys(subCa!)).toEqual(Object.keys(leaf!));
  });

  it('does not judge: an expired, forged or reversed chain is shown like any other', async () => {
    const forged = new Uint8Array(chain.leaf);
    forged[forged.length - 1]! ^= 1;
    const { code, stdout } = await mda(['inspect', '-'], { stdin: toPem([chain.subCa, forged, chain.subCa]) });
    expect(code).toBe(0);
    expect(stdout).toContain(fingerprint(forged));
  });

  it('shows what parses beside what does not, and ends with 1', async () => {
    const stdin = toPem([chain.leaf.subarray(0, -1), chain.subCa]);
    const [{ code, stdout }, asJson] = await Promise.all([
      mda(['inspect', '-'], { stdin }),
      mda(['inspect', '-', '--json'], { stdin }),
    ]);
    expect([code, asJson.code]).toEqual([1, 1]);
    expect(stdout).toMatch(/^ +code +ERR_MDA_DER_TRUNCATED$/m);
    expect(stdout).toMatch(/^ +what to do +\S/m);
    expect(stdout).toContain(fingerprint(chain.subCa));
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      error: null,
      certificates: [{ error: { code: 'ERR_MDA_DER_TRUNCATED' } }, { error: null }],
      properties: null,
    });
  });

  it('ends with 1 if no certificate comes out', async () => {
    const { code, stdout } = await mda(['inspect', '-', '--json'], { stdin: '[]' });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_MDA_CHAIN_EMPTY' }, certificates: [] });
  });

  it('shows names and extensions of anybody without their control characters', async () => {
    const hostile = await mintChain({
      leaf: {
        subject: name({ CN: `a\u001b[31m\nNOT\u202e VERIFIED`, '1.2.3.4': 'ü' }),
        extensions: [
          basicConstraints(false),
          extension('1.2.3.4.5', hex('1b5b'), true),
          extension('2.5.29.37', sequence(hex('060103'))),
        ],
      },
    });
    const { code, stdout } = await mda(['inspect', '-'], { stdin: toPem(hostile.leaf) });
    expect(code).toBe(0);

    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(stdout).toMatch(/^ +critical +1\.2\.3\.4\.5 = 1b5b$/m);
    expect(stdout.match(/^NOT/gm)?.length).toBe(2);
  });

  it('does not answer a small file with a flood', async () => {
    const stdin = JSON.stringify(Array<string>(200_000).fill(''));
    const { code, stdout } = await mda(['inspect', '-'], { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([['--at', '2026-06-01'], ['--no-freshness'], ['--trust-anchor', 'x'], ['--nonce', '00']])(
    'has no %s, for it judges nothing',
    async (...args) => {
      const { code, stdout } = await mda(['inspect', file, ...args]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    },
  );
});
