import fc from 'fast-check';
import { build, parse } from 'plist';
import { describe, expect, it } from 'vitest';
import {
  type CommandResponse,
  parseCommandResponse,
  parsePlist,
  type PlistValue,
  skipDeviceCheck,
  verifyDeviceInformation,
  writePlist,
} from '../../src/mdm/index.ts';
import { AttestationError } from '../../src/index.ts';
import { runs, SEED, settings } from '../hostile/generators.ts';
import { COMMAND, encodePlist, UDID } from '../support/mdm.ts';
import { AT, FRESHNESS_CODE, mintChain } from '../support/mint.ts';

/** Random input, the same on every run: FUZZ_SEED and FUZZ_RUNS change that. */

console.log(`FUZZ_SEED=${SEED}`);

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The value, or undefined where it was refused. Whatever else is thrown fails the test. */
function readOf<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    expect(error.code).toMatch(/^ERR_MDA_(PLIST|RESPONSE)_/);
    return undefined;
  }
}

/** Text that XML can hold: carriage returns, astral characters, markup, and what looks like entities. */
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('&', '<', '>', '"', "'", '\r', '\n', '\t', ']]>', '&amp;', '<!--', '<true/>', '\u00a0', '😀'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 20,
  })
  .map((value) => value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ''));

const { value } = fc.letrec<{ value: PlistValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc
      .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
      .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)),
    fc.uint8Array({ maxLength: 100 }).map((bytes) => new Uint8Array(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
}));

/** As the witness has it: numbers, and objects. */
function plain(item: PlistValue): unknown {
  if (typeof item === 'bigint') return Number(item);
  if (Array.isArray(item)) return (item as readonly PlistValue[]).map(plain);
  if (!(item instanceof Map)) return item;
  return Object.fromEntries(Array.from(item as ReadonlyMap<string, PlistValue>, ([key, entry]) => [key, plain(entry)]));
}

/** The witness refuses the key `__proto__`, and ends lines where XML 1.0 does not. */
function isForWitness(item: PlistValue): boolean {
  if (typeof item === 'string') return item !== '__proto__' && !/[\u0085\u2028\u2029]/.test(item);
  if (Array.isArray(item)) return (item as readonly PlistValue[]).every(isForWitness);
  if (!(item instanceof Map)) return true;
  return [...(item as ReadonlyMap<string, PlistValue>)].flat().every(isForWitness);
}

describe('what is written', () => {
  it('is read as it was', () => {
    fc.assert(
      fc.property(value, (item) => {
        expect(parsePlist(encode(writePlist(item)))).toEqual(item);
      }),
      settings(500),
    );
  });

  it('is read alike by another reader', () => {
    fc.assert(
      fc.property(value.filter(isForWitness), (item) => {
        // Its own list of one thing is the thing.
        expect(parse(writePlist([item, true]))).toEqual(plain([item, true]));
      }),
      settings(500),
    );
  });

  it('by another writer is read as it was', () => {
    fc.assert(
      fc.property(value.filter(isForWitness), (item) => {
        const xml = build(plain([item]) as never);
        const read = readOf(() => parsePlist(encode(xml)));
        // It writes what XML cannot hold, and numbers in the form of a real that are whole.
        if (read !== undefined) expect(plain(read)).toEqual(plain([item]));
      }),
      settings(500),
    );
  });
});

const chain = await mintChain();

/** What a device sends, with its chain. */
const BODY = new TextDecoder().decode(
  encodePlist({
    CommandUUID: COMMAND,
    QueryResponses: {
      DevicePropertiesAttestation: chain.x5c as never,
      SerialNumber: 'SIMULATED1',
      OSVersion: '26.4.1',
      IsSupervised: true,
      BatteryLevel: 0.5,
      DeviceCapacity: 494.38,
      Date: AT,
      Nothing: {},
      List: ['a', 'b'],
    },
    Status: 'Acknowledged',
    UDID,
  }),
);

const PIECES = [
  '<',
  '>',
  '/',
  '&',
  ';',
  '"',
  '\r',
  '\0',
  '\u2028',
  '\ufeff',
  '\ud800',
  '&lt;',
  '&#60;',
  '&#x3c;',
  '&#0;',
  '&x;',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x ?>',
  '<!DOCTYPE plist>',
  '<!ENTITY a "b">',
  '<plist version="1.0">',
  '</plist>',
  '<dict>',
  '</dict>',
  '<dict/>',
  '<array>',
  '</array>',
  '<key>',
  '</key>',
  '<key>Status</key>',
  '<string>',
  '</string>',
  '<string>Idle</string>',
  '<true/>',
  '<integer>1</integer>',
  '<data>',
  '</data>',
  '<data/>',
  '<x a="b"/>',
  ' xmlns="x"',
];

interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly piece: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  // Anywhere, but for the base64, which is most of it.
  at: fc.oneof(fc.nat(700), fc.integer({ min: BODY.length - 900, max: BODY.length })),
  removed: fc.oneof(fc.constant(0), fc.nat(30)),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })),
});

const edited = fc
  .array(edit, { minLength: 1, maxLength: 4 })
  .map((edits) =>
    edits.reduce((body, { at, removed, piece }) => body.slice(0, at) + piece + body.slice(at + removed), BODY),
  );

describe('a body that was tampered with', () => {
  it('is refused with an AttestationError, or is read alike by another reader', () => {
    let read = 0;
    fc.assert(
      fc.property(edited, (body) => {
        const item = readOf(() => parsePlist(encode(body)));
        // The witness warns of a replacement character, which is what half a pair becomes.
        if (item === undefined || !isForWitness(item) || encode(body).includes(0xef)) return;
        read++;
        // What is read can be written, and is the same then.
        expect(parsePlist(encode(writePlist(item)))).toEqual(item);
        expect(parse(new TextDecoder().decode(encode(body)))).toEqual(plain(item));
      }),
      settings(1500),
    );
    expect(read).toBeGreaterThan(runs(1500) / 50);
  });

  it('says what it says, or is refused, and its chain is verified or refused', async () => {
    let parsed = 0;
    await fc.assert(
      fc.asyncProperty(edited, async (body) => {
        const response = readOf((): CommandResponse => parseCommandResponse(encode(body)));
        if (response?.status !== 'Acknowledged') return;
        parsed++;
        try {
          const verdict = await verifyDeviceInformation(response, {
            at: AT,
            request: { commandUUID: COMMAND, nonce: FRESHNESS_CODE },
            expectedDevice: skipDeviceCheck,
          });
          // No anchor of ours is given, so nothing but a chain that is not there gets here.
          expect(verdict.status).toBe('not-attested');
        } catch (error) {
          if (!(error instanceof AttestationError)) throw error;
        }
      }),
      settings(1000),
    );
    expect(parsed).toBeGreaterThan(runs(1000) / 50);
  });

  it('of any bytes is refused with an AttestationError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string().map(encode)), (bytes) => {
        expect(readOf(() => parseCommandResponse(bytes))).toBeUndefined();
      }),
      settings(2000),
    );
  });
});

describe('what was made to do harm', () => {
  const billion = `<!DOCTYPE plist [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, index) => `<!ENTITY ${'b'.repeat(index + 1)} "${`&${'b'.repeat(index) || 'a'};`.repeat(10)}">`).join('')}]>`;

  it.each<[string, string, string]>([
    ['a billion laughs', `${billion}<plist><string>&bbbbbbbbb;</string></plist>`, 'ERR_MDA_PLIST_DOCTYPE'],
    [
      'a file from outside',
      '<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]><plist><string>&x;</string></plist>',
      'ERR_MDA_PLIST_DOCTYPE',
    ],
    [
      'a document type from outside',
      '<!DOCTYPE plist SYSTEM "http://example.com/evil.dtd"><plist><true/></plist>',
      'ERR_MDA_PLIST_DOCTYPE',
    ],
    ['ten thousand levels', '<array>'.repeat(10_000), 'ERR_MDA_PLIST_DEPTH'],
    ['a quarter of a million tags', '<a>'.repeat(60_000), 'ERR_MDA_PLIST_DEPTH'],
    ['tags without end', '<'.repeat(196_608), 'ERR_MDA_PLIST_COUNT'],
    ['fewer tags without end', '<'.repeat(12_288), 'ERR_MDA_PLIST_XML'],
    ['tags that end at the end', `${'<'.repeat(12_287)}${' '.repeat(184_000)}>`, 'ERR_MDA_PLIST_XML'],
    ['ampersands', '&'.repeat(196_608), 'ERR_MDA_PLIST_ENTITY'],
    ['carriage returns', `<plist><string>${'\r'.repeat(196_000)}</string></plist>`, 'accepted'],
    ['references', `<plist><string>${'&#13;'.repeat(39_000)}</string></plist>`, 'accepted'],
    [
      'keys',
      `<plist><dict>${Array.from({ length: 3200 }, (_, index) => `<key>${index}</key><true/>`).join('')}</dict></plist>`,
      'accepted',
    ],
    ['white space in data', `<plist><data>${' '.repeat(196_000)}</data></plist>`, 'accepted'],
    ['a huge number', `<plist><integer>${'9'.repeat(196_000)}</integer></plist>`, 'ERR_MDA_PLIST_VALUE'],
    ['a huge real', `<plist><real>1${'0'.repeat(196_000)}</real></plist>`, 'ERR_MDA_PLIST_VALUE'],
    ['a huge attribute', `<plist><true ${'a'.repeat(196_000)}="b"/></plist>`, 'ERR_MDA_PLIST_MARKUP'],
    ['a name without end', `<plist><${'a'.repeat(196_000)}/></plist>`, 'ERR_MDA_PLIST_TYPE'],
  ])('%s', (_, body, expected) => {
    let outcome = 'accepted';
    try {
      parsePlist(encode(body));
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      outcome = error.code;
    }
    expect(outcome).toBe(expected);
  });
});
