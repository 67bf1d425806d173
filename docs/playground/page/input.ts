import { type Evidence, MAX_INPUT_BYTES } from './evidence.ts';
import { byId } from './dom.ts';
import { nothing } from './foreign.ts';
import { tooLarge } from './recognise.ts';

interface Takers {
  readonly field: HTMLTextAreaElement;
  /** New evidence, as text. */
  readonly takeText: (text: string, from?: string) => void;
  readonly takeFile: (file: File) => void;
  /** What is in the field was altered. */
  readonly edit: () => void;
}

/** The ways in: the field, a file that is opened, and whatever is dropped or pasted anywhere on the page. */
export function connectInput({ field, takeText, takeFile, edit }: Takers): void {
  // What is pasted over everything is other evidence; a letter more or less is the same, altered.
  let isOther = true;
  field.addEventListener('beforeinput', ({ inputType }) => {
    const isWhole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    isOther = field.value === '' || (isWhole && inputType.startsWith('insertFrom'));
  });
  field.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text') ?? '';
    // Too much to be drawn in a field, and to be judged.
    if (text.length <= MAX_INPUT_BYTES) return;
    event.preventDefault();
    field.value = '';
    takeText(text, 'Pasted');
  });
  field.addEventListener('input', () => {
    if (isOther || field.value === '') takeText(field.value);
    else edit();
  });

  const opener = byId('file', HTMLInputElement);
  byId('open').addEventListener('click', () => opener.click());
  opener.addEventListener('change', () => {
    const [file] = opener.files ?? [];
    // The same file may be opened again, altered.
    if (file !== undefined) takeFile(file);
    opener.value = '';
  });

  document.addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    const isField = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if (file !== undefined) takeFile(file);
    else if (!isField) {
      const text = event.clipboardData?.getData('text') ?? '';
      field.value = text.length > MAX_INPUT_BYTES ? '' : text;
      takeText(text, 'Pasted');
    } else return;
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
    const [file] = event.dataTransfer?.files ?? [];
    const text = event.dataTransfer?.getData('text') ?? '';
    if (file !== undefined) takeFile(file);
    else if (text !== '') {
      field.value = text.length > MAX_INPUT_BYTES ? '' : text;
      takeText(text, 'Dropped');
    }
  });
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
