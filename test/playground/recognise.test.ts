import { describe, expect, it } from 'vitest';
import { type Evidence, MAX_INPUT_BYTES } from '../../docs/playground/page/evidence.ts';
import { recognise } from '../../docs/playground/page/recognise.ts';
import { toBase64, toBase64Url, toPem } from '../../src/index.ts';
import { encodeAttestationObject } from '../../src/testing/index.ts';
import { bodyOf } from '../support/mdm.ts';
import { mintChain } from '../support/mint.ts';

const { x5c, leaf, subCa } = await mintChain();
const object = encodeAttestationObject(x5c);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const kindOf = (bytes: Uint8Array): Evidence['kind'] => recognise(bytes).kind;

const payload = JSON.stringify({ attObj: toBase64Url(object) });
const jws = JSON.stringify({ protected: 'e30', payload: toBase64Url(text(payload)), signature: 'AA' });

describe('a chain is recognised as', () => {
  it.each([
    ['PEM', text(toPem(x5c))],
    ['PEM with text around it', text(`subject=leaf\r\n${toPem(x5c).replaceAll('\n', '\r\n')}\n`)],
    ['PEM with a byte order mark', text(`\ufeff${toPem(x5c)}`)],
    ['DER, one after the other', join(leaf, subCa)],
    ['base64, a line each', text(x5c.map(toBase64).join('\n'))],
    ['a JSON array', text(JSON.stringify(x5c.map(toBase64)))],
    ['JSON with x5c', text(JSON.stringify({ x5c: x5c.map(toBase64) }))],
    ['an attestation object', object],
    ['an attestation object in base64url', text(toBase64Url(object))],
    ['an attestation object in base64', text(toBase64(object))],
    ['an attestation object in wrapped base64', text(toBase64(object).replace(/.{64}/g, '$&\n'))],
    ['the payload of a response', text(payload)],
    ['the request of an ACME client', text(jws)],
  ])('%s', (_, bytes) => {
    const evidence = recognise(bytes);
    expect(evidence.kind).toBe('chain');
    if (evidence.kind === 'chain') expect(evidence.certificates.map(toBase64)).toEqual(x5c.map(toBase64));
  });

  it.each([
    ['an attObj', { attObj: toBase64Url(object) }],
    ['an x5c', { x5c: x5c.map(toBase64) }],
  ])('%s, and says that a csr beside it was not looked at', (_, members) => {
    const formatOf = (value: object) => recognise(text(JSON.stringify(value)));
    expect(formatOf({ ...members, csr: 'AA' })).toMatchObject({
      kind: 'chain',
      format: expect.stringContaining('The csr beside it was NOT looked at') as string,
    });
    expect(JSON.stringify(formatOf(members))).not.toContain('csr');
  });

  it('base64 of a single certificate, in either alphabet', () => {
    expect(kindOf(text(toBase64(leaf)))).toBe('chain');
    expect(kindOf(text(toBase64Url(leaf)))).toBe('chain');
  });

  it('an attestation object of which a certificate does not parse', () => {
    expect(kindOf(encodeAttestationObject([leaf.slice(0, -1), subCa]))).toBe('chain');
  });
});

describe('what breaks its format', () => {
  it.each([
    ['PEM without an end', text(toPem(leaf).slice(0, 200)), 'ERR_MDA_ENCODING_PEM'],
    ['JSON with a letter too many', text(JSON.stringify([`${toBase64(leaf)}A`])), 'ERR_MDA_ENCODING_BASE64'],
    ['CBOR that is cut off', object.slice(0, 100), 'ERR_MDA_CBOR_TRUNCATED'],
    ['a client that did not attest', text('{}'), 'ERR_MDA_CHALLENGE_NOT_ATTESTED'],
    ['a client that could not attest', text('{"error":"<b>no</b>"}'), 'ERR_MDA_CHALLENGE_CLIENT_ERROR'],
    ['an attObj that is no text', text('{"attObj":1}'), 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['a property list with an entity', text('<!DOCTYPE plist [<!ENTITY a "b">]><plist/>'), 'ERR_MDA_PLIST_DOCTYPE'],
    ['an answer without a status', bodyOf({ Status: undefined }), 'ERR_MDA_RESPONSE_STATUS'],
  ] as const)('%s', (_, bytes, code) => {
    expect(recognise(bytes)).toMatchObject({ kind: 'broken', error: { code } });
  });
});

const PLIST = '<plist version="1.0"><dict><key>PayloadType</key><string>Configuration</string></dict></plist>';
/** ContentInfo of signedData (RFC 5652), and what is signed somewhere in it. */
const signed = (content: string): Uint8Array =>
  join(Uint8Array.of(0x30, 0x82, 2, 0, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2), text(content));

describe('around an attestation', () => {
  it.each([
    ['an answer', bodyOf({ QueryResponses: {} }), 'answer'],
    ['an idle device', bodyOf({ Status: 'Idle' }), 'message'],
    ['a device that is busy', bodyOf({ Status: 'NotNow' }), 'message'],
    [
      'white space around an answer',
      text(`\n  ${new TextDecoder().decode(bodyOf({ QueryResponses: {} }))}\n`),
      'answer',
    ],
    ['a profile', text(PLIST), 'profile'],
    ['a signed profile', signed(PLIST), 'profile'],
    ['a signed profile in pieces', signed(PLIST.replace('<string>', '\u0004\u0010<str')), 'other'],
    ['a signed container of something else', signed('hello'), 'other'],
    ['a command', text('<plist version="1.0"><dict><key>Command</key><dict/></dict></plist>'), 'other'],
    ['a check-in', text('<plist version="1.0"><dict><key>MessageType</key><string/></dict></plist>'), 'other'],
  ] as const)('%s', (_, bytes, kind) => {
    expect(kindOf(bytes)).toBe(kind);
  });

  it('takes a signed profile for what it is', () => {
    expect(recognise(signed(PLIST))).toMatchObject({ kind: 'profile', isSigned: true });
  });
});

describe('anything else has an answer, too', () => {
  it.each([
    ['nothing', new Uint8Array()],
    ['white space', text(' \n\t ')],
    ['a photo', join(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), new Uint8Array(5000))],
    ['a PNG', join(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), new Uint8Array(100))],
    ['a PDF', text('%PDF-1.7')],
    ['a binary property list', text('bplist00')],
    ['a web page', text('<!doctype html><title>Sign in</title>')],
    ['a private key', text('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')],
    [
      'a chain with its private key',
      text(`${toPem(x5c)}-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----`),
    ],
    ['PKCS #7', text('-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----')],
    ['JSON of something else', text('{"a":1}')],
    ['broken JSON', text('{"attObj":')],
    ['numbers', text('[1,2]')],
    ['a word', text('overview')],
    ['prose', text('To whom it may concern')],
    ['zeros', new Uint8Array(1000)],
    ['too much', new Uint8Array(MAX_INPUT_BYTES + 1)],
    ['a PKCS #8 key in DER', Uint8Array.of(0x30, 0x81, 0x87, 2, 1, 0, 0x30, 0x13)],
    ['a public key', Uint8Array.of(0x30, 0x81, 0x87, 0x30, 0x13, 6, 7)],
  ])('%s', (_, bytes) => {
    const evidence = recognise(bytes);
    expect(evidence.kind).toBe('other');
    if (evidence.kind === 'other') expect(evidence.sentences.join(' ').length).toBeGreaterThan(20);
  });

  it('says of UTF-16 how to save it', () => {
    const pem = new Uint8Array(Uint16Array.from(`\ufeff${toPem(x5c)}`, (letter) => letter.charCodeAt(0)).buffer);
    const swapped = pem.map((_, index) => pem[index ^ 1]!);
    for (const bytes of [pem, swapped])
      expect(recognise(bytes)).toMatchObject({ kind: 'other', title: 'This is UTF-16: save it as UTF-8' });
  });

  it('whatever it begins with', () => {
    for (let first = 0; first < 256; first++)
      for (const second of [0, 0x30, 0x80, 0x82, 0xff])
        expect(recognise(Uint8Array.of(first, second, 3, 4, 5, 6, 7, 8)).kind).toBeTypeOf('string');
  });

  it('in a time that does not depend on what it is, up to the limit', () => {
    const fillers = [
      'A',
      'M',
      '-',
      '<',
      '[',
      '{',
      ' ',
      '\n',
      '-----BEGIN ',
      '-----BEGIN CERTIFICATE REQUEST-----',
      '<a>',
      '\\',
    ];
    for (const filler of fillers) {
      const start = performance.now();
      recognise(text(filler.repeat(Math.floor(1_000_000 / filler.length))));
      console.log(`recognise 1 MB of ${JSON.stringify(filler)}: ${Math.round(performance.now() - start)} ms`);
    }
  }, 30_000);
});
