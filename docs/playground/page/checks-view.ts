import { element, glyph } from './dom.ts';
import type { CheckRow } from './judgement.ts';
import { headings } from './properties-view.ts';

/** What each check asks, for people. */
export const CHECK_TEXTS: Readonly<Record<CheckRow['name'], string>> = {
  input: 'The input keeps to its format',
  certificates: 'Every certificate is strict DER',
  'trust-anchor': 'The chain ends at the trust anchor',
  names: 'Each issuer is the subject above it',
  validity: 'Every certificate is valid at the time',
  'critical-extensions': 'No critical extension is unknown',
  'certification-authorities': 'Every issuer is a certification authority',
  'path-length': 'No authority is deeper than it may be',
  'key-usage': 'Every issuer may sign certificates',
  leaf: 'The leaf is no certification authority',
  'key-identifiers': 'Key identifiers fit',
  signatures: 'Every signature verifies',
  freshness: 'The freshness code is the expected one',
  'public-key': 'The attested key is the expected one',
  'certificate-request': 'The certificate request is for the attested key',
};

const GLYPHS = { passed: 'passed', failed: 'failed', 'not run': 'open', caution: 'caution' } as const;
const WORDS = { passed: 'passed', failed: 'failed', 'not run': 'not run', caution: 'look' } as const;

/** Every check in the order in which it ran, its outcome, and where the rule stands. */
export function checksView(checks: readonly CheckRow[]): HTMLElement {
  return element(
    'table',
    { class: 'checks' },
    element('caption', { class: 'hidden' }, 'Checks, in the order in which they run'),
    element('thead', {}, headings('Check', 'Outcome', 'Found', 'Reference')),
    element(
      'tbody',
      {},
      ...checks.filter(({ name, outcome }) => name !== 'public-key' || outcome !== 'not run').map(checkRow),
    ),
  );
}

function checkRow({ name, outcome, code, certificate, detail, reference }: CheckRow): HTMLElement {
  const place = certificate === undefined ? '' : `, certificate ${certificate}`;
  const found = outcome === 'failed' && code !== undefined ? `${code}${place}` : detail === 'holds' ? '' : detail;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, CHECK_TEXTS[name], element('span', { class: 'oid' }, name)),
    element('td', { class: `state ${GLYPHS[outcome]}` }, glyph(GLYPHS[outcome]), WORDS[outcome]),
    element('td', { class: 'found' }, found),
    element('td', { class: 'reference' }, reference),
  );
}
