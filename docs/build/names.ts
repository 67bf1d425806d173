import type { DeclarationReflection, DocumentReflection, ProjectReflection, Reflection } from 'typedoc';
import { placeOf, slugOf } from './navigation.ts';

const slugs = new WeakMap<Reflection, string>();

/** The name of a page or of an entry in its address; undefined for what is within an entry. */
export function addressOf(reflection: Reflection): string | undefined {
  return slugs.get(reflection);
}

/** Gives entries the name that they are imported by, and pages the title of their heading. */
export function nameReflections(project: ProjectReflection): void {
  for (const page of project.documents ?? []) namePage(page);
  for (const entry of project.children ?? []) nameEntry(project, entry);
}

function namePage(page: DocumentReflection): void {
  const slug = slugOf(page.name);
  const text = page.content.map((part) => part.text).join('');
  const heading = /^# (.*)$/m.exec(text)?.[1];
  slugs.set(page, slug);
  page.name = placeOf(slug).title ?? heading?.replaceAll('`', '') ?? slug;
}

function nameEntry(project: ProjectReflection, entry: DeclarationReflection): void {
  slugs.set(entry, entry.name === 'index' ? 'core' : entry.name);
  entry.name = entry.name === 'index' ? project.name : `${project.name}/${entry.name}`;
}
