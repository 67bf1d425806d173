import { describe, expect, it } from 'vitest';
import { appleEnterpriseAttestationRoot, fromPem, toPem } from '../../src/index.ts';
import { outcomeOf, refusalOf } from '../support/refusal.ts';

const root = appleEnterpriseAttestationRoot().der;
const PEM = toPem(root);
const SMALL = '-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n';
const ONE_TWO_THREE = Uint8Array.of(1, 2, 3);

describe('PEM that is written', () => {
  it('has 64 characters to a line and a line feed at the end of each', () => {
    const lines = PEM.split('\n');
    expect(lines[0]).toBe('-----BEGIN CERTIFICATE-----');
    expect(lines.slice(1, -3).every((line) => line.length === 64)).toBe(true);
    expect(lines.slice(-2)).toEqual(['-----END CERTIFICATE-----', '']);
    expect(PEM).not.toContain('\r');
  });

  it('reads back as the same bytes, one certificate or several', () => {
    expect(fromPem(PEM)).toEqual([root]);
    expect(toPem(ONE_TWO_THREE)).toBe(SMALL);
    expect(toPem([ONE_TWO_THREE, ONE_TWO_THREE])).toBe(SMALL + SMALL);
    expect(fromPem(toPem([root, ONE_TWO_THREE, root]))).toEqual([root, ONE_TWO_THREE, root]);
  });

  it('of no certificates is empty', () => {
    expect(toPem([])).toBe('');
  });

  it('of no bytes is a block without lines', () => {
    expect(toPem(new Uint8Array())).toBe('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n');
  });

  it('reads back from a big certificate', () => {
    const big = Uint8Array.from({ length: 150_000 }, (_, index) => index & 0xff);
    expect(Buffer.compare(fromPem(toPem(big))[0]!, big)).toBe(0);
  });

  it.each([undefined, null, 'text', [1, 2], [undefined], {}])('is of bytes alone: %o is a TypeError', (value) => {
    expect(() => toPem(value as never)).toThrow(TypeError);
  });
});

describe('PEM that is read', () => {
  it.each([
    ['text around the blocks', `subject=CN=x\n${SMALL}between\n${SMALL}after`, 2],
    ['CRLF', SMALL.replaceAll('\n', '\r\n'), 1],
    ['CR alone', SMALL.replaceAll('\n', '\r'), 1],
    ['spaces and tabs at the ends of lines', SMALL.replaceAll('\n', ' \t\n'), 1],
    ['lines of one character', SMALL.replace('AQID', 'A\nQ\nI\nD'), 1],
    ['empty lines', SMALL.replaceAll('\n', '\n\n'), 1],
    ['no line breaks at all', SMALL.replaceAll('\n', ''), 1],
    ['no line feed at the end', SMALL.trimEnd(), 1],
    ['a byte order mark before it', `\ufeff${SMALL}`, 1],
    ['text that is not ASCII before it', `Zertifikat für das Gerät\n${SMALL}`, 1],
    ['an END before the first BEGIN', `-----END CERTIFICATE-----\n${SMALL}`, 1],
    ['dashes of an END that look like those of a BEGIN', SMALL.trimEnd() + SMALL.slice('-----'.length), 1],
    ['an END with three dashes too many, which begin no block', SMALL.trimEnd() + SMALL.slice('--'.length), 1],
    ['262,144 characters', SMALL.padEnd(262_144), 1],
    ['blocks that touch each other', SMALL.trimEnd() + SMALL, 2],
  ])('may have %s', (_, text, count) => {
    expect(fromPem(text)).toEqual(Array.from({ length: count }, () => ONE_TWO_THREE));
  });

  it.each([
    ['nothing', ''],
    ['text alone', 'no certificate here'],
    ['base64 alone', 'AQID'],
    ['an END alone', '-----END CERTIFICATE-----'],
    ['a block that is not finished', '-----BEGIN CERTIFICATE-----\nAQID\n'],
    ['dashes of a BEGIN that are those of its END', '-----BEGIN CERTIFICATE-----END CERTIFICATE-----'],
    ['more than 262,144 characters', SMALL + ' '.repeat(262_144)],
    ['a BEGIN alone', '-----BEGIN CERTIFICATE-----'],
    ['a BEGIN that is cut off', '-----BEGIN CERTIFICATE'],
    ['a block within a block', `-----BEGIN CERTIFICATE-----\n${SMALL}-----END CERTIFICATE-----\n`],
    ['a BEGIN without an END, after an END', '-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nAQID\n'],
    ['a private key with the END of a certificate', SMALL.replace('BEGIN CERTIFICATE', 'BEGIN PRIVATE KEY')],
    ['an END of another label', SMALL.replace('END CERTIFICATE', 'END X509 CRL')],
    ['a BEGIN of another label', SMALL.replace('BEGIN CERTIFICATE', 'BEGIN X509 CRL')],
    ['a private key', SMALL.replaceAll('CERTIFICATE', 'PRIVATE KEY')],
    ['a request', SMALL.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')],
    ['an old label', SMALL.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['a label in lower case', SMALL.replaceAll('CERTIFICATE', 'certificate')],
    ['an empty label', SMALL.replaceAll('CERTIFICATE', '')],
    ['a private key after the certificate', SMALL + SMALL.replaceAll('CERTIFICATE', 'PRIVATE KEY')],
    ['a private key before the certificate', SMALL.replaceAll('CERTIFICATE', 'EC PRIVATE KEY') + SMALL],
    ['a second block that is not finished', `${SMALL}-----BEGIN CERTIFICATE-----\nAQID`],
    ['headers', SMALL.replace('AQID', 'Proc-Type: 4,ENCRYPTED\n\nAQID')],
    ['a hyphen too few at the end', SMALL.replace('CERTIFICATE-----\n-----', 'CERTIFICATE-----\n----').slice(0, -2)],
    ['a checksum as OpenPGP has', SMALL.replace('AQID', 'AQID\n=AQID')],
    ['base64 without its padding', SMALL.replace('AQID', 'Zg')],
    ['base64 that is not canonical', SMALL.replace('AQID', 'Zh==')],
    ['base64url', SMALL.replace('AQID', '-_-_')],
    ['a character that is not ASCII', SMALL.replace('AQID', 'AQIÄ')],
    ['a no-break space', SMALL.replace('AQID', 'AQ\u00a0ID')],
    ['a line separator', SMALL.replace('AQID', 'AQ\u2028ID')],
    ['a vertical tab', SMALL.replace('AQID', 'AQ\vID')],
    ['NUL', SMALL.replace('AQID', 'AQ\0ID')],
  ])('may not be or have %s', (_, text) => {
    expect(outcomeOf(() => fromPem(text))).toBe('ERR_MDA_ENCODING_PEM');
  });

  it('says where it stopped, and why', () => {
    const error = refusalOf(() => fromPem(`${SMALL}${SMALL.replace('AQID', '!')}`));
    expect(error.offset).toBe(SMALL.length + '-----BEGIN CERTIFICATE-----'.length);
    expect(error.cause).toHaveProperty('code', 'ERR_MDA_ENCODING_BASE64');
    expect(refusalOf(() => fromPem('abc')).offset).toBe(3);
    expect(refusalOf(() => fromPem(SMALL + SMALL.replaceAll('CERTIFICATE', 'PRIVATE KEY'))).offset).toBe(SMALL.length);
  });

  it.each([undefined, null, 1, root, [PEM], {}])('is text alone: %o is a TypeError', (value) => {
    expect(() => fromPem(value as never)).toThrow(TypeError);
  });
});
