import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { chromium } from 'playwright-core';
import { bundle } from './bundle.ts';
import type { Host } from './host.ts';

/** Opens a page and says how to close the browser; `failed` hears of whatever the page throws. */
type Open = (url: string, failed: (error: Error) => void) => Promise<() => Promise<void>>;

const PAGE = '<!doctype html><title>suite</title><script type="module" src="/page.js"></script>';
// The page may load its own script and ask its own server, and run no code from strings.
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** A browser with one page from 127.0.0.1, which counts as a secure context: `crypto.subtle` is there. */
async function openBrowser(open: Open): Promise<Host> {
  const script = await bundle('page');
  let order: string | undefined;
  let asking: ServerResponse | undefined;
  let settle: { readonly resolve: (outcome: string) => void; readonly reject: (error: Error) => void } | undefined;
  const hand = (): void => {
    if (order === undefined || asking === undefined) return;
    asking.end(order);
    order = asking = undefined;
  };
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', POLICY);
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(PAGE);
    else if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else if (request.url === '/order') {
      asking = response;
      hand();
    } else if (request.url === '/outcome')
      void text(request).then((outcome) => {
        response.end();
        settle?.resolve(outcome);
      });
    else response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const closeBrowser = await open(`http://127.0.0.1:${port}/`, (error) => settle?.reject(error));
  return {
    send: (asked) =>
      new Promise<string>((resolve, reject) => {
        settle = { resolve, reject };
        order = asked;
        hand();
      }),
    async close() {
      await closeBrowser();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Chromium as the distribution has it. */
export function openChromium(program: string): Promise<Host> {
  return openBrowser(async (url, failed) => {
    // As root there is no sandbox to be had; the page is our own.
    const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
    const page = await browser.newPage();
    page.on('pageerror', failed);
    page.on('console', (message) => {
      if (message.type() === 'error') failed(new Error(message.text()));
    });
    await page.goto(url);
    return () => browser.close();
  });
}

/** Firefox as the distribution has it: it needs no driver to open one page. */
export function openFirefox(program: string): Promise<Host> {
  return openBrowser((url, failed) => {
    const profile = mkdtempSync(join(tmpdir(), 'mda-firefox-'));
    const quiet = [
      'datareporting.policy.dataSubmissionEnabled',
      'app.update.enabled',
      'browser.safebrowsing.update.enabled',
    ];
    writeFileSync(join(profile, 'user.js'), quiet.map((name) => `user_pref("${name}", false);`).join('\n'));
    const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, url], { stdio: 'ignore' });
    const ended = once(child, 'close');
    child.on('error', failed);
    child.on('close', () => failed(new Error('the browser ended')));
    return Promise.resolve(async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(profile, { recursive: true, force: true });
    });
  });
}
