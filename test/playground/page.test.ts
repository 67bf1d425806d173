import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toPem } from '../../src/index.ts';
import { bytes, name } from '../../src/testing/der-writer.ts';
import { bodyOf } from '../support/mdm.ts';
import { LEAF_EXTENSIONS, mintChain, property } from '../support/mint.ts';
import { drop, hasChromium, headlineOf, type OpenPage, paste, type Playground, startPlayground } from './chromium.ts';

const MAX_GZIP_BYTES = 150_000;

/** What a page would do with it, if it took any of it for markup. */
const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script><svg onload=alert(3)>';

/** Samples by the beginning of their ids, with what the page says to them. */
const HEADLINES: readonly (readonly [id: string, headline: string])[] = [
  ['acme/', 'Accepted'],
  ['device-information/cached', 'Genuine, but not made for this nonce'],
  ['device-information/', 'Accepted'],
  ['chain/leaf-malformed-property', 'Genuine, freshness not compared'],
  ['made/not-attested', 'Not attested'],
  ['made/profile', 'A configuration profile'],
  ['csr/', 'A certificate request alone'],
  ['', 'Refused'],
];

/** Puts a sample in, and waits until the page has judged it. */
async function showSample(page: Page, id: string): Promise<void> {
  const verdicts = () => page.evaluate(() => performance.getEntriesByName('verdict').length);
  const before = await verdicts();
  await page.evaluate((of) => document.querySelector<HTMLElement>(`[data-id="${of}"]`)!.click(), id);
  await expect.poll(verdicts, { message: id }).toBeGreaterThan(before);
}

describe.skipIf(!hasChromium())('the playground in Chromium', () => {
  let playground: Playground;
  let opened: OpenPage;
  let page: Page;

  beforeAll(async () => {
    playground = await startPlayground();
    opened = await playground.open();
    ({ page } = opened);
  });
  afterAll(() => playground.stop());
  beforeEach(async () => {
    await page.setViewportSize({ width: 1280, height: 720 });
    await opened.reload();
  });
  afterEach(() => {
    // Whatever a test did: nothing was complained of, and nothing but the page itself was fetched.
    const { complaints, fetched } = opened;
    expect(complaints).toEqual([]);
    expect(fetched.filter((url) => !url.startsWith('data:'))).toEqual([playground.url]);
    expect([...new Set(playground.requests)]).toEqual(['/']);
  });

  const choose = (id: string) => page.click(`#samples button[data-id="${id}"]`);
  const sampleIds = () =>
    page.locator('#samples button').evaluateAll((all) => all.map((one) => one.dataset['id'] ?? ''));

  it('is small', () => {
    const { bytes: size, gzipBytes } = playground.built;
    console.log(`playground: ${size} bytes, ${gzipBytes} with gzip, of ${MAX_GZIP_BYTES}`);
    expect(gzipBytes).toBeLessThanOrEqual(MAX_GZIP_BYTES);
  });

  it('comes out the same when it is built again', async () => {
    const first = readFileSync(playground.built.file, 'utf8');
    const { buildPlayground } = await import('../../docs/playground/build.ts');
    const { file } = await buildPlayground(`${playground.built.file}.again`);
    expect(readFileSync(file, 'utf8')).toBe(first);
  });

  it('says of every sample what there is to say', async () => {
    const ids = await sampleIds();
    expect(ids.length).toBeGreaterThanOrEqual(16);
    for (const id of ids) {
      await choose(id);
      const [, expected] = HEADLINES.find(([beginning]) => id.startsWith(beginning))!;
      await expect.poll(() => headlineOf(page), { message: id }).toBe(expected);
      const hasChain = (await page.locator('.chain li').count()) > 0;
      // Whoever looks at a sample must not take it for a device.
      expect(await page.locator('.root-warning').count()).toBe(hasChain ? 1 : 0);
      await expect.poll(() => page.locator('#announcement').textContent()).toContain(expected);
    }
  });

  describe('lets nothing out and nothing in', () => {
    it('by a policy that names its own script and style by their hashes', () => {
      const html = readFileSync(playground.built.file, 'utf8');
      const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
      const hashOf = (tag: string): string => {
        const sources = [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))].map(([, source]) => source!);
        expect(sources.length).toBe(1);
        return `'sha256-${createHash('sha256').update(sources[0]!).digest('base64')}'`;
      };
      expect(policy.split('; ')).toEqual([
        "default-src 'none'",
        `script-src ${hashOf('script')}`,
        `style-src ${hashOf('style')}`,
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ]);
      expect(html).not.toMatch(/\son\w+=|\sstyle=|<(?:iframe|object|embed|form|base)\b/);
      expect(html.match(/\s(?:src|href)="[^"]*"/g)?.filter((link) => !/="(?:#|data:|\.\.\/)/.test(link))).toEqual([]);
    });

    it('that is in force: what would break it is blocked', async () => {
      const other = await playground.open();
      const outcomes = await other.page.evaluate(async () => {
        const violated: string[] = [];
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
          violated.push(effectiveDirective);
        });
        const failed: string[] = [];
        const attempt = async (what: string, act: () => unknown) => {
          try {
            await act();
          } catch {
            failed.push(what);
          }
        };
        await attempt('fetch', () => fetch('/x'));
        await attempt('beacon', () => {
          if (!navigator.sendBeacon('/x', 'x')) throw new Error('refused');
        });
        // Not while the debugger evaluates, which may.
        await attempt(
          'eval',
          () =>
            new Promise((resolve, reject) => {
              setTimeout(() => {
                try {
                  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
                  resolve(Function('return 1')());
                } catch {
                  reject(new Error('refused'));
                }
              });
            }),
        );
        await attempt('innerHTML', () => (document.createElement('div').innerHTML = '<b>x</b>'));
        await attempt('socket', () => new WebSocket('ws://127.0.0.1:1/'));
        const image = new Image();
        image.src = '/x.png';
        const script = document.createElement('script');
        await attempt('script', () => (script.text = '1'));
        const frame = document.createElement('iframe');
        frame.src = '/x';
        document.body.append(image, frame);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { violated: [...new Set(violated)], failed };
      });
      await other.close();
      expect(outcomes.failed).toEqual(expect.arrayContaining(['fetch', 'eval', 'innerHTML', 'script']));
      expect(outcomes.violated).toEqual(
        expect.arrayContaining(['connect-src', 'img-src', 'frame-src', 'require-trusted-types-for']),
      );
    });
  });

  describe('what is put in', () => {
    const chain = mintChain({
      leaf: {
        subject: name({ CN: MARKUP }),
        extensions: [
          ...LEAF_EXTENSIONS.filter(({ oid }) => !oid.endsWith('.9.1')),
          property('9.1', bytes(MARKUP)),
          property('9.9', bytes(MARKUP)),
        ],
      },
    });

    async function isTextAlone(): Promise<void> {
      const result = page.locator('#judged');
      expect(await result.locator('img, script, iframe, svg[onload], style').count()).toBe(0);
      expect(await result.textContent()).toContain('<img src=x onerror=alert(1)>');
    }

    it('is a hostile certificate with markup in its names and properties', async () => {
      await page.fill('#at', '2026-06-01T12:00:00');
      await page.selectOption('#anchor', 'other');
      await page.fill('#anchor-pem', toPem((await chain).root));
      await paste(page, toPem((await chain).x5c));
      await expect.poll(() => headlineOf(page)).toBe('Genuine, freshness not compared');
      await isTextAlone();
      expect(await page.locator('#ticket').inputValue()).toContain('<script>');
      await page.locator('.fields').focus();
      await page.keyboard.press('End');
    });

    it('is an answer of a device with markup in it', async () => {
      await paste(
        page,
        new TextDecoder().decode(bodyOf({ QueryResponses: { SerialNumber: MARKUP, OSVersion: MARKUP } })),
      );
      await expect.poll(() => headlineOf(page)).toBe('Not attested');
      await isTextAlone();
    });

    it('is an answer of a device with backticks in it, which stay', async () => {
      await paste(page, new TextDecoder().decode(bodyOf({ QueryResponses: { SerialNumber: 'AB`CD`EF' } })));
      await expect.poll(() => page.locator('#sheets').textContent()).toContain('AB`CD`EF');
      expect(await page.locator('#sheets code').count()).toBe(0);
    });

    it('is a message of errors and a profile with markup in them', async () => {
      const item = { ErrorCode: 1, ErrorDomain: MARKUP, USEnglishDescription: MARKUP };
      await paste(page, new TextDecoder().decode(bodyOf({ Status: 'Error', ErrorChain: [item] })));
      await expect.poll(() => headlineOf(page)).toBe('No attestation in this answer');
      await isTextAlone();
      const key = MARKUP.replaceAll('<', '&lt;');
      await paste(
        page,
        `<plist version="1.0"><dict><key>PayloadContent</key><array/><key>${key}</key><string>${key}</string></dict></plist>`,
      );
      await expect.poll(() => headlineOf(page)).toBe('A configuration profile');
      await isTextAlone();
    });

    it.each([
      ['a file of 50 MB', { name: 'log.txt', size: 50 * 1_048_576 }, 'Too large to be an attestation'],
      [
        'a photo',
        { name: 'IMG_1.jpg', bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, ...new Uint8Array(9000)) },
        'This is a photo (JPEG)',
      ],
      ['an empty file', { name: 'empty.pem', bytes: new Uint8Array() }, 'There is nothing in it'],
      [
        'a megabyte of noise',
        { name: 'noise', bytes: Uint8Array.from({ length: 1_048_576 }, (_, i) => (i * 193) % 251) },
        'Nothing to judge in this',
      ],
      ['a name with markup', { name: MARKUP, bytes: new Uint8Array() }, 'There is nothing in it'],
    ] as const)('is %s', async (what, file, headline) => {
      await drop(page, file);
      await expect.poll(() => headlineOf(page)).toBe(headline);
      expect(await page.locator('#origin img').count()).toBe(0);
      const [took] = await page.evaluate(() => performance.getEntriesByName('verdict').map(({ duration }) => duration));
      console.log(`${what}: a verdict in ${took?.toFixed(1)} ms`);
    });

    it('is a text of 2 MB, pasted', async () => {
      await paste(page, 'MIID'.repeat(524_288));
      await expect.poll(() => headlineOf(page)).toBe('Too large to be an attestation');
      expect(await page.locator('#evidence').inputValue()).toBe('');
    });

    const ODD: readonly (readonly [what: string, text: string])[] = [
      ['of a million lines', `x${'\n'.repeat(1_000_000)}`],
      ['with half a million marks on a letter', `a${'\u0301'.repeat(520_000)}`],
      ['of a megabyte', 'x'.repeat(1_000_000)],
    ];

    it.each(ODD)('is a text %s, which no field could draw', async (what, text) => {
      const origin = page.locator('#origin');
      for (const way of ['pasted', 'dropped'] as const) {
        await page.click('#clear');
        const start = performance.now();
        if (way === 'pasted') await paste(page, text);
        else await drop(page, { name: 'odd.txt', bytes: new TextEncoder().encode(text).subarray(0, 1_048_576) });
        await expect.poll(() => origin.textContent()).toContain('Too long or too odd to show');
        await expect.poll(() => headlineOf(page)).toBe('Nothing to judge in this');
        const took = performance.now() - start;
        console.log(`a text ${what}, ${way}: ${Math.round(took)} ms`);
        expect(took).toBeLessThan(10_000);
        expect(await page.inputValue('#evidence')).toBe('');
      }
    });

    it('is a chain with a long comment, which is judged and not shown', async () => {
      const { x5c } = await chain;
      await drop(page, { name: 'long.pem', bytes: Buffer.from(`${'a comment\n'.repeat(6_000)}${toPem(x5c)}`) });
      await expect.poll(() => headlineOf(page)).toBe('Refused');
      expect(await page.inputValue('#evidence')).toBe('');
      expect(await page.locator('#origin').textContent()).toContain('long.pem');
    });

    it('is what came last, however long the reading of a file takes', async () => {
      // Chromium reads small files in the order in which it was asked to: the first one is held up here.
      await page.evaluate(() => {
        File.prototype.arrayBuffer = async function (this: File) {
          if (this.name === 'slow') await new Promise((resolve) => setTimeout(resolve, 300));
          return new Response(this).arrayBuffer();
        };
      });
      await drop(page, { name: 'slow', bytes: Buffer.from('{}') });
      await drop(page, { name: 'quick', bytes: Buffer.from('a word') });
      await expect.poll(() => headlineOf(page)).toBe('Nothing to judge in this');
      await page.waitForTimeout(500);
      expect(await headlineOf(page)).toBe('Nothing to judge in this');
      expect(await page.locator('#origin').textContent()).toContain('quick');
    });

    it('is several files, with a certificate each', async () => {
      const { leaf, subCa, x5c } = await chain;
      await drop(page, { name: 'authority.der', bytes: subCa }, { name: 'leaf.pem', bytes: Buffer.from(toPem(leaf)) });
      await expect.poll(() => page.inputValue('#evidence')).toBe(toPem(x5c));
      expect(await page.locator('#origin').textContent()).toBe('The certificates of 2 files');
    });

    it('is several files of which one can be read alone', async () => {
      const { subCa } = await chain;
      await drop(page, { name: 'word\u202efdp.txt', bytes: Buffer.from('a word') }, { name: 'b.der', bytes: subCa });
      await expect.poll(() => headlineOf(page)).toBe('Nothing to judge in this');
      // What turns the rest of a name around is spelled out.
      expect(await page.locator('#origin').textContent()).toBe(
        'word\\u{202e}fdp.txt, 6 bytes. It alone of 2 files was looked at',
      );
    });

    it('is a file that was opened', async () => {
      const { leaf, subCa } = await chain;
      await page.setInputFiles('#file', { name: 'chain.der', mimeType: '', buffer: Buffer.concat([leaf, subCa]) });
      await expect.poll(() => headlineOf(page)).toBe('Refused');
      expect(await page.locator('#origin').textContent()).toContain('chain.der');
      expect(await page.locator('#verdict').textContent()).toContain('ERR_MDA_CHAIN_TRUST_ANCHOR');
    });
  });

  describe('the settings', () => {
    it('of a sample do not judge what is put in next', async () => {
      await choose('acme/genuine');
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
      await paste(page, toPem((await mintChain()).x5c));
      await expect.poll(() => headlineOf(page)).toBe('Refused');
      expect(await page.inputValue('#anchor')).toBe('apple');
      expect(await page.inputValue('#mode')).toBe('none');
      expect(Date.parse(`${await page.inputValue('#at')}Z`)).toBeGreaterThan(Date.now() - 60_000);
    });

    it('change the verdict at once', async () => {
      await choose('acme/genuine');
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
      await page.fill('#typed', 'another');
      await expect.poll(() => headlineOf(page)).toBe('Refused');
      await page.fill('#typed', 'no.token');
      await expect.poll(() => headlineOf(page)).toBe('Genuine, freshness not compared');
      expect(await page.locator('#typed').getAttribute('aria-invalid')).toBe('true');
      await page.selectOption('#mode', 'none');
      await page.fill('#at', '2031-01-01T00:00:00');
      await expect.poll(() => page.locator('#verdict').textContent()).toContain('ERR_MDA_CHAIN_EXPIRED');
      await page.selectOption('#anchor', 'apple');
      await expect.poll(() => page.locator('#verdict').textContent()).toContain('ERR_MDA_CHAIN_TRUST_ANCHOR');
      expect(await page.locator('.root-warning').count()).toBe(0);
    });

    it('stay when a sample is altered by hand', async () => {
      await choose('chain/leaf-malformed-property');
      await expect.poll(() => headlineOf(page)).toBe('Genuine, freshness not compared');
      await page.locator('#evidence').press('Control+Home');
      await page.keyboard.type('a comment\n');
      await expect.poll(() => page.locator('#origin').textContent()).toBe('A sample, altered');
      expect(await headlineOf(page)).toBe('Genuine, freshness not compared');
    });

    it('do not come back with the Back button', async () => {
      const other = await playground.open();
      await showSample(other.page, 'acme/genuine');
      await other.page.goto('about:blank');
      await other.page.goBack();
      expect(await other.page.locator('#nothing-yet').isVisible()).toBe(true);
      expect(await other.page.inputValue('#anchor')).toBe('apple');
      expect(await other.page.inputValue('#mode')).toBe('none');
      expect(await other.page.inputValue('#at')).not.toContain('2026-06-01T12:00');
      await other.close();
    });

    it('say so where there is no time', async () => {
      await choose('acme/genuine');
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
      expect(await page.locator('#at').getAttribute('aria-invalid')).toBe('false');
      await page.fill('#at', '');
      await expect.poll(() => page.locator('#at-problem').textContent()).toBe('There is no time here: judged now.');
      expect(await page.locator('#at').getAttribute('aria-invalid')).toBe('true');
    });

    it('of which one is another root make no link', async () => {
      await choose('acme/genuine');
      const link = page.locator('#make-link');
      await expect.poll(() => link.isEnabled()).toBe(true);
      await page.selectOption('#anchor', 'other');
      await expect.poll(() => page.locator('#no-link').textContent()).toContain('it would not carry the other root');
      expect(await link.isEnabled()).toBe(false);
    });

    it('and all else go with Clear', async () => {
      await choose('acme/genuine');
      await page.click('#clear');
      await expect.poll(() => page.locator('#nothing-yet').isVisible()).toBe(true);
      expect(await page.inputValue('#anchor')).toBe('apple');
      expect(await page.locator('#evidence').evaluate((field) => field === document.activeElement)).toBe(true);
    });
  });

  describe('a link', () => {
    it('is made on request alone, and brings back what was judged', async () => {
      await choose('device-information/fresh');
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
      expect(new URL(page.url()).hash).toBe('');
      await page.click('#make-link');
      const link = await page.inputValue('#link');
      expect(page.url()).toBe(link);
      const ticket = await page.inputValue('#ticket');
      await choose('chain/leaf-expired');
      await expect.poll(() => headlineOf(page)).toBe('Refused');
      expect(new URL(page.url()).hash).toBe('');
      const hash = new URL(link).hash;
      await page.evaluate((fragment) => (location.hash = fragment), hash);
      await expect.poll(() => headlineOf(page)).toBe('Genuine by the settings of a link');
      const factsOf = (text: string) => text.slice(text.indexOf('Judged by\n'));
      expect(factsOf(await page.inputValue('#ticket'))).toBe(factsOf(ticket));
      expect(await page.locator('.root-warning').count()).toBe(1);
    });

    it('has its sender’s settings until they are edited', async () => {
      const said = page.locator('.sentences .caution', { hasText: 'with the link' });
      await choose('acme/genuine');
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
      expect(await said.count()).toBe(0);
      expect(await page.locator('.sentences').innerText()).toContain('which is not now');
      const token = await page.inputValue('#typed');
      await page.click('#make-link');
      const { hash } = new URL(page.url());
      await page.click('#clear');
      await page.evaluate((fragment) => (location.hash = fragment), hash);
      await expect.poll(() => headlineOf(page)).toBe('Genuine by the settings of a link');
      expect(await said.innerText()).toContain('The time and the token come with the link');
      // His own time does not make the token his own.
      await page.fill('#at', '2026-06-01T12:00:01');
      await expect.poll(() => said.innerText()).toContain('The token comes with the link');
      expect(await headlineOf(page)).toBe('Genuine by the settings of a link');
      // Nor does reading the token in another way and back.
      await page.selectOption('#mode', 'none');
      await page.selectOption('#mode', 'token');
      await expect.poll(() => headlineOf(page)).toBe('Genuine, freshness not compared');
      await page.fill('#typed', token);
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
    });

    it('that was made up says so', async () => {
      await choose('acme/genuine');
      await expect.poll(() => headlineOf(page)).toBe('Accepted');
      await page.evaluate(() => (location.hash = '#v=1&e=<img src=x onerror=alert(1)>'));
      await expect.poll(() => headlineOf(page)).toBe('This link holds no evidence');
      expect(await page.inputValue('#evidence')).toBe('');
    });
  });

  it('copies the verdict for a ticket', async () => {
    await choose('chain/sub-ca-as-leaf');
    await expect.poll(() => headlineOf(page)).toBe('Refused');
    await page.click('#copy');
    await expect.poll(() => page.locator('#copied').textContent()).toBe('Copied.');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('ERR_MDA_CHAIN_LEAF_IS_CA');
    expect(copied).toContain('TEST ROOT');
  });

  it('shows the field of a byte and the bytes of a field', async () => {
    await choose('acme/genuine');
    const list = page.locator('.fields');
    await list.locator('[role=option]', { hasText: /^serial number 01/ }).click();
    const marked = page.locator('.hex .marked');
    expect((await marked.allTextContents()).join('').replace(/\s+/g, '')).toBe('02060198084c7ebc');
    await page.locator('.hex .property').first().hover();
    expect(await list.locator('.marked').count()).toBe(1);
    expect(await list.locator('.marked').textContent()).toMatch(/version|OID|value|serial/);
    // Every byte is drawn once.
    const hex = await page.locator('.hex').textContent();
    expect(hex?.trim().split(/\s+/).length).toBe(793);
    await page.getByRole('button', { name: 'Bytes of certificate 1' }).click();
    await expect.poll(() => page.inputValue('#bytes-of')).toBe('1');
  });

  it('can be used with the keyboard alone', async () => {
    const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
    const tabTo = async (reached: () => Promise<boolean>) => {
      for (let count = 0; count < 60; count++) {
        await page.keyboard.press('Tab');
        if (await reached()) return;
      }
      throw new Error('the Tab key does not get there');
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('skip');
    const sample = 'device-information/lowered-security';
    await tabTo(() => page.evaluate((id) => (document.activeElement as HTMLElement).dataset['id'] === id, sample));
    await page.keyboard.press('Enter');
    await expect.poll(() => headlineOf(page)).toBe('Accepted');
    await tabTo(async () => (await focused()) === 'copy');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#copied').textContent()).toBe('Copied.');
    await tabTo(() => page.evaluate(() => document.activeElement?.classList.contains('fields') ?? false));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('[role=option][aria-selected=true]');
    expect(await chosen.textContent()).toMatch(/^version/);
    expect(await page.locator('.fields').getAttribute('aria-activedescendant')).toBe(await chosen.getAttribute('id'));
    expect((await page.locator('.hex .marked').allTextContents()).join('').trim()).toBe('a0 03 02 01 02');
    await page.keyboard.press('End');
    expect(await chosen.textContent()).toContain('Ecdsa-Sig-Value');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('dump');
  });

  const CONTENTS = [
    'acme/genuine',
    'device-information/undetermined-properties',
    'chain/certificate-truncated',
    'chain/leaf-as-issuer',
    'made/profile',
  ];

  it('has a sample to begin with on the first screen of a phone', async () => {
    await page.setViewportSize({ width: 390, height: 664 });
    const button = page.locator('#first-sample');
    const { y, height } = (await button.boundingBox())!;
    expect(y + height).toBeLessThan(664);
    await button.click();
    await expect.poll(() => headlineOf(page)).toBe('Accepted');
  });

  it.each([1280, 390, 360])('has nothing that sticks out, %i pixels wide', async (width) => {
    await page.setViewportSize({ width, height: 844 });
    const excess = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await excess()).toBeLessThanOrEqual(0);
    for (const id of CONTENTS) {
      await showSample(page, id);
      expect(await excess(), id).toBeLessThanOrEqual(0);
    }
  });

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('has nothing that axe finds serious, %i pixels wide, %s', async (width, colorScheme) => {
    const other = await playground.open({ viewport: { width, height: 844 }, colorScheme });
    // Run by the debugger: the policy of the page lets no script in.
    await other.page.evaluate(axe.source);
    const serious: string[] = [];
    // What differs on a screen: nothing yet, all of a verdict, a refusal, and a profile.
    for (const id of [
      undefined,
      'device-information/undetermined-properties',
      'chain/leaf-as-issuer',
      'made/profile',
    ]) {
      if (id !== undefined) await showSample(other.page, id);
      const { violations } = await other.page.evaluate(() =>
        (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
      );
      for (const { impact, id: rule, nodes } of violations)
        if (impact === 'serious' || impact === 'critical') serious.push(`${id}: ${rule} ${nodes[0]?.html}`);
    }
    expect(other.complaints).toEqual([]);
    await other.close();
    expect(serious).toEqual([]);
  });

  it('is quick', async () => {
    await page.waitForTimeout(500);
    const text = toPem((await mintChain()).x5c);
    const times: number[] = [];
    for (let round = 0; round < 10; round++) {
      await paste(page, `${text}round ${round}\n`);
      await expect.poll(() => page.evaluate(() => performance.getEntriesByName('verdict').length)).toBe(round + 1);
      times.push(await page.evaluate(() => performance.getEntriesByName('verdict').at(-1)!.duration));
    }
    const sorted = times.toSorted((a, b) => a - b);
    console.log(
      `verdict on a pasted chain: first ${times[0]!.toFixed(1)} ms, median ${sorted[5]!.toFixed(1)} ms, longest ${sorted[9]!.toFixed(1)} ms`,
    );
  });
});
