import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../../docs/playground/page/judge.ts';
import type { Judgement } from '../../docs/playground/page/judgement.ts';
import { recognise } from '../../docs/playground/page/recognise.ts';
import { readFreshness, type Settings } from '../../docs/playground/page/settings.ts';
import { ticketText } from '../../docs/playground/page/ticket.ts';
import { AttestationError, fromBase64, parseCertificate, toBase64, toPem } from '../../src/index.ts';
import { writePlist } from '../../src/mdm/index.ts';
import { bodyOf, type Members } from '../support/mdm.ts';
import { FRESHNESS_CODE, mintChain } from '../support/mint.ts';

interface Vector {
  readonly id: string;
  readonly op: string;
  readonly input: {
    readonly x5c?: readonly string[];
    readonly attObj?: string;
    readonly token?: string;
    readonly nonce?: string | null;
    readonly identifier?: string;
    readonly csr?: string;
    readonly attestedKey?: string;
  };
  readonly trustAnchors: readonly string[];
  readonly at: string;
  readonly result: 'accept' | 'reject' | 'either';
  readonly code?: string;
  readonly answer?: { readonly freshness?: string };
}

const FOLDER = join(import.meta.dirname, '../../vectors');
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => /[/\\].*\.json$/.test(file));
const vectors = files.map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Vector);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (utf8: Uint8Array): string => new TextDecoder().decode(utf8);

async function settingsOf({ at, trustAnchors, input: { token, nonce } }: Vector): Promise<Settings> {
  return {
    at: new Date(at),
    now: new Date(at),
    ofLink: [],
    anchor: 'other',
    trustAnchors: trustAnchors.map(fromBase64).map(parseCertificate),
    freshness: token
      ? await readFreshness('token', token)
      : await readFreshness(nonce ? 'nonce-base64' : 'none', nonce ?? ''),
  };
}

/** The evidence as somebody would paste it. */
function textOf({ input, op }: Vector): string {
  if (input.attObj !== undefined) return JSON.stringify({ attObj: input.attObj });
  if (op !== 'device-information') return JSON.stringify(input.x5c);
  const attestation = input.x5c!.map(fromBase64);
  const values = new Map([['DevicePropertiesAttestation', attestation]]);
  const message = new Map<string, string | typeof values>([
    ['CommandUUID', '1'],
    ['QueryResponses', values],
    ['Status', 'Acknowledged'],
    ['EnrollmentID', '2'],
  ]);
  return writePlist(message);
}

function isBase64({ input }: Vector): boolean {
  try {
    input.x5c?.map(fromBase64);
    return true;
  } catch {
    return false;
  }
}

/** What the page judges; who was ordered is a question of the server's, and the page does not ask it. */
const judged = vectors.filter(
  ({ op, code, input, result }) =>
    ['chain', 'acme', 'device-information'].includes(op) &&
    result !== 'either' &&
    input.identifier === undefined &&
    !code?.startsWith('ERR_MDA_IDENTIFIER'),
);

describe('the verdict of the playground is that of the vectors', () => {
  it('over enough of them', () => expect(judged.length).toBeGreaterThan(290));

  it.each(
    judged.filter((vector) => vector.op !== 'device-information' || isBase64(vector)).map((v) => [v.id, v] as const),
  )('%s', async (_, vector) => {
    const { tone, error, chain, checks } = await judge(recognise(bytes(textOf(vector))), await settingsOf(vector));
    if (vector.result === 'reject') {
      expect(tone).toBe('bad');
      if (vector.code !== undefined) expect(error?.code).toBe(vector.code);
      expect(checks.filter(({ outcome }) => outcome === 'failed').length).toBeGreaterThan(0);
    } else {
      const isFresh = vector.input.token !== undefined || vector.answer?.freshness === 'fresh';
      expect(tone).toBe(isFresh ? 'good' : 'caution');
      expect(error).toBeUndefined();
      expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(chain.at(-1)).toMatchObject({ role: 'anchor', isReached: true });
    }
  });
});

const chain = await mintChain();
const settings: Settings = {
  at: new Date('2026-06-01T12:00:00Z'),
  now: new Date('2026-06-01T12:04:00Z'),
  ofLink: [],
  anchor: 'test',
  trustAnchors: [parseCertificate(chain.root)],
  freshness: { state: 'skipped' },
};
const pem = toPem(chain.x5c);
const judgeText = (text: string, changed: Partial<Settings> = {}): Promise<Judgement> =>
  judge(recognise(bytes(text)), { ...settings, ...changed });

describe('a judgement', () => {
  it('says of a nonce that cannot be read that nothing was compared', async () => {
    const freshness = await readFreshness('nonce-hex', 'no hexadecimal');
    expect(freshness.state).toBe('unreadable');
    expect(await judgeText(pem, { freshness })).toMatchObject({ tone: 'caution', error: undefined });
  });

  it.each([
    ['token', 'a.b'],
    ['nonce-hex', '00'.repeat(33)],
    ['nonce-hex', '0'],
    ['nonce-base64', '***'],
    ['nonce-text', 'x'.repeat(33)],
    ['token', ''],
  ] as const)('does not take for a %s: %s', async (mode, typed) => {
    expect((await readFreshness(mode, typed)).state).toBe('unreadable');
  });

  it('refuses what is not under Apple’s root', async () => {
    const judgement = await judgeText(pem, { anchor: 'apple', trustAnchors: undefined });
    expect(judgement).toMatchObject({ tone: 'bad', error: { code: 'ERR_MDA_CHAIN_TRUST_ANCHOR' } });
    expect(judgement.foreignRoot).toBeUndefined();
    expect(judgement.chain.at(-1)?.isReached).toBe(false);
    expect(judgement.properties?.isVerified).toBe(false);
  });

  it('is none where another root was chosen and none is there', async () => {
    expect((await judgeText(pem, { anchor: 'other', trustAnchors: [] })).tone).toBe('none');
  });

  it('compares the key of a certificate request that stands beside the chain', async () => {
    const { input } = vectors.find(({ id }) => id === 'csr/genuine')!;
    const request = `-----BEGIN CERTIFICATE REQUEST-----\n${input.csr!}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(await judgeText(request)).toMatchObject({ tone: 'none', sheets: [{}] });
    const judgement = await judgeText(`${pem}${request}`);
    expect(judgement).toMatchObject({ tone: 'bad', error: { code: 'ERR_MDA_CSR_PUBLIC_KEY' } });
    expect(judgement.checks.at(-1)).toMatchObject({ name: 'certificate-request', outcome: 'failed' });
  });

  it('keeps the state of a nonce that does not match apart from a refusal, in an answer of a device alone', async () => {
    const freshness = await readFreshness('nonce-text', 'another');
    expect((await judgeText(pem, { freshness })).error?.code).toBe('ERR_MDA_FRESHNESS_MISMATCH');
    const vector = vectors.find(({ id }) => id === 'device-information/cached-newest')!;
    const judgement = await judge(recognise(bytes(textOf(vector))), await settingsOf(vector));
    expect(judgement).toMatchObject({ tone: 'caution', error: undefined, properties: { isVerified: true } });
    expect(judgement.checks.find(({ name }) => name === 'freshness')?.outcome).toBe('caution');
  });

  it('by the settings of a link is never a good one, and says whose they are', async () => {
    const vector = vectors.find(({ id }) => id === 'acme/genuine')!;
    const judgeLink = async (ofLink: Settings['ofLink']) =>
      judge(recognise(bytes(textOf(vector))), { ...(await settingsOf(vector)), ofLink });
    const judgement = await judgeLink(['at', 'freshness']);
    expect(judgement).toMatchObject({ tone: 'caution', title: 'Genuine by the settings of a link' });
    const said = 'The time and the token come with the link: compare them with yours.';
    expect(judgement.cautions).toContain(said);
    expect(ticketText(judgement, '1')).toContain(said);
    expect(await judgeLink(['freshness'])).toMatchObject({
      tone: 'caution',
      cautions: ['The token comes with the link: compare it with yours.'],
    });
    expect(await judgeLink([])).toMatchObject({ tone: 'good', cautions: [] });
    expect((await judgeText(pem, { ofLink: ['at', 'freshness'] })).cautions).toEqual([
      'The time comes with the link: compare it with yours.',
    ]);
  });

  it('under another root than Apple’s does not say that it is genuine, and has the root before the verdict', async () => {
    const freshness = { state: 'expected', code: FRESHNESS_CODE, source: 'token' } as const;
    const judgement = await judgeText(pem, { freshness });
    expect(judgement.sentences).toEqual(['Verifies under the test root, and made for this challenge.']);
    const ticket = ticketText(judgement, '1');
    expect(ticket.indexOf('JUDGED BY A TEST ROOT')).toBeLessThan(ticket.indexOf('ACCEPTED'));
    expect(ticket).toContain('ACCEPTED');
  });

  it.each([
    [{ SerialNumber: 'STOLEN' }, 'Serial number'],
    [{ ProvisioningUDID: 'another' }, 'UDID'],
    [{ SoftwareUpdateDeviceID: 'another' }, 'Software update device ID'],
    [{ SerialNumber: 'STOLEN', ProvisioningUDID: 'another', OSVersion: '1.0' }, 'Serial number, UDID'],
  ])('is no good one where the device reports another identity: %j', async (reported, named) => {
    const vector = vectors.find(({ id }) => id === 'device-information/fresh')!;
    const DevicePropertiesAttestation = vector.input.x5c!.map(fromBase64);
    const judgeReport = async (answers: Members) =>
      judge(
        recognise(bodyOf({ QueryResponses: { DevicePropertiesAttestation, ...answers } })),
        await settingsOf(vector),
      );
    const judgement = await judgeReport(reported);
    expect(judgement).toMatchObject({
      tone: 'caution',
      title: 'Genuine, but the device reports another identity',
      sentences: ['Verifies under the other root, and made for this nonce.'],
    });
    expect(judgement.cautions[0]).toContain(`${named}. No update explains that`);
    const updated = await judgeReport({ OSVersion: '1.0' });
    expect(updated).toMatchObject({ tone: 'good', title: 'Accepted' });
    expect(updated.cautions).toEqual([expect.stringContaining('OS version. An update since then explains it')]);
  });

  it.each([
    ['2026-06-01T12:04:59Z', undefined],
    ['2026-06-01T11:54:00Z', 'Judged at 2026-06-01T12:00:00Z, which is not now.'],
    ['2040-01-01T00:00:00Z', 'Judged at 2026-06-01T12:00:00Z, which is not now. Today the chain has expired.'],
    ['2001-01-01T00:00:00Z', 'Judged at 2026-06-01T12:00:00Z, which is not now. Today the chain is not yet valid.'],
  ])('says that its time is not now, if it is %s', async (now, said) => {
    const expected = said === undefined ? [] : [said];
    expect((await judgeText(pem, { now: new Date(now) })).cautions).toEqual(expected);
    const refused = await judgeText(pem, { now: new Date(now), anchor: 'apple', trustAnchors: undefined });
    expect(refused).toMatchObject({ tone: 'bad', cautions: expected });
    const answer = text(bodyOf({ QueryResponses: { DevicePropertiesAttestation: [...chain.x5c] } }));
    const freshness = await readFreshness('nonce-text', 'another');
    expect((await judgeText(answer, { now: new Date(now), freshness })).cautions).toEqual(expected);
  });

  it('as text has every check, every property and the root', async () => {
    const judgement = await judgeText(pem);
    const text = ticketText(judgement, '1.2.3');
    for (const { name } of judgement.checks) expect(text).toContain(`${name}: `);
    expect(text).toContain('SIMULATED1');
    expect(text).toContain('TEST ROOT');
    expect(text).toContain('1.2.3');
    expect(text).toContain('2026-06-01T12:00:00Z');
  });
});

describe('what nobody has to read is not shown', () => {
  it('the secrets of a profile', async () => {
    const profile = (payload: [string, string][]) =>
      writePlist(
        new Map<string, string | Map<string, string>[]>([
          ['PayloadType', 'Configuration'],
          ['PayloadContent', [new Map(payload)]],
        ]),
      );
    const judgement = await judgeText(
      profile([
        ['PayloadType', 'com.apple.wifi.managed'],
        ['Password', 'hunter2'],
      ]),
    );
    expect(judgement.sheets.length).toBe(2);
    expect(ticketText(judgement, '1')).not.toContain('hunter2');
  });
});

describe('seeded mutations of a chain', () => {
  const seed = Number(process.env['SEED'] ?? 20260601);
  it(`never make it throw (seed ${seed})`, async () => {
    console.log(`playground mutations: seed ${seed}`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 300; round++) {
      const leaf = Uint8Array.from(chain.leaf);
      for (let count = 1 + random(3); count > 0; count--) leaf[random(leaf.length)] = random(256);
      const cut = random(4) === 0 ? leaf.subarray(0, random(leaf.length)) : leaf;
      const judgement = await judgeText(JSON.stringify([toBase64(cut), toBase64(chain.subCa)]));
      if (judgement.error !== undefined) expect(judgement.error).toBeInstanceOf(AttestationError);
      expect(ticketText(judgement, '1').length).toBeGreaterThan(0);
    }
  });
});
