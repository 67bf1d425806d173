import type { AttestationError } from '../../../src/core/errors.ts';
import type { Field } from './certificate-fields.ts';
import { element } from './dom.ts';
import { counted } from './printable.ts';

/** Named limit on what is drawn: a certificate has at most 16,384 bytes. */
const MAX_DRAWN_BYTES = 16_384;

/** A run of bytes that belongs to the same fields. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly spans: readonly HTMLElement[];
}

/**
 * The bytes of a certificate beside the list of its fields. The list is a listbox: one stop for the Tab key, arrows
 * move in it; what is chosen in it, or pointed at in the bytes, is marked in both.
 */
export function bytesView(der: Uint8Array, fields: readonly Field[], error?: AttestationError): HTMLElement {
  const shown = der.subarray(0, MAX_DRAWN_BYTES);
  const hex = element('div', { class: 'hex' });
  const ascii = element('div', { class: 'ascii', 'aria-hidden': 'true' });
  const runs = runsOf(shown, fields, error?.offset);
  for (const run of runs) {
    hex.append(run.spans[0]!);
    ascii.append(run.spans[1]!);
  }
  const dump = element(
    'div',
    { class: 'dump', tabindex: 0, role: 'region', 'aria-label': 'Bytes in hexadecimal' },
    offsets(shown.length, 16),
    offsets(shown.length, 8),
    hex,
    ascii,
  );
  if (fields.length === 0) return element('div', { class: 'bytes alone' }, dump);
  return element('div', { class: 'bytes' }, fieldList(fields, runs, dump), dump);
}

function offsets(length: number, perRow: number): HTMLElement {
  const rows = Array.from({ length: Math.ceil(length / perRow) }, (_, row) =>
    (row * perRow).toString(16).padStart(4, '0'),
  );
  return element('div', { class: `offsets by-${perRow}`, 'aria-hidden': 'true' }, rows.join('\n'));
}

/** Cuts the bytes wherever a field begins or ends, or its content does; and where a parser stopped. */
function runsOf(der: Uint8Array, fields: readonly Field[], stop: number | undefined): readonly Run[] {
  const cuts = new Set([0, der.length]);
  for (const { start, end } of fields) cuts.add(start).add(end);
  if (stop !== undefined) cuts.add(Math.min(stop, der.length)).add(Math.min(stop + 1, der.length));
  // A field is followed by what lies in it.
  const containers = new Set(fields.filter(({ end }, index) => (fields[index + 1]?.end ?? Infinity) <= end));
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index): Run => {
    const start = sorted[index]!;
    const bytes = der.subarray(start, end);
    const deepest = fields.findLast((field) => field.start <= start && field.end >= end);
    const isStop = stop !== undefined && start === Math.min(stop, der.length - 1);
    const kind = isStop
      ? 'stop'
      : deepest?.isProperty === true
        ? 'property'
        : deepest === undefined || containers.has(deepest)
          ? 'frame'
          : undefined;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(bytes, (byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    return {
      start,
      end,
      spans: [
        element('span', { class: kind, 'data-start': start }, `${hex} `),
        element('span', { 'data-start': start }, text),
      ],
    };
  });
}

let lists = 0;

function fieldList(fields: readonly Field[], runs: readonly Run[], dump: HTMLElement): HTMLElement {
  const prefix = `fields-${++lists}`;
  const options = fields.map(({ label, value, depth, start, end }, index) =>
    element(
      'li',
      { role: 'option', id: `${prefix}-${index}`, class: `depth-${depth}`, 'aria-selected': 'false' },
      element('span', { class: 'label' }, label),
      ' ',
      element('span', { class: 'value' }, value),
      ' ',
      element('span', { class: 'place' }, `at ${start}, ${counted(end - start, 'byte')}`),
    ),
  );
  const list = element(
    'ul',
    { class: 'fields', role: 'listbox', tabindex: 0, 'aria-label': 'Fields of the certificate' },
    ...options,
  );
  let chosen = -1;
  let marked = -1;

  const mark = (index: number): void => {
    if (index === marked) return;
    marked = index;
    const { start = -1, end = -1 } = fields[index] ?? {};
    for (const run of runs) {
      const isIn = run.start >= start && run.end <= end;
      for (const span of run.spans) span.classList.toggle('marked', isIn);
    }
    options.forEach((option, at) => option.classList.toggle('marked', at === index));
  };
  const choose = (index: number): void => {
    options[chosen]?.setAttribute('aria-selected', 'false');
    chosen = index;
    const option = options[index]!;
    option.setAttribute('aria-selected', 'true');
    list.setAttribute('aria-activedescendant', option.id);
    mark(index);
    scrollInside(list, option);
    const run = runs.find(({ start }) => start >= fields[index]!.start);
    if (run !== undefined) scrollInside(dump, run.spans[0]!);
  };

  list.addEventListener('keydown', (event) => {
    const next = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      Home: 0,
      End: fields.length - 1,
      PageDown: chosen + 10,
      PageUp: chosen - 10,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(fields.length - 1, next)));
  });
  list.addEventListener('focus', () => {
    // A pointer chooses by itself.
    if (chosen === -1 && list.matches(':focus-visible')) choose(0);
  });
  const indexAt = (target: EventTarget | null): number => {
    const option = target instanceof Element ? target.closest<HTMLElement>('[role=option]') : null;
    return option === null ? -1 : options.indexOf(option as HTMLLIElement);
  };
  const fieldAt = (target: EventTarget | null): number => {
    const start = target instanceof HTMLElement ? target.dataset['start'] : undefined;
    const run = runs.find((candidate) => String(candidate.start) === start);
    return run ? fields.findLastIndex((field) => field.start <= run.start && field.end >= run.end) : -1;
  };
  list.addEventListener('pointerover', ({ target }) => mark(indexAt(target)));
  list.addEventListener('pointerleave', () => mark(chosen));
  list.addEventListener('click', ({ target }) => {
    if (indexAt(target) !== -1) choose(indexAt(target));
  });
  dump.addEventListener('pointerover', ({ target }) => {
    const index = fieldAt(target);
    mark(index === -1 ? chosen : index);
    if (index !== -1) scrollInside(list, options[index]!);
  });
  dump.addEventListener('pointerleave', () => mark(chosen));
  dump.addEventListener('click', ({ target }) => {
    if (fieldAt(target) !== -1) choose(fieldAt(target));
  });
  return list;
}

/** Scrolls a pane so that something in it shows, and never the page. */
function scrollInside(pane: HTMLElement, inside: HTMLElement): void {
  const [frame, box] = [pane.getBoundingClientRect(), inside.getBoundingClientRect()];
  if (box.top < frame.top) pane.scrollTop -= frame.top - box.top + 8;
  else if (box.bottom > frame.bottom) pane.scrollTop += Math.min(box.bottom - frame.bottom, box.top - frame.top) + 8;
}
