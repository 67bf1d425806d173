import { DefaultTheme, type NavigationElement, type ProjectReflection } from 'typedoc';
import { addressOf } from './names.ts';
import { type GroupName, GROUPS, hasPlayground, placeOf } from './navigation.ts';

/** TypeDoc's own theme with the pages of the side bar below headings. */
export class SiteTheme extends DefaultTheme {
  override buildNavigation(project: ProjectReflection): NavigationElement[] {
    const elements = super.buildNavigation(project);
    const groups: Record<GroupName, NavigationElement[]> = { Start: [], Guides: [], Reference: [], Internals: [] };
    groups.Start.push({ text: 'Overview', path: 'index.html' });
    if (hasPlayground()) groups.Start.push({ text: 'Playground', path: 'playground/index.html' });

    const elementOf = new Map(elements.map((element) => [element.path, element]));
    for (const entry of project.children ?? []) {
      const element = elementOf.get(this.router.getFullUrl(entry))!;
      // In a list of entries, the name of the package before each says nothing.
      groups.Reference.push({ ...element, text: entry.name.replace(`${project.name}/`, './') });
    }
    const pages = (project.documents ?? []).map((page) => ({ page, ...placeOf(addressOf(page)!) }));
    for (const { page, group } of pages.sort((one, other) => one.index - other.index))
      groups[group].push({ text: page.name, path: this.router.getFullUrl(page) });

    // An element without an address is a heading.
    return Object.keys(GROUPS).flatMap((text) => [{ text }, ...groups[text as GroupName]]);
  }
}
