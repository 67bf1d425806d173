import type { Evidence } from './evidence.ts';

/** What to put in, said wherever something else came. */
export const NEEDED =
  'Put in the certificates of an attestation (PEM, DER, base64), an attestation object, the payload of an ACME response, a device’s answer to DeviceInformation, or a configuration profile.';

export function nothing(title: string, ...sentences: readonly string[]): Evidence {
  return { kind: 'other', title, sentences };
}

const IN_UTF_8 = 'An editor asks for the encoding when it saves a file; PowerShell is told with -Encoding utf8.';

/** What the files begin with that come along by mistake. */
const BEGINNINGS: readonly (readonly [bytes: readonly number[], offset: number, title: string, sentence?: string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], 0, 'This is a picture (PNG)'],
  [[0xff, 0xd8, 0xff], 0, 'This is a photo (JPEG)'],
  [[0x47, 0x49, 0x46, 0x38], 0, 'This is a picture (GIF)'],
  [[0x57, 0x45, 0x42, 0x50], 8, 'This is a picture (WebP)'],
  [[0x66, 0x74, 0x79, 0x70], 4, 'This is a photo or a film (HEIC, MP4)'],
  [[0xff, 0xfe], 0, 'This is UTF-16: save it as UTF-8', IN_UTF_8],
  [[0xfe, 0xff], 0, 'This is UTF-16: save it as UTF-8', IN_UTF_8],
  [[0x25, 0x50, 0x44, 0x46], 0, 'This is a PDF'],
  [[0x50, 0x4b, 0x03, 0x04], 0, 'This is a ZIP archive', 'Unpack it first.'],
  [[0x1f, 0x8b], 0, 'This is compressed (gzip)', 'Unpack it first.'],
  [
    [0x62, 0x70, 0x6c, 0x69, 0x73, 0x74],
    0,
    'This is a binary property list',
    'Devices send XML. Turn it into XML first, on a Mac with: plutil -convert xml1 FILE',
  ],
];

/** A file of a kind that everybody knows and that is no evidence. */
export function foreignFile(bytes: Uint8Array): Evidence | undefined {
  const found = BEGINNINGS.find(([beginning, offset]) =>
    beginning.every((byte, index) => bytes[offset + index] === byte),
  );
  if (found === undefined) return undefined;
  const [, , title, sentence = 'There is no attestation in it that could be judged.'] = found;
  return nothing(title, sentence, NEEDED);
}
