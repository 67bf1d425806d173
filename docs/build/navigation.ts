import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The source of the playground, which is built into the site where it is there. */
export const PLAYGROUND = join(resolve(import.meta.dirname, '..'), 'playground/build.ts');
export const hasPlayground = (): boolean => existsSync(PLAYGROUND);

/** The pages of the side bar, by the name of their file, with their short titles. What is not listed is a guide. */
export const GROUPS = {
  Start: { demo: 'The demo', simulate: 'Without a device', cli: 'Command line' },
  Guides: {
    deployment: 'Which model do I need',
    'model-1': 'Model 1: the channel',
    'model-2': 'Model 2: the ACME server',
    'model-3': 'Model 3: relying parties',
    'for-authors': 'For authors',
    acme: 'An ACME server',
    mdm: 'An MDM service',
    identity: 'Issued identities',
    'relying-party': 'A relying party',
    workers: 'A Cloudflare Worker',
    policy: 'Policies',
    'node-crypto': 'Mistakes on node:crypto',
  },
  Reference: { errors: 'Error codes', conformance: 'Conformance', vectors: 'Test vectors' },
  Internals: {
    SECURITY: 'Security',
    longevity: 'Longevity',
    runtimes: 'Runtimes',
    benchmarks: 'Benchmarks',
    architecture: 'Architecture',
    testing: 'Testing',
    changes: 'Changes',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type GroupName = keyof typeof GROUPS;

/** Pages whose file is named for a folder, not for what is in it. */
const RENAMED: Readonly<Record<string, string>> = { 'vectors/README': 'vectors', CHANGELOG: 'changes' };

/** `docs/acme` is `acme`: the name of the page in its address. */
export function slugOf(documentName: string): string {
  return RENAMED[documentName] ?? documentName.replace(/^docs\//, '');
}

/** Where a page stands in the side bar, and with which title, unless it has none but its heading. */
export function placeOf(slug: string): { readonly group: GroupName; readonly index: number; readonly title?: string } {
  for (const [group, pages] of Object.entries(GROUPS)) {
    const index = Object.keys(pages).indexOf(slug);
    if (index >= 0) return { group: group as GroupName, index, title: Object.values<string>(pages)[index]! };
  }
  return { group: 'Guides', index: Object.keys(GROUPS.Guides).length };
}
