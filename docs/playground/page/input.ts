import { byId } from './dom.ts';
import { type Evidence, MAX_INPUT_BYTES } from './evidence.ts';
import { nothing } from './foreign.ts';
import { tooLarge } from './recognise.ts';

interface Takers {
  readonly field: HTMLTextAreaElement;
  /** New evidence, as text. */
  readonly takeText: (text: string, from?: string) => void;
  readonly takeFiles: (files: readonly File[]) => void;
  /** What is in the field was altered. */
  readonly edit: () => void;
}

/** The ways in: the field, a file that is opened, and whatever is dropped or pasted anywhere on the page. */
export function connectInput({ field, takeText, takeFiles, edit }: Takers): void {
  // What is pasted over everything is other evidence; a letter more or less is the same, altered.
  let isOther = true;
  field.addEventListener('beforeinput', ({ inputType }) => {
    const isWhole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    isOther = field.value === '' || (isWhole && inputType.startsWith('insertFrom'));
  });
  field.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.getData('text') ?? '';
    const { value, selectionStart, selectionEnd } = field;
    const text = value.slice(0, selectionStart) + pasted + value.slice(selectionEnd);
    if (isDrawable(text)) return;
    event.preventDefault();
    takeText(text, 'Pasted');
  });
  field.addEventListener('input', () => {
    if (isOther || field.value === '') takeText(field.value);
    else edit();
  });

  const opener = byId('file', HTMLInputElement);
  byId('open').addEventListener('click', () => opener.click());
  opener.addEventListener('change', () => {
    takeFiles([...(opener.files ?? [])]);
    // The same file may be opened again, altered.
    opener.value = '';
  });

  document.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const isField = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if (files.length > 0) takeFiles(files);
    else if (!isField) takeText(event.clipboardData?.getData('text') ?? '', 'Pasted');
    else return;
    event.preventDefault();
  });

  const dragging = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    document.documentElement.classList.toggle('dragging', is);
  };
  document.addEventListener('dragover', dragging(true));
  document.addEventListener('dragleave', dragging(false));
  document.addEventListener('drop', (event) => {
    dragging(false)(event);
    const files = [...(event.dataTransfer?.files ?? [])];
    const text = event.dataTransfer?.getData('text') ?? '';
    if (files.length > 0) takeFiles(files);
    else if (text !== '') takeText(text, 'Dropped');
  });
}

/** Named limits: beyond them the field of a browser takes seconds to draw, and a page that draws cannot be used. */
const MAX_DRAWN_CHARACTERS = 65_536;
const MAX_DRAWN_LINES = 5_000;
/** A character with more marks on it than any language has. */
const STACKED_MARKS = /\p{M}{13}/u;

/** Whether a field can draw a text at once. Judging takes far more, and as little time. */
export function isDrawable(text: string): boolean {
  if (text.length > MAX_DRAWN_CHARACTERS || STACKED_MARKS.test(text)) return false;
  return text.split(/[\n\r\u2028\u2029]/, MAX_DRAWN_LINES + 1).length <= MAX_DRAWN_LINES;
}

/** The bytes of a file; what is too large is not read, and what cannot be read says so. */
export async function readFile(file: File): Promise<Uint8Array | Evidence> {
  if (file.size > MAX_INPUT_BYTES) return tooLarge(file.size);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    return nothing('It cannot be read', 'It may be a folder, or a file that was moved. Drop one file.');
  }
}

/** The text of bytes that are one, for the field; undefined for anything else. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Controls but tab, line feed and carriage return: a field would drop them, and judge something else.
    return /[\0-\x08\v\f\x0e-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
