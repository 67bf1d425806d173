import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type BuiltPlayground, buildPlayground } from '../../docs/playground/build.ts';

/** Debian's Chromium, and the playground in it. */

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether there is one; says so where there is none. */
export function hasChromium(): boolean {
  const found = existsSync(EXECUTABLE);
  if (!found) console.warn(`\nSKIPPED: there is no ${EXECUTABLE}: the playground is not looked at in a browser here\n`);
  return found;
}

export interface Playground {
  readonly built: BuiltPlayground;
  readonly url: string;
  /** The paths that the server was asked for. */
  readonly requests: readonly string[];
  readonly open: (options?: BrowserContextOptions) => Promise<OpenPage>;
  readonly stop: () => Promise<void>;
}

/** A page, and everything that it should not do. */
export interface OpenPage {
  readonly page: Page;
  /** What a console would show, an exception that nobody caught, a dialog. */
  readonly complaints: readonly string[];
  /** Everything that was asked of the network. */
  readonly fetched: readonly string[];
  /** Loads the page anew, with nothing to complain of yet: the processes of the browser stay, which take most of the time. */
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Builds the page into a folder of its own, serves it on this machine, and starts the browser. */
export async function startPlayground(): Promise<Playground> {
  const folder = mkdtempSync(join(tmpdir(), 'mda-playground-'));
  const built = await buildPlayground(folder);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(readFileSync(built.file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
  return {
    built,
    url,
    requests,
    open: (options = {}) => openPage(browser, url, options),
    stop: async () => {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<OpenPage> {
  const context = await browser.newContext(options);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(url).origin });
  const page = await context.newPage();
  const complaints: string[] = [];
  const fetched: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('request', (request) => fetched.push(request.url()));
  const reload = async (): Promise<void> => {
    await page.goto('about:blank');
    complaints.length = 0;
    fetched.length = 0;
    await page.goto(url);
  };
  await reload();
  return { page, complaints, fetched, reload, close: () => context.close() };
}

/** The headline of the verdict. */
export async function headlineOf(page: Page): Promise<string> {
  return (await page.locator('.headline').innerText()).trim();
}

/** Drops files on the page. */
export async function drop(
  page: Page,
  ...files: readonly { name: string; bytes?: Uint8Array; size?: number }[]
): Promise<void> {
  const transfer = await page.evaluateHandle(
    (all) => {
      const data = new DataTransfer();
      for (const { name, base64, size } of all) {
        const content =
          base64 === undefined ? new Uint8Array(size) : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        data.items.add(new File([content], name));
      }
      return data;
    },
    files.map(({ name, bytes, size = 0 }) => ({
      name,
      base64: bytes && Buffer.from(bytes).toString('base64'),
      size,
    })),
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** Puts a text into the clipboard and presses the keys. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((value) => navigator.clipboard.writeText(value), text);
  await page.locator('#evidence').focus();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Control+V');
}
