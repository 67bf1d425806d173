import { describe, expect, it } from 'vitest';
import { parsePlist } from '../../src/mdm/index.ts';
import { MAX_PLIST_BYTES, MAX_PLIST_DEPTH, MAX_PLIST_TAGS } from '../../src/mdm/plist-value.ts';
import { outcomeOf, refusalOf } from '../support/refusal.ts';

const HEADER = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
`;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string) => parsePlist(encode(text));
const value = (xml: string) => parse(`${HEADER}<plist version="1.0">${xml}</plist>\n`);
const outcome = (text: string | Uint8Array) =>
  outcomeOf(() => parsePlist(typeof text === 'string' ? encode(text) : text));

describe('a property list', () => {
  it('is read with every type there is', () => {
    const xml = `
<dict>
\t<key>string</key>\t<string>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos; &#228;&#xe4; ä 😀</string>
\t<key>empty</key><string></string>
\t<key>none</key><string/>
\t<key>integer</key><integer>42</integer>
\t<key>negative</key><integer>-9223372036854775808</integer>
\t<key>signed</key><integer>+7</integer>
\t<key>largest</key><integer>18446744073709551615</integer>
\t<key>real</key><real>-1.5e3</real>
\t<key>true</key><true/>
\t<key>false</key><false></false>
\t<key>date</key><date>2024-02-29T23:59:59Z</date>
\t<key>data</key><data>
\t\tAQID
\t\tBA==
\t</data>
\t<key>no data</key><data></data>
\t<key>array</key><array><string>x</string><array/><dict/></array>
\t<key>__proto__</key><string>a key like any other</string>
\t<key></key><string>an empty key</string>
</dict>
`;
    expect(value(xml)).toEqual(
      new Map<string, unknown>([
        ['string', 'a & b <c> "d" \'e\' ää ä 😀'],
        ['empty', ''],
        ['none', ''],
        ['integer', 42n],
        ['negative', -(2n ** 63n)],
        ['signed', 7n],
        ['largest', 2n ** 64n - 1n],
        ['real', -1500],
        ['true', true],
        ['false', false],
        ['date', new Date('2024-02-29T23:59:59Z')],
        ['data', Uint8Array.of(1, 2, 3, 4)],
        ['no data', new Uint8Array()],
        ['array', ['x', [], new Map()]],
        ['__proto__', 'a key like any other'],
        ['', 'an empty key'],
      ]),
    );
  });

  it.each([
    ['<plist version="1.0"><true/></plist>'],
    ['<plist><true/></plist>'],
    ['<?xml version="1.0"?><plist version="1.0"><true/></plist>'],
    ['<?xml version="1.0" encoding="utf-8"?>\r\n<plist version="1.0">\r\n\t<true/>\r\n</plist>\r\n'],
    [`${HEADER}<plist version="1.0"><true/></plist>`],
    [HEADER.replace(/^<\?.*\n/, '') + '<plist version="1.0"><true/></plist>'],
  ])('may begin as %j', (text) => {
    expect(parse(text)).toBe(true);
  });

  it('has line feeds where it was sent with other line ends, and keeps a carriage return that is spelled out', () => {
    expect(value('<string>a\r\nb\rc&#13;d</string>')).toBe('a\nb\nc\rd');
  });

  it('may have a byte order mark in a text, where it is a character', () => {
    expect(value('<string>a\ufeffb</string>')).toBe('a\ufeffb');
  });

  it('has reals of many digits', () => {
    expect(value('<real>494384.7950405</real>')).toBe(494384.7950405);
    expect(value('<real>+12e+10</real>')).toBe(12e10);
  });

  it('hands out bytes of its own', () => {
    const text = encode('<plist><data>AQID</data></plist>');
    const data = parsePlist(text);
    text.fill(0);
    expect(data).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('is refused', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['a binary one', encode('bplist00\u0008'), 'ERR_MDA_PLIST_BINARY'],
    ['a binary one of any version', encode('bplist'), 'ERR_MDA_PLIST_BINARY'],
    ['nothing', '', 'ERR_MDA_PLIST_XML'],
    ['five letters', 'bplis', 'ERR_MDA_PLIST_XML'],
    ['invalid UTF-8', Uint8Array.of(0x3c, 0xff), 'ERR_MDA_PLIST_UTF8'],
    ['an overlong character', Uint8Array.of(0xc0, 0xbc), 'ERR_MDA_PLIST_UTF8'],
    ['half of a surrogate pair', Uint8Array.of(0xed, 0xa0, 0x80), 'ERR_MDA_PLIST_UTF8'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x3c, 0), 'ERR_MDA_PLIST_UTF8'],
    ['a byte order mark', '\ufeff<plist><true/></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['a byte order mark before the declaration', `\ufeff${HEADER}<plist><true/></plist>`, 'ERR_MDA_PLIST_MARKUP'],
    ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><plist><true/></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['XML 1.1', '<?xml version="1.1"?><plist><true/></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['another document type', '<!DOCTYPE html><plist><true/></plist>', 'ERR_MDA_PLIST_DOCTYPE'],
    ['a document type of nothing', '<!DOCTYPE plist><plist><true/></plist>', 'ERR_MDA_PLIST_DOCTYPE'],
    [
      'an older document type',
      HEADER.replace('//Apple//', '//Apple Computer//') + '<plist><true/></plist>',
      'ERR_MDA_PLIST_DOCTYPE',
    ],
    [
      'a subset of its own',
      HEADER.replace('.dtd">', '.dtd" [<!ENTITY a "b">]>') + '<plist><string>&a;</string></plist>',
      'ERR_MDA_PLIST_DOCTYPE',
    ],
    ['a second document type', `${HEADER}<!DOCTYPE plist><plist><true/></plist>`, 'ERR_MDA_PLIST_DOCTYPE'],
    ['a document type of another case', '<!doctype plist><plist><true/></plist>', 'ERR_MDA_PLIST_DOCTYPE'],
    ['a comment', '<plist><!-- a --><true/></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['a CDATA section', '<plist><string><![CDATA[a]]></string></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['a processing instruction', '<plist><?a b?><true/></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['a second declaration', `${HEADER}<?xml version="1.0"?><plist><true/></plist>`, 'ERR_MDA_PLIST_MARKUP'],
    ['an attribute', '<plist><string a="b">c</string></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['an attribute in single quotation marks', "<plist><string a='b'>c</string></plist>", 'ERR_MDA_PLIST_MARKUP'],
    ['quotation marks in a tag', '<plist><array "/>"></array></plist>', 'ERR_MDA_PLIST_XML'],
    ['an attribute that hides a level', '<plist><array a="/>"></array></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['another version', '<plist version="2.0"><true/></plist>', 'ERR_MDA_PLIST_MARKUP'],
    ['an entity of its own', '<plist><string>&lol;</string></plist>', 'ERR_MDA_PLIST_ENTITY'],
    ['an entity without an end', '<plist><string>&amp</string></plist>', 'ERR_MDA_PLIST_ENTITY'],
    ['an ampersand', '<plist><string>a & b</string></plist>', 'ERR_MDA_PLIST_ENTITY'],
    ['an entity of HTML', '<plist><string>&nbsp;</string></plist>', 'ERR_MDA_PLIST_ENTITY'],
    ['a long reference', `<plist><string>&#x${'0'.repeat(9)}41;</string></plist>`, 'ERR_MDA_PLIST_ENTITY'],
    ['a reference to nothing', '<plist><string>&#0;</string></plist>', 'ERR_MDA_PLIST_XML'],
    ['a reference to half a pair', '<plist><string>&#xd800;</string></plist>', 'ERR_MDA_PLIST_XML'],
    ['a control character', '<plist><string>\u0001</string></plist>', 'ERR_MDA_PLIST_XML'],
    ['an end that is missing', '<plist><dict>', 'ERR_MDA_PLIST_XML'],
    ['ends in the wrong order', '<plist><array><dict></array></dict></plist>', 'ERR_MDA_PLIST_XML'],
    ['two roots', '<plist><true/></plist><plist><true/></plist>', 'ERR_MDA_PLIST_XML'],
    ['text behind the root', '<plist><true/></plist>a', 'ERR_MDA_PLIST_XML'],
    ['text before the root', 'a<plist><true/></plist>', 'ERR_MDA_PLIST_XML'],
    ['the end of a section', '<plist><string>]]></string></plist>', 'ERR_MDA_PLIST_XML'],
    ['another root', '<dict/>', 'ERR_MDA_PLIST_TYPE'],
    ['another root with a value', '<array><true/></array>', 'ERR_MDA_PLIST_TYPE'],
    ['no value', '<plist></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['two values', '<plist><true/><true/></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['text in the place of a value', '<plist>true</plist>', 'ERR_MDA_PLIST_TYPE'],
    ['text beside a value', '<plist><array>a<true/></array></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['a no-break space beside a value', '<plist><array>\u00a0<true/></array></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['an unknown element', '<plist><null/></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['an element in capitals', '<plist><TRUE/></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['a property list inside', '<plist><plist version="1.0"><true/></plist></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['a key in an array', '<plist><array><key>a</key></array></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['an element in a text', '<plist><string><true/></string></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['an element behind a text', '<plist><string>a<true/></string></plist>', 'ERR_MDA_PLIST_TYPE'],
    ['a key without a value', '<plist><dict><key>a</key></dict></plist>', 'ERR_MDA_PLIST_KEY'],
    ['a value without a key', '<plist><dict><true/><true/></dict></plist>', 'ERR_MDA_PLIST_KEY'],
    ['a key for a value', '<plist><dict><key>a</key><key>b</key></dict></plist>', 'ERR_MDA_PLIST_KEY'],
    [
      'a key twice',
      '<plist><dict><key>a</key><true/><key>a</key><true/></dict></plist>',
      'ERR_MDA_PLIST_DUPLICATE_KEY',
    ],
    [
      'a key twice, spelled differently',
      '<plist><dict><key>a</key><true/><key>&#97;</key><true/></dict></plist>',
      'ERR_MDA_PLIST_DUPLICATE_KEY',
    ],
    ['content in true', '<plist><true>1</true></plist>', 'ERR_MDA_PLIST_VALUE'],
    ['content in false', '<plist><false><true/></false></plist>', 'ERR_MDA_PLIST_VALUE'],
    ...[
      '',
      ' 1',
      '1.0',
      '0x10',
      '1e3',
      '--1',
      '1n',
      '18446744073709551616',
      '-9223372036854775809',
      '1'.repeat(99),
    ].map((text): [string, string, string] => [
      `the integer ${JSON.stringify(text)}`,
      `<plist><integer>${text}</integer></plist>`,
      'ERR_MDA_PLIST_VALUE',
    ]),
    ...['', 'nan', 'inf', '.5', '1.', '1e999', '0x1', `1.${'0'.repeat(99)}`].map((text): [string, string, string] => [
      `the real ${JSON.stringify(text)}`,
      `<plist><real>${text}</real></plist>`,
      'ERR_MDA_PLIST_VALUE',
    ]),
    ...[
      '',
      '2024-01-01',
      '2023-02-29T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:00:00',
      '2024-01-01T00:00:00.5Z',
      '2024-13-01T00:00:00Z',
      '12024-01-01T00:00:00Z',
    ].map((text): [string, string, string] => [
      `the date ${JSON.stringify(text)}`,
      `<plist><date>${text}</date></plist>`,
      'ERR_MDA_PLIST_VALUE',
    ]),
    ...['A', 'AQ', 'AQ=', 'AR==', 'AQ==AQ==', '-_8=', '&#160;AQ=='].map((text): [string, string, string] => [
      `the data ${JSON.stringify(text)}`,
      `<plist><data>${text}</data></plist>`,
      'ERR_MDA_PLIST_VALUE',
    ]),
  ])('%s', (_, text, code) => {
    expect(outcome(text)).toBe(code);
  });

  it('what is no bytes at all, as a mistake of the caller', () => {
    expect(() => parsePlist('<plist/>' as never)).toThrow(TypeError);
  });

  it('without a word of the input', () => {
    const secret = 'S3cretValue';
    for (const text of [`<plist><${secret}/></plist>`, `<plist><string>${secret}`, `<plist><string>&${secret};`]) {
      const error = refusalOf(() => parse(text));
      expect(Object.hasOwn(error, 'cause')).toBe(false);
      expect(`${error.message} ${JSON.stringify(Object.entries(error))}`).not.toContain(secret);
    }
  });
});

describe('the limits', () => {
  const sized = (size: number) => `<plist><string>${' '.repeat(size - 32)}</string></plist>`;

  it(`allow ${MAX_PLIST_BYTES} bytes and not one more`, () => {
    expect(encode(sized(MAX_PLIST_BYTES))).toHaveLength(MAX_PLIST_BYTES);
    expect(outcome(sized(MAX_PLIST_BYTES))).toBe('accepted');
    expect(outcome(sized(MAX_PLIST_BYTES + 1))).toBe('ERR_MDA_PLIST_TOO_LARGE');
  });

  it('count bytes, not characters', () => {
    const text = sized(MAX_PLIST_BYTES).replace(' ', 'ä');
    expect(text).toHaveLength(MAX_PLIST_BYTES);
    expect(outcome(text)).toBe('ERR_MDA_PLIST_TOO_LARGE');
  });

  it('come before the reading of any byte', () => {
    class Huge extends Uint8Array {
      override get length(): number {
        return MAX_PLIST_BYTES + 1;
      }
    }
    expect(outcome(new Huge())).toBe('ERR_MDA_PLIST_TOO_LARGE');
  });

  it(`allow ${MAX_PLIST_DEPTH} levels and not one more`, () => {
    const nested = (levels: number) => `<plist>${'<array>'.repeat(levels - 1)}${'</array>'.repeat(levels - 1)}</plist>`;
    expect(outcome(nested(MAX_PLIST_DEPTH))).toBe('accepted');
    expect(outcome(nested(MAX_PLIST_DEPTH + 1))).toBe('ERR_MDA_PLIST_DEPTH');
    expect(outcome('<array>'.repeat(20_000))).toBe('ERR_MDA_PLIST_DEPTH');
  });

  it('count levels at a time, not together', () => {
    expect(outcome(`<plist><array>${'<array><dict/></array>'.repeat(100)}</array></plist>`)).toBe('accepted');
  });

  it(`allow ${MAX_PLIST_TAGS} tags and not one more`, () => {
    const many = (tags: number) => `<plist><array>${'<true/>'.repeat(tags - 4)}</array></plist>`;
    expect(outcome(many(MAX_PLIST_TAGS))).toBe('accepted');
    expect(outcome(many(MAX_PLIST_TAGS + 1))).toBe('ERR_MDA_PLIST_COUNT');
  });
});
