import { drawing, element, glyph } from './dom.ts';
import type { ChainLink, Judgement } from './judgement.ts';
import { dateText, shown } from './printable.ts';

const WIDTH = 200;

/** The chain as a picture: the anchor on top, each certificate below the one that signed it. Its text is its equivalent. */
export function chainView({ chain, foreignRoot }: Judgement, at: Date, open: (index: number) => void): HTMLElement {
  const items = chain
    .map((link, index) => linkView(link, index, { at, foreignRoot, count: chain.length, open }))
    .reverse();
  return element('ol', { class: 'chain', 'data-count': chain.length }, ...items);
}

interface Around {
  readonly at: Date;
  readonly foreignRoot: Judgement['foreignRoot'];
  readonly count: number;
  readonly open: (index: number) => void;
}

function linkView(link: ChainLink, index: number, { at, foreignRoot, open }: Around): HTMLElement {
  const { certificate, error, faults, role } = link;
  const isBroken = error !== undefined || faults.length > 0 || link.signature === 'failed';
  const button = element('button', { type: 'button', class: 'bytes-button' }, 'Bytes');
  button.setAttribute('aria-label', `Bytes of ${roleText(link, index, foreignRoot).toLowerCase()}`);
  button.addEventListener('click', () => open(index));
  const card = element(
    'div',
    { class: `certificate ${role}${isBroken ? ' broken' : ''}${link.isReached ? '' : ' apart'}` },
    element('div', { class: 'role' }, roleText(link, index, foreignRoot), button),
    element('div', { class: 'name' }, certificate ? commonName(shown(certificate.subject.text)) : 'does not parse'),
    certificate &&
      element('div', { class: 'key' }, `${certificate.publicKey.curve}, serial number ${certificate.serialNumber}`),
    certificate && validityView(certificate.notBefore, certificate.notAfter, at),
    error && element('p', { class: 'fault' }, glyph('failed'), error.code),
    ...faults.map(({ name, code }) => element('p', { class: 'fault' }, glyph('failed'), `${name}: ${code ?? ''}`)),
    link.isReached ? undefined : element('p', { class: 'fault open' }, glyph('open'), 'the chain does not get here'),
  );
  return element('li', {}, role === 'anchor' ? undefined : signatureView(link), card);
}

function roleText({ role }: ChainLink, index: number, foreignRoot: Judgement['foreignRoot']): string {
  if (role === 'leaf') return 'Leaf: the attestation';
  if (role === 'authority') return `Certificate ${index}: authority`;
  return { test: 'Trust anchor: TEST ROOT', other: 'Trust anchor: not Apple', apple: 'Trust anchor: Apple' }[
    foreignRoot ?? 'apple'
  ];
}

/** The last name of a subject is what people know it by; the whole of it is in the fields. */
function commonName(text: string): string {
  return /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(text)?.[1] ?? (text || '(no subject)');
}

const SIGNATURES = {
  verified: ['passed', 'signed, verified'],
  failed: ['failed', 'signature does not verify'],
  'not checked': ['open', 'signature not checked'],
  trusted: ['passed', ''],
} as const;

function signatureView({ signature }: ChainLink): HTMLElement {
  const [sign, text] = SIGNATURES[signature];
  return element('div', { class: `signature ${sign}` }, glyph(sign), text);
}

/** The validity as a line from its first to its last instant, and the time of the judgement on it. */
function validityView(notBefore: Date, notAfter: Date, at: Date): HTMLElement {
  const [start, end, time] = [notBefore.getTime(), notAfter.getTime(), at.getTime()];
  const isValid = start <= time && time <= end;
  const share = end === start ? 0 : (time - start) / (end - start);
  const x = 10 + Math.max(-0.05, Math.min(1.05, share)) * (WIDTH - 20);
  const words = isValid ? 'valid' : time < start ? 'not yet valid' : 'expired';
  return element(
    'div',
    { class: `validity${isValid ? '' : ' outside'}` },
    drawing(
      'svg',
      { viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      drawing('path', { class: 'span', d: `M10 6H${WIDTH - 10}M10 3v6M${WIDTH - 10} 3v6` }),
      drawing('path', { class: 'now', d: `M${x.toFixed(1)} 0v12` }),
    ),
    element('span', {}, dateText(notBefore).slice(0, 10)),
    element('span', { class: 'words' }, words),
    element('span', {}, dateText(notAfter).slice(0, 10)),
  );
}
