import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Application, IndexEvent, TSConfigReader, TypeDocReader } from 'typedoc';
import { finishPages } from './build/finish-pages.ts';
import { nameReflections } from './build/names.ts';
import { hasPlayground, PLAYGROUND } from './build/navigation.ts';
import { SiteRouter } from './build/router.ts';
import { SiteTheme } from './build/theme.ts';

/**
 * Builds the documentation site: `npm run docs`, or with another folder, `npx tsx docs/build.ts FOLDER`.
 *
 * TypeDoc renders the guides and the reference, with an order and addresses of our own. The playground is built
 * into the same folder. What comes out is static, loads nothing from elsewhere, and works from a file as well as
 * below any path of a server.
 */
const ROOT = resolve(import.meta.dirname, '..');

async function buildSite(folder: string): Promise<void> {
  const app = await Application.bootstrap({ options: join(ROOT, 'typedoc.json'), out: folder }, [
    new TypeDocReader(),
    new TSConfigReader(),
  ]);
  app.renderer.defineRouter('site', SiteRouter);
  app.renderer.defineTheme('site', SiteTheme);
  app.options.setValue('router', 'site');
  app.options.setValue('theme', 'site');
  // The signature of a type that is a function or a class has no name, and no place of its own to lead to.
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    event.searchResults = event.searchResults.filter(({ name }) => name !== '__type');
  });

  const project = await app.convert();
  if (project === undefined) throw new Error('the sources cannot be read');
  app.validate(project);
  nameReflections(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('a warning is an error here');
  finishPages(folder);

  if (!hasPlayground()) return;
  const { buildPlayground } = (await import(pathToFileURL(PLAYGROUND).href)) as {
    readonly buildPlayground: (folder: string) => unknown;
  };
  await buildPlayground(join(folder, 'playground'));
}

await buildSite(resolve(process.argv[2] ?? join(ROOT, 'docs/site')));
