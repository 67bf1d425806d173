import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ERRORS = 'guides/errors.html';

/** What TypeDoc has no option for, done to the pages that it wrote. */
export function finishPages(folder: string): void {
  renameSources(join(folder, 'media'));
  const anchors = anchorsOf(readFileSync(join(folder, ERRORS), 'utf8'));
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.html')) continue;
    const file = join(folder, path);
    writeFileSync(file, finish(readFileSync(file, 'utf8'), path.replaceAll('\\', '/'), anchors));
  }
}

const ROW = /<td><code>(ERR_MDA_\w+)<\/code><\/td>/g;

/** Every code of the page of errors, and `ERR_MDA_CHAIN_*` for a stage, with its anchor. */
function anchorsOf(errors: string): ReadonlyMap<string, string> {
  const codes = [...errors.matchAll(ROW)].map(([, code]) => [code!, code!] as const);
  const stages = [...errors.matchAll(/<h2 id="(\w+)"[^>]*>(ERR_MDA_[A-Z]+)</g)].map(
    ([, id, stage]) => [`${stage!}_*`, id!] as const,
  );
  return new Map([...codes, ...stages]);
}

function finish(html: string, page: string, anchors: ReadonlyMap<string, string>): string {
  const base = '../'.repeat(page.split('/').length - 1);
  const finished = html
    // A folder has an index on a server, and none in a file system.
    .replace(/(<a [^>]*href=")((?:\.\.?\/)+)(?=["#])/g, '$1$2index.html')
    .replace(/<a [^>]*href="[^"#]*\bmedia\/[^"#]*(?=["#])/g, (link) => (isData(link) ? link : `${link}.txt`))
    // The symbols are in every page, too: from a file, a browser loads none of another file.
    .replace(/<use href="[^"#]*#/g, '<use href="#');
  if (page === ERRORS) return finished.replace(ROW, (_, code: string) => row(code));
  return finished.replace(
    /(<a [^>]*>)?<code>(ERR_MDA_\w+\*?)<\/code>/g,
    (text, link: string | undefined, code: string) => {
      const anchor = anchors.get(code);
      return link !== undefined || anchor === undefined ? text : `<a href="${base}${ERRORS}#${anchor}">${text}</a>`;
    },
  );
}

/** A code that can be linked to, and that breaks between its words. */
const row = (code: string): string =>
  `<td id="${code}"><a href="#${code}"><code>${code.replaceAll('_', '_<wbr>')}</code></a></td>`;

const isData = (name: string): boolean => name.endsWith('.json');

/** A browser shows text, and offers sources to save: sources become text. */
function renameSources(media: string): void {
  for (const name of readdirSync(media)) if (!isData(name)) renameSync(join(media, name), join(media, `${name}.txt`));
}
