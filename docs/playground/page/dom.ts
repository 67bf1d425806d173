/** What may stand inside of an element; `undefined` and `false` stand for nothing. */
export type Child = Node | string | undefined | false;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element. Text goes in as text nodes: nothing on this page is ever read as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return furnish(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function drawing<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish<Any extends Element>(made: Any, attributes: Attributes, children: readonly Child[]): Any {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** The element of the template with this id, which is of this type. */
export function byId(id: string): HTMLElement;
export function byId<Made extends HTMLElement>(id: string, type: new () => Made): Made;
export function byId(id: string, type: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the template has no such #${id}`);
  return found;
}

/** A sentence of the library's tables, in which backticks mark code. */
export function sentence(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  made.append(...text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part)));
  return made;
}

export type GlyphName = 'passed' | 'failed' | 'caution' | 'open';

const GLYPHS: Readonly<Record<GlyphName, string>> = {
  passed: 'M3 8.5l3.2 3.2L13 4.8',
  failed: 'M4 4l8 8M12 4l-8 8',
  caution: 'M8 3v6.4M8 12v1.2',
  open: 'M4 8h8',
};

/** A small sign beside a word that says the same, so that no meaning hangs on form or colour alone. */
export function glyph(name: GlyphName): SVGElement {
  return drawing(
    'svg',
    { class: `glyph ${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    drawing('path', { d: GLYPHS[name] }),
  );
}
