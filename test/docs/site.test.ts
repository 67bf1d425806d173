import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codes, stageOf } from './errors.ts';
import { pages } from './examples.ts';
import { readSource, ROOT } from './sources.ts';

/** The site as `npm run docs` builds it, in a folder of its own: every page of it is read. */

const TSX = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
const folder = mkdtempSync(join(tmpdir(), 'mda-site-'));

interface Page {
  /** Relative to the site, with slashes. */
  readonly path: string;
  readonly html: string;
}
let site: readonly Page[];

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [TSX, 'docs/build.ts', folder], { cwd: ROOT });
  site = filesOf('.html').map((path) => ({ path, html: readFileSync(join(folder, path), 'utf8') }));
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function filesOf(...endings: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => endings.some((ending) => path.endsWith(ending)));
}

/** Without what shows a text instead of being it: scripts and styles. */
const markupOf = (html: string): string => html.replace(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, '<$1></$1>');

function attributes(html: string, tags: string, name: string): string[] {
  return [...html.matchAll(new RegExp(`<(?:${tags})\\b[^>]*?\\s${name}="([^"]*)"`, 'g'))].map(([, value]) =>
    value!.replaceAll('&amp;', '&'),
  );
}

const anchors = new Map<string, ReadonlySet<string>>();

function anchorsOf(path: string): ReadonlySet<string> {
  const known = anchors.get(path);
  if (known !== undefined) return known;
  const html = markupOf(readFileSync(join(folder, path), 'utf8'));
  const found = new Set(attributes(html, '[a-z][a-z0-9]*', 'id'));
  anchors.set(path, found);
  return found;
}

/** Whether a link on a page leads to a file, not a folder, and to an anchor that is there. */
function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor = ''] = target.split('#');
  const path = file === '' ? from : posix.join(posix.dirname(from), decodeURIComponent(file));
  if (path.startsWith('..') || !filesAt.has(path)) return false;
  return anchor === '' || !path.endsWith('.html') || anchorsOf(path).has(decodeURIComponent(anchor));
}

const filesAt = {
  all: undefined as ReadonlySet<string> | undefined,
  has(path: string): boolean {
    this.all ??= new Set(filesOf(''));
    return this.all.has(path);
  },
};

/** What TypeDoc's scripts read: JSON, deflated, in base64. */
function dataOf(asset: string): unknown {
  const [, text] = /"([^"]+)"/.exec(readFileSync(join(folder, 'assets', asset), 'utf8'))!;
  return JSON.parse(inflateSync(Buffer.from(text!, 'base64')).toString());
}

interface Entry {
  readonly text: string;
  readonly path?: string;
  readonly children?: readonly Entry[];
}
const flat = (entries: readonly Entry[]): readonly Entry[] =>
  entries.flatMap((entry) => [entry, ...flat(entry.children ?? [])]);

describe('links', () => {
  it('lead to a page that is there, and to an anchor in it', () => {
    const dead = site.flatMap(({ path, html }) =>
      attributes(markupOf(html), 'a|link|area', 'href')
        .filter((target) => !/^(?:https?|mailto|data):/.test(target))
        .filter((target) => !leadsSomewhere(path, target))
        .map((target) => `${path}: ${target}`),
    );
    expect([...new Set(dead)]).toEqual([]);
    expect(site.length).toBeGreaterThan(300);
  });

  it('of the side bar and of the search lead to a page that is there', () => {
    const bar = flat(dataOf('navigation.js') as readonly Entry[]).flatMap(({ path }) => path ?? []);
    const { rows } = dataOf('search.js') as { readonly rows: readonly { readonly url: string }[] };
    for (const path of [...bar, ...rows.map(({ url }) => url)])
      expect(leadsSomewhere('index.html', path), path).toBe(true);
    expect(rows.length).toBeGreaterThan(300);
  });
});

describe('the side bar', () => {
  it('has the four groups, and every page of the repository once', () => {
    const entries = dataOf('navigation.js') as readonly Entry[];
    expect(entries.filter(({ path }) => path === undefined).map(({ text }) => text)).toEqual([
      'Start',
      'Guides',
      'Reference',
      'Internals',
    ]);
    const paths = entries.map(({ path }) => path);
    for (const { path } of pages()) {
      // A folder below `docs/` has a page of its own for whoever reads its sources.
      if (path.split('/').length > 2) continue;
      const target = path === 'README.md' ? 'index.html' : path.replace(/^docs\/(.*)\.md$/, 'guides/$1.html');
      expect(
        paths.filter((other) => other === target),
        path,
      ).toHaveLength(1);
    }
    expect(paths).toEqual(expect.arrayContaining(['guides/vectors.html', 'guides/changes.html']));
  });

  it('has every entry of the package', () => {
    const { exports: subPaths } = JSON.parse(readSource('package.json').text) as { readonly exports: object };
    const entries = Object.keys(subPaths).filter((subPath) => !subPath.endsWith('.json'));
    const shown = (dataOf('navigation.js') as readonly Entry[]).filter(({ children }) => children !== undefined);
    expect(shown.map(({ text }) => text.replace('managed-device-attestation', '.')).sort()).toEqual(entries.sort());
  });

  it('has the playground where there is one', () => {
    const paths = (dataOf('navigation.js') as readonly Entry[]).map(({ path }) => path);
    const isThere = existsSync(join(ROOT, 'docs/playground/build.ts'));
    expect(paths.includes('playground/index.html')).toBe(isThere);
    expect(existsSync(join(folder, 'playground/index.html'))).toBe(isThere);
  });
});

describe('error codes', () => {
  it('have an anchor each, and the address is one to keep', () => {
    const found = anchorsOf('guides/errors.html');
    for (const code of codes) expect(found, code).toContain(code);
  });

  it('are linked wherever a page names one', () => {
    const { html } = site.find(({ path }) => path === 'api/core/verifyAttestation.html')!;
    expect(html).toContain('href="../../guides/errors.html#ERR_MDA_ATTESTATION_PUBLIC_KEY"');
    expect(html).toMatch(/href="\.\.\/\.\.\/guides\/errors\.html#err_mda_chain"><code>ERR_MDA_CHAIN_\*</);
    for (const code of codes)
      expect(anchorsOf('guides/errors.html')).toContain(`err_mda_${stageOf(code).toLowerCase()}`);
  });
});

describe('what a page loads', () => {
  it('is part of the site, and relative to the page: it works from a file and below any path', () => {
    const loaded = site.flatMap(({ path, html }) => {
      const markup = markupOf(html);
      const targets = [
        ...attributes(html, 'script|img|source|iframe|embed|video|audio|input|track', 'src'),
        ...attributes(markup, 'link', 'href'),
        ...attributes(markup, 'use|image', '(?:xlink:)?href'),
        ...attributes(markup, 'object', 'data'),
        ...attributes(markup, 'form|button', '(?:form)?action'),
        ...attributes(markup, '[a-z]+', 'srcset'),
      ];
      // A symbol of the page itself is put there by a script.
      return targets.filter((target) => !/^(?:data:|#)/.test(target)).map((target) => [path, target] as const);
    });
    const foreign = loaded.filter(([path, target]) => target.startsWith('/') || !leadsSomewhere(path, target));
    expect(foreign).toEqual([]);
    expect(loaded.length).toBeGreaterThan(300);
  });

  it('names no other host in a style or a script that would load it', () => {
    for (const path of filesOf('.css')) {
      const text = readFileSync(join(folder, path), 'utf8').replace(/\/\*[^]*?\*\//g, '');
      expect(text, path).not.toMatch(/@import|url\(\s*['"]?(?:https?:)?\/\//);
    }
    for (const { path, html } of site) {
      for (const [, text] of html.matchAll(/<style\b[^>]*>([^]*?)<\/style>/g))
        expect(text, path).not.toMatch(/@import|url\(\s*['"]?(?:https?:)?\/\//);
      expect(markupOf(html), path).not.toMatch(/<base\b|http-equiv="refresh"/);
    }
  });
});

const CHROMIUM = '/usr/bin/chromium';
const hasChromium = existsSync(CHROMIUM);
if (!hasChromium) console.warn(`\n*** SKIPPED: ${CHROMIUM} is missing, so the site was opened in no browser ***\n`);

describe.skipIf(!hasChromium)('in Chromium', () => {
  const VISITED = ['index.html', 'guides/errors.html#ERR_MDA_CHAIN_SIGNATURE', 'api/core/verifyAttestation.html'];
  const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    // The site stands below a path, and there is nothing beside it.
    server = createServer(({ url = '' }, response) => {
      const path = url.startsWith('/some/path/') ? url.slice('/some/path/'.length) : '';
      const isThere = filesAt.has(path);
      response.writeHead(isThere ? 200 : 404, { 'content-type': TYPES[path.split('.').at(-1)!] ?? 'image/svg+xml' });
      response.end(isThere ? readFileSync(join(folder, path)) : '');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  /** Opens pages one after the other; returns what was requested from elsewhere, and what went wrong. */
  async function visit(base: string, width: number) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const troubles: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(base)) troubles.push(`request: ${request.url()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`);
    });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
    });
    page.on('pageerror', ({ message }) => troubles.push(message));
    for (const path of VISITED) {
      await page.goto(base + path);
      const { current, surplus } = await page
        .waitForSelector('#tsd-nav-container a.current', { state: 'attached' })
        .then(() =>
          page.evaluate(() => ({
            current: document.querySelector<HTMLAnchorElement>('#tsd-nav-container a.current')!.href,
            surplus: document.documentElement.scrollWidth - window.innerWidth,
          })),
        );
      if (current !== base + path.split('#')[0]!) troubles.push(`the side bar shows ${current}`);
      if (surplus > 0) troubles.push(`${path} is ${surplus} pixels too wide`);
    }
    await page.close();
    return troubles;
  }

  it.each([1280, 390])(
    'a page from a file, %i pixels wide, has its side bar and loads nothing from elsewhere',
    async (width) => {
      expect(await visit(`${pathToFileURL(folder).href}/`, width)).toEqual([]);
    },
  );

  it('so has one from a server, below a path', async () => {
    const { port } = server.address() as AddressInfo;
    expect(await visit(`http://127.0.0.1:${port}/some/path/`, 1280)).toEqual([]);
  });
});
