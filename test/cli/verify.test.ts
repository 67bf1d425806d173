import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPem, toBase64, toPem } from '../../src/index.ts';
import { bytes, hex, integer } from '../../src/testing/der-writer.ts';
import { appleChainPem, mda, temporaryFolder } from '../support/mda.ts';
import {
  basicConstraints,
  digest,
  FRESHNESS_CODE,
  keyUsage,
  LEAF_EXTENSIONS,
  type MintedChain,
  mintChain,
  property,
} from '../support/mint.ts';

const AT = '2026-06-01T12:00:00Z';
const NONCE = Buffer.from(FRESHNESS_CODE).toString('hex');

const folder = temporaryFolder();
let chain: MintedChain;
let pem: string;
let file: string;
let anchor: string;
let otherAnchor: string;

interface VerifyJson {
  verdict: string;
  error: { code: string; certificate: number | null; meaning: string; action: string } | null;
  at: string;
  format: string;
  freshness: string | null;
  expectedFreshnessCode: string | null;
  checks: { name: string; outcome: string; code: string | null; detail: string; reference: string }[];
  properties: Record<string, unknown> | null;
  publicKey: { curve: string; spki: string } | null;
  certificates: string[] | null;
  trustAnchor: string | null;
}

async function verifyJson(args: readonly string[], stdin?: string) {
  const { code, stdout, stderr } = await mda(['verify', ...args, '--json'], stdin === undefined ? {} : { stdin });
  return { code, stderr, json: JSON.parse(stdout) as VerifyJson };
}

beforeAll(async () => {
  chain = await mintChain();
  pem = toPem(chain.x5c);
  file = folder.write('chain.pem', pem);
  anchor = folder.write('anchor.pem', toPem(chain.root));
  otherAnchor = folder.write('other.pem', toPem((await mintChain({ seed: 'other' })).root));
});
afterAll(() => folder.remove());

const anchored = () => ['--at', AT, '--trust-anchor', anchor];

describe('verdict', () => {
  it('accepts with the nonce, and says everything as JSON', async () => {
    const { code, json, stderr } = await verifyJson([file, ...anchored(), '--nonce', NONCE]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(Object.keys(json)).toEqual([
      'verdict',
      'error',
      'at',
      'format',
      'freshness',
      'expectedFreshnessCode',
      'checks',
      'properties',
      'publicKey',
      'certificates',
      'trustAnchor',
    ]);
    expect(json).toMatchObject({
      verdict: 'accepted',
      error: null,
      at: '2026-06-01T12:00:00.000Z',
      format: 'pem',
      freshness: 'matched',
      expectedFreshnessCode: NONCE,
      publicKey: { curve: 'P-384', spki: toBase64(chain.keys.leaf.spki) },
      certificates: chain.x5c.map(toBase64),
      trustAnchor: toBase64(chain.root),
    });
    expect(json.properties).toEqual({
      serialNumber: { status: 'attested', value: 'SIMULATED1' },
      udid: { status: 'attested', value: '00006030-0000000000000001' },
      softwareUpdateDeviceId: { status: 'attested', value: 'J999xAP' },
      osVersion: { status: 'attested', value: '26.4.1' },
      sepOsVersion: { status: 'attested', value: '26.4.1' },
      llbVersion: { status: 'attested', value: '26.4.1' },
      freshnessCode: { status: 'attested', value: NONCE },
      systemIntegrityProtection: { status: 'attested', value: 'enabled' },
      secureBoot: { status: 'attested', value: 'Full Security' },
      thirdPartyKernelExtensions: { status: 'attested', value: 'not allowed' },
      other: [],
    });
    expect(json.checks[0]).toMatchObject({ name: 'input', outcome: 'passed', code: null, reference: 'RFC 7468' });
    expect(json.checks.filter(({ outcome }) => outcome !== 'passed').map(({ name }) => name)).toEqual(['public-key']);
    for (const { detail, reference } of json.checks) expect([detail, reference]).not.toContain('');
  });

  it('refuses, withholds the properties from programs, and says what the code means', async () => {
    const { code, json } = await verifyJson([file, ...anchored(), '--nonce', '00ff']);
    expect(code).toBe(1);
    expect(json).toMatchObject({
      verdict: 'refused',
      error: { code: 'ERR_MDA_FRESHNESS_MISMATCH', certificate: 0 },
      freshness: null,
      properties: null,
      publicKey: null,
      certificates: null,
      trustAnchor: null,
    });
    expect(json.error?.meaning.length).toBeGreaterThan(0);
    expect(json.error?.action.length).toBeGreaterThan(0);
    expect(json.checks.find(({ name }) => name === 'freshness')).toMatchObject({ outcome: 'failed' });
  });

  it('stands on a line of its own, with code, meaning and what to do where it is a refusal', async () => {
    const [accepted, refused] = await Promise.all([
      mda(['verify', file, ...anchored(), '--nonce', NONCE]),
      mda(['verify', file, ...anchored(), '--nonce', '00ff']),
    ]);
    expect(accepted.stdout).toMatch(/^ACCEPTED$/m);
    expect(accepted.stdout).not.toMatch(/REFUSED|NOT VERIFIED|\u001b/);
    expect(accepted.stdout).toMatch(/^ +trust anchor +from --trust-anchor, not Apple/m);
    expect(refused.stdout).toMatch(/^REFUSED$/m);
    expect(refused.stdout).toMatch(/^ +code +ERR_MDA_FRESHNESS_MISMATCH$/m);
    expect(refused.stdout).toMatch(/^ +meaning +\S/m);
    expect(refused.stdout).toMatch(/^ +what to do +\S/m);
    // Of what was refused nothing is attested.
    expect(refused.stdout).not.toMatch(/ attested |ACCEPTED/);
    expect(refused.stdout).toMatch(/^ +serial number +claimed +SIMULATED1$/m);
  });

  it('lists every check with its outcome and reference', async () => {
    const { stdout } = await mda(['verify', file, ...anchored(), '--no-freshness']);
    expect(stdout).toMatch(/^ +validity +passed +[^[]+\[/m);
    expect(stdout).toMatch(/^ +freshness +not run +/m);
    expect(stdout).toContain('NOT CHECKED');
  });

  it('tells absent, blank and malformed apart, and keeps what it has no name for', async () => {
    const { x5c } = await mintChain({
      leaf: {
        extensions: [
          basicConstraints(false),
          keyUsage(0xf0),
          property('9.1', bytes('SIMULATED1')),
          property('10.1', new Uint8Array()),
          property('13.1', bytes('no DER')),
          property('9.3', hex('cafe')),
          property('99.1', new Uint8Array()),
        ],
      },
    });
    const partial = toPem(x5c);
    const [{ stdout }, { json }] = await Promise.all([
      mda(['verify', '-', ...anchored(), '--no-freshness'], { stdin: partial }),
      verifyJson(['-', ...anchored(), '--no-freshness'], partial),
    ]);
    expect(stdout).toMatch(/^ +serial number +attested +SIMULATED1$/m);
    expect(stdout).toMatch(/^ +UDID +absent +--/m);
    expect(stdout).toMatch(/^ +OS version +blank +--/m);
    expect(stdout).toMatch(/^ +System Integrity Protection +malformed +bytes 6e6f20444552$/m);
    expect(stdout).toMatch(/ 1\.2\.840\.113635\.100\.8\.9\.3 = cafe$/m);
    expect(json.properties).toMatchObject({
      udid: { status: 'absent' },
      osVersion: { status: 'blank' },
      systemIntegrityProtection: { status: 'malformed', bytes: '6e6f20444552' },
      other: [
        { oid: '1.2.840.113635.100.8.9.3', bytes: 'cafe' },
        { oid: '1.2.840.113635.100.8.99.1', bytes: '' },
      ],
    });
  });
});

describe.concurrent('freshness', () => {
  it('takes the nonce as hexadecimal, as base64, and with a prefix', async () => {
    const base64 = toBase64(FRESHNESS_CODE);
    const forms = [NONCE, NONCE.toUpperCase(), `hex:${NONCE}`, base64, `base64:${base64}`];
    const runs = await Promise.all(forms.map((nonce) => verifyJson([file, ...anchored(), '--nonce', nonce])));
    expect(runs.map(({ code }) => code)).toEqual(forms.map(() => 0));
  });

  it('compares a token by its SHA-256, also one that begins with a dash', async () => {
    const token = '-oqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
    const extensions = LEAF_EXTENSIONS.map((extension) =>
      extension.oid.endsWith('.8.11.1') ? property('11.1', digest('SHA-256', bytes(token))) : extension,
    );
    const stdin = toPem((await mintChain({ leaf: { extensions } })).x5c);
    const runs = await Promise.all([
      verifyJson(['-', ...anchored(), '--token', token], stdin),
      verifyJson(['-', ...anchored(), `--token=${token}`], stdin),
      verifyJson(['-', ...anchored(), '--token', 'another'], stdin),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 1]);
    expect(runs[2].json.error?.code).toBe('ERR_MDA_FRESHNESS_MISMATCH');
  });

  it('refuses a leaf without a code', async () => {
    const extensions = LEAF_EXTENSIONS.filter(({ oid }) => !oid.endsWith('.8.11.1'));
    const stdin = toPem((await mintChain({ leaf: { extensions } })).x5c);
    const { code, json } = await verifyJson(['-', ...anchored(), '--nonce', NONCE], stdin);
    expect([code, json.error?.code]).toEqual([1, 'ERR_MDA_FRESHNESS_MISSING']);
  });

  it.each([
    ['none of them', [], '--no-freshness'],
    ['two of them', ['--nonce', NONCE, '--no-freshness'], '--no-freshness'],
    ['two others', ['--nonce', NONCE, '--token', 'abc'], '--nonce'],
    ['one of them twice', ['--nonce', NONCE, '--nonce', NONCE], '--nonce'],
    ['a nonce of no bytes', ['--nonce', ''], '--nonce'],
    ['a nonce of 33 bytes', ['--nonce', '00'.repeat(33)], '--nonce'],
    ['a nonce that is neither hexadecimal nor base64', ['--nonce', 'abc'], '--nonce'],
    ['a key authorization', ['--token', 'abc.def'], '--token'],
    ['an empty token', ['--token', ''], '--token'],
  ])('gives no verdict for %s', async (_, args, names) => {
    const { code, stdout, stderr } = await mda(['verify', file, ...anchored(), ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(names);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe.concurrent('--at', () => {
  it('judges at the time, both ends of the validity inclusive', async () => {
    const times = [
      ['2026-04-30T23:59:59Z', 'ERR_MDA_CHAIN_NOT_YET_VALID'],
      ['2026-05-01', undefined],
      ['2026-07-30T22:00:00-02:00', undefined],
      ['2026-07-31T00:00:00.001Z', 'ERR_MDA_CHAIN_EXPIRED'],
    ] as const;
    const runs = await Promise.all(
      times.map(([at]) => verifyJson([file, '--at', at, '--trust-anchor', anchor, '--no-freshness'])),
    );
    expect(runs.map(({ json }) => json.error?.code)).toEqual(times.map(([, code]) => code));
    expect(runs.map(({ code }) => code)).toEqual([1, 0, 0, 1]);
  });

  it('is now unless it is given', async () => {
    const before = Date.now();
    const { json } = await verifyJson([file, '--trust-anchor', anchor, '--no-freshness']);
    expect(Date.parse(json.at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(json.at)).toBeLessThanOrEqual(Date.now());
  });

  it.each(['2026-02-30', '2026-06-01T12:00:00', 'tomorrow', ''])('gives no verdict at %j', async (at) => {
    const { code, stdout } = await mda(['verify', file, '--at', at, '--no-freshness']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('--trust-anchor', () => {
  it("replaces Apple's root, and may be repeated", async () => {
    const base = [file, '--at', AT, '--no-freshness'];
    const runs = await Promise.all([
      verifyJson(base),
      verifyJson([...base, '--trust-anchor', otherAnchor]),
      verifyJson([...base, '--trust-anchor', otherAnchor, '--trust-anchor', anchor]),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 0]);
    // The other root has the same name and another key.
    expect(runs.map(({ json }) => json.error?.code)).toEqual([
      'ERR_MDA_CHAIN_TRUST_ANCHOR',
      'ERR_MDA_CHAIN_KEY_IDENTIFIER',
      undefined,
    ]);
  });

  it('gives no verdict with anchors that are missing, not PEM, or not certificates', async () => {
    const bad = [
      folder.path('missing.pem'),
      folder.write('anchor.der', chain.root),
      folder.write('broken.pem', toPem(chain.root.subarray(0, 100))),
      folder.write('empty.pem', ''),
      '-',
    ];
    const runs = await Promise.all(
      bad.map((path) => mda(['verify', file, '--at', AT, '--no-freshness', '--trust-anchor', path])),
    );
    for (const { code, stdout, stderr } of runs) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).not.toContain('internal');
    }
  });
});

describe('hostile text in a certificate', () => {
  it('neither drives the terminal nor begins a line', async () => {
    const text = `X\u001b[2J\nACCEPTED\u202e${' '.repeat(300)}ACCEPTED`;
    const { x5c } = await mintChain({
      leaf: {
        extensions: [
          basicConstraints(false),
          keyUsage(0xf0),
          property('9.1', bytes(text)),
          property('9.2', bytes(`${' '.repeat(4000)}ACCEPTED`)),
          property('13.3', integer(7)),
        ],
      },
    });
    const { code, stdout } = await mda(['verify', '-', '--at', AT, '--no-freshness'], { stdin: toPem(x5c) });
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/^ACCEPTED/m);

    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});

const apple = appleChainPem();

describe.skipIf(apple === undefined)("Apple's published chain", () => {
  it("verifies with Apple's root", async () => {
    const { code, json } = await verifyJson(['-', '--at', '2025-08-01', '--no-freshness'], apple);
    expect(code).toBe(0);
    expect(json.properties).toMatchObject({ serialNumber: { status: 'attested', value: 'TMWFWWWP67' } });
    expect(json.certificates).toEqual(fromPem(apple!).map(toBase64));
  });

  it('is refused a day after it expired, and when altered', async () => {
    const [leaf, subCa] = fromPem(apple!);
    leaf![leaf!.length - 1]! ^= 1;
    const [expired, altered] = await Promise.all([
      verifyJson(['-', '--at', '2025-10-13T09:38:07Z', '--no-freshness'], apple),
      verifyJson(['-', '--at', '2025-08-01', '--no-freshness'], toPem([leaf!, subCa!])),
    ]);
    expect([expired.code, expired.json.error?.code]).toEqual([1, 'ERR_MDA_CHAIN_EXPIRED']);
    expect([altered.code, altered.json.error?.code]).toEqual([1, 'ERR_MDA_CHAIN_SIGNATURE']);
  });
});
