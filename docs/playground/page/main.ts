import { fromBase64 } from '../../../src/core/base64.ts';
import { type Certificate, parseCertificate } from '../../../src/core/certificate.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { fromPem } from '../../../src/core/pem.ts';
import { byId, element } from './dom.ts';
import { type Evidence, MAX_INPUT_BYTES } from './evidence.ts';
import { nothing } from './foreign.ts';
import { connectInput, isDrawable, readFile, textOfBytes } from './input.ts';
import { joinFiles } from './join-files.ts';
import { judge } from './judge.ts';
import type { PageData, Sample } from './page-data.ts';
import { fragmentOf, type LinkState, MAX_LINK_BYTES, readFragment } from './permalink.ts';
import { counted, shown } from './printable.ts';
import { recognise, tooLarge } from './recognise.ts';
import { clearResult, renderResult } from './result.ts';
import { type AnchorName, type FreshnessMode, readFreshness, type Settings } from './settings.ts';
import { ticketText } from './ticket.ts';

const data = JSON.parse(byId('data').textContent) as PageData;
const testRoot = parseCertificate(fromBase64(data.testRoot));

const field = byId('evidence', HTMLTextAreaElement);
const origin = byId('origin');
const atField = byId('at', HTMLInputElement);
const anchorField = byId('anchor', HTMLSelectElement);
const anchorPem = byId('anchor-pem', HTMLTextAreaElement);
const modeField = byId('mode', HTMLSelectElement);
const typedField = byId('typed', HTMLInputElement);
const ticketField = byId('ticket', HTMLTextAreaElement);
const linkField = byId('link', HTMLInputElement);

/** What is judged: bytes, or what is known without reading them. Undefined: nothing was put in. */
let input: Uint8Array | Evidence | undefined;
/** Settings that somebody chose by hand. Those of a sample go with the sample, and must not judge what comes next. */
const chosen = new Set<'at' | 'anchor' | 'freshness'>();
let isSample = false;
/** The settings came with a link: they are the sender's, but for those that somebody chose since. */
let isOfLink = false;
let run = 0;
/** Raised by whatever puts evidence in: a file that is still being read must not come after it. */
let given = 0;

function setAt(at: Date): void {
  atField.value = at.toISOString().slice(0, 19);
}

/** The time in the field; undefined if there is none. */
function readAt(): Date | undefined {
  const at = new Date(`${atField.value}${atField.value.length === 16 ? ':00' : ''}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function readAnchors(anchor: AnchorName): readonly Certificate[] | undefined {
  if (anchor === 'apple') return undefined;
  if (anchor === 'test') return [testRoot];
  try {
    return fromPem(anchorPem.value).map(parseCertificate);
  } catch (error) {
    if (error instanceof AttestationError) return [];
    throw error;
  }
}

async function readSettings(): Promise<Settings> {
  const anchor = anchorField.value as AnchorName;
  const freshness = await readFreshness(modeField.value as FreshnessMode, typedField.value);
  const problem = freshness.state === 'unreadable' && typedField.value !== '' ? freshness.reason : '';
  byId('typed-problem').textContent = problem;
  typedField.setAttribute('aria-invalid', String(problem !== ''));
  const ofLink = isOfLink ? (['at', 'freshness'] as const).filter((setting) => !chosen.has(setting)) : [];
  const now = new Date();
  return { at: readAt() ?? now, now, anchor, trustAnchors: readAnchors(anchor), freshness, ofLink };
}

function showFields(): void {
  const isTime = readAt() !== undefined;
  byId('at-problem').textContent = isTime ? '' : 'There is no time here: judged now.';
  atField.setAttribute('aria-invalid', String(!isTime));
  byId('anchor-row').hidden = anchorField.value !== 'other';
  byId('typed-row').hidden = modeField.value === 'none';
  byId('test-root-note').hidden = anchorField.value !== 'test';
  byId('typed-label').textContent = modeField.value === 'token' ? 'Token of the challenge' : 'Nonce';
}

const BARE = { freshness: { state: 'skipped' }, ofLink: [] } as const;

/** Judges what is in the page now. What was begun before is dropped. */
async function update(): Promise<void> {
  const mine = ++run;
  forgetLink();
  showFields();
  if (input === undefined) {
    clearResult();
    return;
  }
  performance.mark('evidence');
  try {
    const settings = await readSettings();
    const judgement = await judge(input instanceof Uint8Array ? recognise(input) : input, settings);
    if (mine !== run) return;
    renderResult(judgement, settings.at);
    ticketField.value = ticketText(judgement, data.version);
    const { duration } = performance.measure('verdict', 'evidence');
    byId('took').textContent = `Judged in ${Math.max(1, Math.round(duration))} ms, in this page.`;
    const problem = linkProblem();
    byId('no-link').textContent = problem ?? '';
    byId('make-link', HTMLButtonElement).disabled = problem !== undefined;
  } catch (error) {
    if (mine !== run) return;
    // No evidence leads here. If one does, the page must not look as if it had judged it.
    const title = 'This page has failed';
    const fault = nothing(title, 'That is a fault of the page, and no verdict on the evidence.', String(error));
    const at = new Date();
    const judgement = await judge(fault, { ...BARE, at, now: at, anchor: 'apple', trustAnchors: undefined });
    if (mine !== run) return;
    renderResult(judgement, at);
    ticketField.value = ticketText(judgement, data.version);
  }
}

const NOT_SHOWN = 'Too long or too odd to show in the field, and judged all the same.';

/** Shows evidence, and where it is from. What a field would take long to draw is not shown in it. */
function show(text: string | undefined, from: string): void {
  const isShown = text === undefined || isDrawable(text);
  const value = isShown ? (text ?? '') : '';
  // What somebody typed stays as it is, with the cursor in it.
  if (field.value !== value) field.value = value;
  origin.textContent = isShown ? from : [from, NOT_SHOWN].filter(Boolean).join('. ');
}

/** Takes what somebody put in. The settings of a sample do not judge it, nor does a time that has passed. */
function take(evidence: Uint8Array | Evidence | undefined, text: string | undefined, from: string): void {
  given++;
  input = evidence;
  show(text, from);
  isOfLink = false;
  if (isSample) {
    isSample = false;
    if (!chosen.has('anchor')) anchorField.value = 'apple';
    if (!chosen.has('freshness')) [modeField.value, typedField.value] = ['none', ''];
  }
  if (!chosen.has('at')) setAt(new Date());
  markSample(undefined);
  void update().then(() => {
    if (evidence !== undefined) showResultOnNarrowScreens();
  });
}

function takeText(text: string, from = ''): void {
  if (text.length > MAX_INPUT_BYTES) take(tooLarge(text.length), undefined, from);
  else if (text.trim() === '') take(undefined, isDrawable(text) ? text : undefined, '');
  else take(new TextEncoder().encode(text), text, from);
}

async function takeFiles(files: readonly File[]): Promise<void> {
  const [file] = files;
  if (file === undefined) return;
  const mine = ++given;
  const isTogether = files.reduce((sum, { size }) => sum + size, 0) <= MAX_INPUT_BYTES;
  const contents = await Promise.all((isTogether ? files : [file]).map(readFile));
  // Something else was put in since.
  if (mine !== given) return;
  const joined = files.length > 1 && contents.length === files.length ? joinContents(contents) : undefined;
  if (joined !== undefined) {
    take(new TextEncoder().encode(joined), joined, `The certificates of ${counted(files.length, 'file')}`);
    return;
  }
  const read = contents[0]!;
  const text = read instanceof Uint8Array ? textOfBytes(read) : undefined;
  const from = `${shown(file.name.slice(0, 80))}, ${counted(file.size, 'byte')}`;
  take(read, text, files.length > 1 ? `${from}. It alone of ${files.length} files was looked at` : from);
}

function joinContents(contents: readonly (Uint8Array | Evidence)[]): string | undefined {
  const bytes = contents.filter((one) => one instanceof Uint8Array);
  return bytes.length === contents.length ? joinFiles(bytes) : undefined;
}

function takeSample(sample: Sample): void {
  chosen.clear();
  isSample = true;
  isOfLink = false;
  given++;
  input = new TextEncoder().encode(sample.text);
  show(sample.text, sample.id.startsWith('made/') ? 'Sample' : `Sample, made of the test vector ${sample.id}`);
  setAt(new Date(sample.at));
  anchorField.value = 'test';
  [modeField.value, typedField.value] = [sample.mode, sample.typed];
  markSample(sample.id);
  void update().then(showResultOnNarrowScreens);
}

function takeLink({ evidence, at, anchor, mode, typed }: LinkState): void {
  chosen.clear();
  isSample = true;
  isOfLink = true;
  given++;
  input = evidence;
  show(textOfBytes(evidence), `From a link, ${counted(evidence.length, 'byte')}`);
  setAt(at);
  anchorField.value = anchor;
  // A link carries no other root, and the one that stands there is not what its sender judged by.
  if (anchor === 'other') anchorPem.value = '';
  [modeField.value, typedField.value] = [mode, typed];
  markSample(undefined);
  void update();
}

function showResultOnNarrowScreens(): void {
  if (matchMedia('(max-width: 60rem)').matches) byId('result').scrollIntoView();
}

function markSample(id: string | undefined): void {
  for (const button of byId('samples').querySelectorAll<HTMLElement>('button'))
    button.setAttribute('aria-pressed', String(button.dataset['id'] === id));
}

function drawSamples(): void {
  for (const group of new Set(data.samples.map((sample) => sample.group))) {
    const buttons = data.samples
      .filter((sample) => sample.group === group)
      .map((sample) => {
        const button = element(
          'button',
          { type: 'button', 'data-id': sample.id, 'aria-pressed': 'false' },
          sample.title,
        );
        button.addEventListener('click', () => takeSample(sample));
        return element('li', {}, button);
      });
    byId('samples').append(element('h3', {}, group), element('ul', {}, ...buttons));
  }
}

function forgetLink(): void {
  byId('link-row').hidden = true;
  byId('make-link', HTMLButtonElement).disabled = true;
  byId('no-link').textContent = '';
  if (isLink(location.hash)) history.replaceState(null, '', `${location.pathname}${location.search}`);
}

/** Why there is no link to what is in the page; undefined if there is one. */
function linkProblem(): string | undefined {
  if (!(input instanceof Uint8Array)) return 'No link: there is no evidence.';
  if (input.length > MAX_LINK_BYTES) return 'No link: the evidence is too long for one.';
  return anchorField.value === 'other' ? 'No link: it would not carry the other root.' : undefined;
}

function makeLink(): void {
  if (!(input instanceof Uint8Array)) return;
  const state = {
    evidence: input,
    at: readAt() ?? new Date(),
    anchor: anchorField.value as AnchorName,
    mode: modeField.value as FreshnessMode,
  };
  history.replaceState(null, '', fragmentOf({ ...state, typed: typedField.value }));
  linkField.value = location.href;
  byId('link-row').hidden = false;
  linkField.focus();
  linkField.select();
}

async function copyTicket(): Promise<void> {
  const said = byId('copied');
  try {
    await navigator.clipboard.writeText(ticketField.value);
    said.textContent = 'Copied.';
  } catch {
    byId('ticket-details', HTMLDetailsElement).open = true;
    ticketField.focus();
    ticketField.select();
    said.textContent = 'The browser does not let the page copy: it is selected, copy it yourself.';
  }
}

/** A fragment of this page's, and not the place of the verdict in it. */
function isLink(fragment: string): boolean {
  return fragment.startsWith('#v=');
}

function readLocation(): void {
  if (!isLink(location.hash)) return;
  const state = readFragment(location.hash);
  if (state !== undefined) takeLink(state);
  else {
    const sentence = 'It was cut off on its way, or made by something else.';
    take(nothing('This link holds no evidence', sentence), undefined, '');
  }
}

function start(): void {
  // A browser gives WebCrypto to secure pages alone, and its types do not say so.
  if ((crypto.subtle as SubtleCrypto | undefined) === undefined) {
    byId('insecure').hidden = false;
    return;
  }
  drawSamples();
  if (matchMedia('(max-width: 60rem)').matches) byId('samples-details', HTMLDetailsElement).open = false;
  setAt(new Date());
  showFields();
  connectInput({ field, takeText, takeFiles: (files) => void takeFiles(files), edit: () => editField() });
  atField.addEventListener('input', () => change('at'));
  byId('now').addEventListener('click', () => {
    setAt(new Date());
    change('at');
  });
  for (const one of [anchorField, anchorPem]) one.addEventListener('input', () => change('anchor'));
  typedField.addEventListener('input', () => change('freshness'));
  modeField.addEventListener('input', () => {
    // What the sender of a link typed does not become the reader's because it is read in another way.
    if (isOfLink && !chosen.has('freshness')) typedField.value = '';
    change('freshness');
  });
  byId('clear').addEventListener('click', () => {
    chosen.clear();
    take(undefined, undefined, '');
    field.focus();
  });
  byId('make-link').addEventListener('click', makeLink);
  byId('copy').addEventListener('click', () => void copyTicket());
  byId('first-sample').addEventListener('click', () => takeSample(data.samples[0]!));
  addEventListener('hashchange', readLocation);
  readLocation();
  // The first use of WebCrypto is slow: it is over before anybody has pasted anything.
  setTimeout(() => void warmUp(), 50);
}

async function warmUp(): Promise<void> {
  const { text, at } = data.samples[0]!;
  const settings = { ...BARE, at: new Date(at), now: new Date(), anchor: 'test', trustAnchors: [testRoot] } as const;
  await judge(recognise(new TextEncoder().encode(text)), settings);
}

/** Somebody typed in the field: what is there is still the sample or the file, altered. */
function editField(): void {
  const text = field.value;
  if (text.trim() === '' || input === undefined || text.length > MAX_INPUT_BYTES) {
    takeText(text);
    return;
  }
  given++;
  input = new TextEncoder().encode(text);
  origin.textContent = isSample ? 'A sample, altered' : '';
  void update();
}

function change(setting: 'at' | 'anchor' | 'freshness'): void {
  chosen.add(setting);
  void update();
}

start();
