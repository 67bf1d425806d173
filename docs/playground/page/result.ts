import { bytesView } from './bytes-view.ts';
import { fieldsOf } from './certificate-fields.ts';
import { chainView } from './chain-view.ts';
import { checksView } from './checks-view.ts';
import { byId, element } from './dom.ts';
import type { ChainLink, Judgement } from './judgement.ts';
import { propertiesView } from './properties-view.ts';
import { rowsView, verdictView } from './verdict-view.ts';

/** Nothing was put in: the page says what it is for. */
export function clearResult(): void {
  byId('judged').hidden = true;
  byId('nothing-yet').hidden = false;
  byId('announcement').textContent = '';
}

/** Draws a judgement. The verdict is announced in a few words; who wants more goes there. */
export function renderResult(judgement: Judgement, at: Date): void {
  const { title, sentences, cautions, chain, checks, properties, sheets, foreignRoot } = judgement;
  byId('nothing-yet').hidden = true;
  byId('judged').hidden = false;
  byId('copied').textContent = '';
  byId('verdict').replaceChildren(...verdictView(judgement).filter((child) => child !== undefined && child !== false));
  fill('chain-section', 'chain', chain.length > 0 && chainView(judgement, at, (index) => choose(index, true)));
  fill('properties-section', 'properties', properties && propertiesView(properties));
  byId('properties-heading').textContent =
    properties?.isVerified === false ? 'Properties that the leaf claims: not verified' : 'Properties';
  fill('checks-section', 'checks', checks.length > 0 && checksView(checks));
  byId('sheets').replaceChildren(
    ...sheets.map(({ heading, note, rows }) =>
      element(
        'section',
        {},
        element('h2', {}, heading),
        note !== '' && element('p', { class: 'note' }, note),
        rowsView(rows, 'facts'),
      ),
    ),
  );
  renderBytes(chain);
  const root = foreignRoot === undefined ? '' : ', by a root that is not Apple’s';
  byId('announcement').textContent = `${title}${root}. ${[sentences[0] ?? '', ...cautions].join(' ')}`;
}

function fill(section: string, into: string, content: HTMLElement | false | undefined): void {
  byId(section).hidden = !content;
  byId(into).replaceChildren(...(content ? [content] : []));
}

let choose: (index: number, isAsked: boolean) => void = () => undefined;

/** The bytes of one certificate, chosen by its number; drawn when it is chosen. */
function renderBytes(chain: readonly ChainLink[]): void {
  byId('bytes-section').hidden = chain.length === 0;
  const picker = byId('bytes-of', HTMLSelectElement);
  picker.replaceChildren(
    ...chain.map(({ role }, index) =>
      element(
        'option',
        { value: index },
        role === 'leaf' ? 'Leaf' : role === 'anchor' ? 'Trust anchor' : `Certificate ${index}`,
      ),
    ),
  );
  choose = (index, isAsked) => {
    const link = chain[index];
    if (link === undefined) return;
    picker.value = String(index);
    const fields = link.certificate ? fieldsOf(link.certificate) : [];
    const note = link.error && element('p', { class: 'note' }, stopText(link));
    byId('bytes').replaceChildren(...(note ? [note] : []), bytesView(link.der, fields, link.error));
    if (!isAsked) return;
    byId('bytes-section').scrollIntoView();
    picker.focus({ preventScroll: true });
  };
  picker.onchange = () => choose(Number(picker.value), false);
  choose(0, false);
}

function stopText({ error, der }: ChainLink): string {
  const offset = error?.offset;
  const where = offset === undefined ? '' : ` It stopped at offset ${offset} of ${der.length}, which is marked.`;
  return `It does not parse as a certificate: ${error?.code ?? ''}.${where}`;
}
