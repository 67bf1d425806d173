import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  firstIdentification,
  identifierIsSerialNumber,
  identifierIsUdid,
  type Identify,
} from '../../src/acme/index.ts';
import type { VerifiedAttestation } from '../../src/index.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import {
  permanentIdentifier,
  SERIAL_NUMBER,
  TOKEN,
  UDID,
  USER_ENROLLMENT,
  verifiedAttestation,
} from '../support/acme.ts';
import { AT } from '../support/mint.ts';

let attestation: VerifiedAttestation;
let userEnrollment: VerifiedAttestation;

beforeAll(async () => {
  attestation = await verifiedAttestation();
  userEnrollment = await verifiedAttestation(USER_ENROLLMENT);
});

const ask = async (identify: Identify, value: string, of = attestation, type = 'permanent-identifier') =>
  identify({ identifier: { type, value }, attestation: of, token: TOKEN, at: AT });

/** The codes of a no; empty for a yes. */
async function codes(...question: Parameters<typeof ask>): Promise<string[]> {
  const identification = await ask(...question);
  return identification.identified ? [] : identification.reasons.map(({ code }) => code);
}

describe.each([
  ['serial number', identifierIsSerialNumber, SERIAL_NUMBER, 'serial-number', '9.1'],
  ['UDID', identifierIsUdid, UDID, 'udid', '9.2'],
] as const)('the %s', (_, identify, value, by, arcs) => {
  it('identifies the device that has it', async () => {
    expect(await ask(identify, value)).toEqual({ identified: true, by, device: value });
  });

  it.each<[string, (value: string) => string]>([
    ['nothing', () => ''],
    ['its beginning', (text) => text.slice(0, -1)],
    ['more than it', (text) => `${text}0`],
    ['it in lower case', (text) => text.toLowerCase()],
    ['white space before it', (text) => ` ${text}`],
    ['a line after it', (text) => `${text}\n`],
    ['a NUL after it', (text) => `${text}\0`],
    ['another first character', (text) => `X${text.slice(1)}`],
    ['another last character', (text) => `${text.slice(0, -1)}X`],
    ['wide digits', (text) => text.replace('1', '\uff11')],
  ])('is compared exactly: %s does not match', async (_change, change) => {
    const other = change(value);
    // A UDID of digits has no case.
    expect(await codes(identify, other)).toEqual(other === value ? [] : ['ERR_MDA_IDENTIFIER_MISMATCH']);
  });

  it('must be attested: absent, blank and malformed match nothing, not even themselves', async () => {
    for (const [bytesOf, text] of [
      [undefined, ''],
      [new Uint8Array(), ''],
      [bytes(' '), ' '],
      [bytes(`${value}\0`), `${value}\0`],
      [Uint8Array.of(0xff), '\ufffd'],
    ] as const) {
      const other = await verifiedAttestation({ [arcs]: bytesOf });
      expect(await codes(identify, text, other)).toEqual(['ERR_MDA_IDENTIFIER_NOT_ATTESTED']);
    }
  });

  it('is compared with a permanent-identifier alone', async () => {
    for (const type of ['hardware-module', 'dns', 'Permanent-Identifier', ''])
      expect(await codes(identify, value, attestation, type)).toEqual(['ERR_MDA_IDENTIFIER_TYPE']);
  });

  it('is not taken for another property', async () => {
    expect(await codes(identify, value === UDID ? SERIAL_NUMBER : UDID)).toEqual(['ERR_MDA_IDENTIFIER_MISMATCH']);
  });
});

it('compares code units: half of a surrogate pair is not the character that stands for it', async () => {
  const replacement = await verifiedAttestation({ '9.1': bytes('A\ufffd') });
  expect(await codes(identifierIsSerialNumber, 'A\ufffd', replacement)).toEqual([]);
  expect(await codes(identifierIsSerialNumber, 'A\ud800', replacement)).toEqual(['ERR_MDA_IDENTIFIER_MISMATCH']);
});

it('is refused at once if it is huge', async () => {
  expect(await codes(identifierIsSerialNumber, 'A'.repeat(2 ** 27))).toEqual(['ERR_MDA_IDENTIFIER_MISMATCH']);
});

describe('several', () => {
  it('are asked in their order, until one knows the device', async () => {
    const last = vi.fn<Identify>(() => ({ identified: true, by: 'the last' }));
    const identify = firstIdentification(identifierIsSerialNumber, identifierIsUdid, last);
    expect(await ask(identify, SERIAL_NUMBER)).toMatchObject({ by: 'serial-number' });
    expect(await ask(identify, UDID)).toMatchObject({ by: 'udid' });
    expect(last).not.toHaveBeenCalled();
    expect(await ask(identify, 'X')).toMatchObject({ by: 'the last' });
    expect(last).toHaveBeenCalledWith({ identifier: permanentIdentifier('X'), attestation, token: TOKEN, at: AT });
  });

  it('give the reasons of all, in their order', async () => {
    const own: Identify = () => Promise.resolve({ identified: false, reasons: [{ code: 'own', message: 'x' }] });
    const identify = firstIdentification(firstIdentification(identifierIsSerialNumber, own), identifierIsUdid);
    expect(await codes(identify, UDID, userEnrollment)).toEqual([
      'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
      'own',
      'ERR_MDA_IDENTIFIER_NOT_ATTESTED',
    ]);
  });

  it('must answer yes or no, each of them', async () => {
    const identify = firstIdentification(identifierIsSerialNumber, () => undefined as never);
    await expect(ask(identify, 'X')).rejects.toThrow(TypeError);
  });

  it('are functions, one at least', () => {
    expect(() => firstIdentification()).toThrow(TypeError);
    expect(() => firstIdentification(identifierIsUdid, undefined as never)).toThrow(TypeError);
  });
});
