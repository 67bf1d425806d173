import { toHex } from '../../../src/core/bytes.ts';
import type { OtherProperty, Property } from '../../../src/core/properties.ts';
import type { ComparedName } from '../../../src/mdm/compare-properties.ts';
import { type Child, element, glyph, type GlyphName } from './dom.ts';
import type { Judgement } from './judgement.ts';
import { shown } from './printable.ts';
import { isConcern, meaningOf, PROPERTIES, type PropertyText, valueText } from './property-text.ts';

type Properties = NonNullable<Judgement['properties']>;

/** Every property, there or not: its state, its value, what it means, and what the device reports of it. */
export function propertiesView({ values, isVerified, comparisons }: Properties): HTMLElement {
  const rows = PROPERTIES.map((text) => propertyRow(text, values[text.name], { values, isVerified, comparisons }));
  return element(
    'table',
    { class: `properties${isVerified ? '' : ' claimed'}` },
    element('caption', { class: 'hidden' }, 'Properties of the leaf, under 1.2.840.113635.100.8'),
    element('thead', {}, headings('Property', 'State', 'Value', 'Meaning')),
    element('tbody', {}, ...rows, ...values.other.map((other) => otherRow(other, isVerified))),
  );
}

export function headings(...texts: readonly string[]): HTMLElement {
  return element('tr', {}, ...texts.map((text) => element('th', { scope: 'col' }, text)));
}

const GLYPHS: Readonly<Record<Property<unknown>['status'], GlyphName>> = {
  attested: 'passed',
  absent: 'open',
  blank: 'caution',
  malformed: 'failed',
};

function propertyRow(text: PropertyText, property: Property<string | Uint8Array>, all: Properties): HTMLElement {
  const { status } = property;
  const { isVerified } = all;
  const state = status === 'attested' && !isVerified ? 'claimed' : status;
  const sign = state === 'claimed' ? 'open' : isConcern(text.name, property) ? 'caution' : GLYPHS[status];
  const value =
    status === 'attested'
      ? shown(valueText(property.value))
      : status === 'malformed'
        ? toHex(property.bytes)
        : undefined;
  return row(
    [text.label, `.${text.arc}`],
    [state, sign],
    value,
    isConcern(text.name, property) && isVerified,
    meaningOf(text, property),
    comparisonText(text, all),
  );
}

function otherRow({ oid, bytes }: OtherProperty, isVerified: boolean): HTMLElement {
  return row(
    ['No known name', oid],
    [isVerified ? 'unknown OID' : 'claimed', 'open'],
    toHex(bytes) || undefined,
    false,
    'Apple has given it no public meaning. Kept by OID and bytes; nothing rests on it.',
    undefined,
  );
}

function row(
  [label, oid]: readonly [string, string],
  [state, sign]: readonly [string, GlyphName],
  value: string | undefined,
  isConcerning: boolean,
  meaning: string,
  report: Child,
): HTMLElement {
  return element(
    'tr',
    { class: isConcerning ? 'concern' : undefined },
    element('th', { scope: 'row' }, label, element('span', { class: 'oid' }, oid)),
    element('td', { class: `state ${sign}` }, glyph(sign), state),
    element('td', { class: 'value' }, value ?? element('span', { class: 'none' }, 'no value')),
    element('td', { class: 'meaning' }, meaning, report),
  );
}

function comparisonText({ name }: PropertyText, { comparisons }: Properties): Child {
  if (comparisons === undefined || name === 'freshnessCode') return undefined;
  const { outcome, reported } = comparisons[name satisfies ComparedName];
  if (outcome === 'not compared') return undefined;
  if (outcome === 'agrees') return element('span', { class: 'report' }, ' The device reports the same.');
  return element(
    'span',
    { class: 'report contradicts' },
    glyph('caution'),
    ` The device reports ${shown(reported ?? '')}.`,
  );
}
