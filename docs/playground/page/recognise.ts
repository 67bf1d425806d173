import { parseAttestationObject } from '../../../src/acme/attestation-object.ts';
import { readChallengePayload } from '../../../src/acme/challenge-payload.ts';
import { splitDer } from '../../../src/cli/split-der.ts';
import { fromBase64, fromBase64Url } from '../../../src/core/base64.ts';
import { isBytes } from '../../../src/core/bytes.ts';
import { decodeCbor } from '../../../src/core/cbor.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { fromPem } from '../../../src/core/pem.ts';
import { type Evidence, MAX_INPUT_BYTES } from './evidence.ts';
import { foreignFile, NEEDED, nothing } from './foreign.ts';
import { recognisePlist, recogniseSignedProfile } from './recognise-plist.ts';

const OBJECT = { format: 'attestation object', reference: 'draft-ietf-acme-device-attest; RFC 8949' };
const PAYLOAD = { format: 'payload of an ACME response', reference: 'draft-ietf-acme-device-attest; RFC 8949' };

const UNREAD_REQUEST =
  '. The csr beside it was NOT looked at: put the chain and the request into one PEM text to compare them';

/** Recognises what was put in by what it begins with. Never throws, and takes a time linear in the size. */
export function recognise(bytes: Uint8Array): Evidence {
  if (bytes.length === 0) return nothing('There is nothing in it', 'The file or the text is empty.', NEEDED);
  if (bytes.length > MAX_INPUT_BYTES) return tooLarge(bytes.length);
  return foreignFile(bytes) ?? recogniseBinary(bytes, '') ?? recogniseText(bytes);
}

export function tooLarge(size: number): Evidence {
  const megabytes = (size / 1_048_576).toFixed(size < 10_485_760 ? 1 : 0);
  return nothing(
    'Too large to be an attestation',
    `It has ${megabytes} MB and was not read. An attestation has about 3 kB; this page takes up to 1 MB.`,
    'If it is the log of a server, paste the one message in question.',
  );
}

/** Runs what may throw an error of the library, and keeps the error as evidence. */
function keeping(about: { readonly format: string; readonly reference: string }, decode: () => Evidence): Evidence {
  try {
    return decode();
  } catch (error) {
    if (error instanceof AttestationError) return { kind: 'broken', ...about, error };
    throw error;
  }
}

function chain(
  format: string,
  reference: string,
  certificates: readonly Uint8Array[],
  request?: Uint8Array,
): Evidence & { readonly kind: 'chain' } {
  return { kind: 'chain', format, reference, certificates, request };
}

/** DER and CBOR; undefined for anything else. `packed` says what it came out of. */
function recogniseBinary(bytes: Uint8Array, packed: string): Evidence | undefined {
  const [first = 0, second = 0] = bytes;
  if (first === 0x30 && second >= 0x80) return recogniseDer(bytes, packed);
  if (first >> 5 === 5) return recogniseObject(bytes, { ...OBJECT, format: `${packed}${OBJECT.format}` });
  return undefined;
}

const SIGNED_DATA = '2a864886f70d010702';

/** The kinds of a SEQUENCE that end up here, by the tags inside of it. */
function recogniseDer(bytes: Uint8Array, packed: string): Evidence {
  const outer = contentOf(bytes, 0);
  const tag = bytes[outer];
  if (tag === 0x06) {
    const oid = Array.from(bytes.subarray(outer + 2, outer + 11), (byte) => byte.toString(16).padStart(2, '0')).join(
      '',
    );
    if (oid === SIGNED_DATA) return recogniseSignedProfile(bytes);
  }
  if (tag === 0x02)
    return nothing(
      'This looks like a key or a PKCS #12 file',
      'It begins like a private key or a key store, and not like a certificate. It was not looked at any further.',
      NEEDED,
    );
  if (tag === 0x30) {
    const inner = contentOf(bytes, outer);
    if (bytes[inner] === 0x06)
      return nothing(
        'A public key alone',
        'It has no certificate around it, so nobody attests anything of it.',
        NEEDED,
      );
    if (bytes[inner] === 0x02 && bytes[inner + 2] === 0 && bytes[inner + 3] === 0x30)
      return { kind: 'request', format: `${packed}certificate request (PKCS #10)`, der: bytes };
  }
  return chain(`${packed}DER`, 'X.690, 10', splitDer(bytes));
}

/** Where the content of a value begins, whatever its length says: enough to look at the tag that follows. */
function contentOf(bytes: Uint8Array, offset: number): number {
  const form = bytes[offset + 1] ?? 0;
  return offset + 2 + (form > 0x80 && form <= 0x84 ? form - 0x80 : 0);
}

const IN_THE_CERTIFICATES = /^ERR_MDA_(?:DER|CERTIFICATE|KEY|CHAIN)_/;

function recogniseObject(bytes: Uint8Array, about: { readonly format: string; readonly reference: string }): Evidence {
  try {
    return chain(about.format, about.reference, parseAttestationObject(bytes).x5c);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    // The object is in order and a certificate in it is not: then the certificates are what there is to see.
    const certificates = IN_THE_CERTIFICATES.test(error.code) ? certificatesIn(bytes) : undefined;
    return certificates ? chain(about.format, about.reference, certificates) : { kind: 'broken', ...about, error };
  }
}

function certificatesIn(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const object: unknown = decodeCbor(bytes);
  const statement: unknown = object instanceof Map ? object.get('attStmt') : undefined;
  const x5c: unknown = statement instanceof Map ? statement.get('x5c') : undefined;
  return Array.isArray(x5c) && x5c.every(isBytes) ? x5c : undefined;
}

function recogniseText(bytes: Uint8Array): Evidence {
  // Not fatal: a PEM file may have a comment in any encoding. A byte order mark is dropped.
  const text = new TextDecoder().decode(bytes).trim();
  if (text === '') return nothing('There is nothing in it', 'It is white space alone.', NEEDED);
  if (text.startsWith('<')) return recognisePlist(bytes, text);
  if (/^[[{]/.test(text)) return recogniseJson(text, 0);
  if (text.includes('-----BEGIN ')) return recognisePem(text);
  return recogniseBase64(text) ?? unknown(bytes);
}

function unknown(bytes: Uint8Array): Evidence {
  const isText = !bytes.subarray(0, 512).some((byte) => byte < 9);
  return nothing(
    'Nothing to judge in this',
    isText ? 'It is a text, and holds no attestation that this page knows.' : 'Its format was not recognised.',
    NEEDED,
  );
}

function recogniseJson(text: string, depth: number): Evidence {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nothing('Broken JSON', 'It begins like JSON and does not parse: a part may be missing.', NEEDED);
  }
  if (Array.isArray(value)) return recogniseList('JSON array of base64', value);
  const members = new Map<string, unknown>(Object.entries(value as object));
  const payload = members.get('payload');
  // The body of an ACME request: what is signed is the payload. Its signature is not looked at.
  if (typeof payload === 'string' && members.has('protected') && depth === 0)
    return keeping(PAYLOAD, () => recogniseJson(new TextDecoder().decode(fromBase64Url(payload)), 1));
  const attObj = members.get('attObj');
  const unread = members.has('csr') ? UNREAD_REQUEST : '';
  const object = { ...PAYLOAD, format: `${PAYLOAD.format}${unread}` };
  if (typeof attObj === 'string') return keeping(object, () => recogniseObject(fromBase64Url(attObj), object));
  const x5c = members.get('x5c');
  if (Array.isArray(x5c)) return recogniseList(`JSON with x5c${unread}`, x5c);
  if (members.has('attObj') || members.has('error') || members.size === 0)
    return keeping(PAYLOAD, () => {
      readChallengePayload(value);
      throw new AttestationError('ERR_MDA_CHALLENGE_PAYLOAD');
    });
  return nothing('No attestation in this JSON', 'It has neither attObj nor x5c.', NEEDED);
}

function recogniseList(format: string, list: readonly unknown[]): Evidence {
  const reference = 'RFC 8259; RFC 4648, 4';
  if (!list.every((item) => typeof item === 'string'))
    return nothing('No certificates in this JSON', 'The array should hold the base64 of each certificate.', NEEDED);
  return keeping({ format, reference }, () => chain(format, reference, list.map(fromBase64)));
}

const PEM_LABEL = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;
const REQUEST_BLOCK =
  /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\w+/=\s]*)-----END (?:NEW )?CERTIFICATE REQUEST-----/;

function recognisePem(text: string): Evidence {
  const labels = [...text.matchAll(PEM_LABEL)].map(([, label]) => label!);
  if (labels.some((label) => label.endsWith('PRIVATE KEY')))
    return nothing(
      'This text has a private key',
      'Take it out, and put in the certificates alone. Nothing has left this page; but if the key came through a clipboard or a chat, consider making a new one.',
    );
  if (labels.some((label) => label === 'PKCS7' || label === 'CMS'))
    return nothing('A PKCS #7 container', 'Take the certificates out first: openssl pkcs7 -print_certs', NEEDED);
  const about = { format: 'PEM', reference: 'RFC 7468' };
  const [block, body] = REQUEST_BLOCK.exec(text) ?? [];
  if (block === undefined) return keeping(about, () => chain(about.format, about.reference, fromPem(text)));
  return keeping(about, () => {
    const request = fromBase64(body!.replace(/\s+/g, ''));
    if (!labels.includes('CERTIFICATE'))
      return { kind: 'request', format: 'PEM, certificate request (PKCS #10)', der: request };
    return chain('PEM, with a certificate request', about.reference, fromPem(text.replace(block, '')), request);
  });
}

/** A certificate, a property list, or a map of CBOR whose first key is a text: any word that begins with o to v is the base64 of a map. */
function isPacked(base64: string): boolean {
  if (/^(?:MI|PD9|PHBs)/.test(base64)) return true;
  const start = /^[\w+/-]{4}/.exec(base64)?.[0].replaceAll('-', '+').replaceAll('_', '/');
  if (start === undefined) return false;
  const [first, second] = atob(start);
  return first!.charCodeAt(0) >> 5 === 5 && second!.charCodeAt(0) >> 5 === 3;
}

/** `base64` wraps its output at 76 characters; no certificate fits into so few. */
const MAX_WRAPPED_LINE_CHARACTERS = 76;

function recogniseBase64(text: string): Evidence | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (!lines.every((line) => /^[\w+/=-]+$/.test(line))) return undefined;
  const whole = lines.join('');
  const isUrl = !/[+/=]/.test(whole) && (/[-_]/.test(whole) || whole.length % 4 !== 0);
  const format = isUrl ? 'base64url' : 'base64';
  const reference = `RFC 4648, ${isUrl ? 5 : 4}`;
  const decode = isUrl ? fromBase64Url : fromBase64;
  if (!isPacked(whole)) return undefined;
  return keeping({ format, reference }, () => {
    if (whole.startsWith('MI') && lines.some((line) => line.length > MAX_WRAPPED_LINE_CHARACTERS) && lines.length > 1)
      return chain(`${format}, a certificate a line`, reference, lines.map(decode));
    const bytes = decode(whole);
    if (whole.startsWith('P')) return recognisePlist(bytes, new TextDecoder().decode(bytes).trim());
    return recogniseBinary(bytes, `${format}, `) ?? unknown(bytes);
  });
}
