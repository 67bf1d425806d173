import type { Draft, Folder } from './draft.ts';

/** The members of a vector in the order in which it is written. */
const MEMBERS = [
  'id',
  'title',
  'op',
  'input',
  'trustAnchors',
  'at',
  'result',
  'code',
  'answer',
  'fault',
  'reason',
  'flags',
  'source',
];

/** A draft as the text of its file. What only drafts have is left out. */
export function renderVector(folder: Folder, draft: Draft): string {
  const members = new Map<string, unknown>(Object.entries({ ...draft, id: `${folder}/${draft.name}` }));
  const written = MEMBERS.flatMap((name) => (members.has(name) ? [[name, members.get(name)] as const] : []));
  return `${JSON.stringify(Object.fromEntries(written), null, 2)}\n`;
}
