import { describe, expect, it } from 'vitest';
import { parsePlist, type PlistValue, writePlist } from '../../src/mdm/index.ts';

const read = (xml: string) => parsePlist(new TextEncoder().encode(xml));

describe('a property list', () => {
  it('is written as Apple writes one, in the order of its dictionaries', () => {
    const value = new Map<string, PlistValue>([
      ['b', 'x < y & "z" > \'\r\n'],
      ['a', [1n, -1.5, true, false, new Date('2026-06-01T12:00:00.999Z'), Uint8Array.of(1, 2, 3), new Map(), []]],
    ]);
    expect(writePlist(value)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>b</key>
\t<string>x &lt; y &amp; "z" &gt; '&#13;
</string>
\t<key>a</key>
\t<array>
\t\t<integer>1</integer>
\t\t<real>-1.5</real>
\t\t<true/>
\t\t<false/>
\t\t<date>2026-06-01T12:00:00Z</date>
\t\t<data>AQID</data>
\t\t<dict>
\t\t</dict>
\t\t<array>
\t\t</array>
\t</array>
</dict>
</plist>
`);
  });

  it.each<[string, PlistValue]>([
    ['text of every kind', 'a\t\n\r<>&\'"]]>ä😀\u00a0\ufffd'],
    ['the smallest integer', -(2n ** 63n)],
    ['the largest integer', 2n ** 64n - 1n],
    ['a tiny real', 5e-324],
    ['a huge real', 1.7976931348623157e308],
    ['a whole real', 1],
    ['the first date', new Date('0000-01-01T00:00:00Z')],
    ['the last date', new Date('9999-12-31T23:59:59Z')],
    ['bytes', Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff)],
    ['a key like any other', new Map([['__proto__', '']])],
  ])('is read as it was written: %s', (_, value) => {
    expect(read(writePlist(value))).toEqual(value);
  });

  it('has 15 levels at most, so that it can be read', () => {
    const nested = (levels: number): PlistValue => (levels === 0 ? [] : [nested(levels - 1)]);
    expect(read(writePlist(nested(14)))).toEqual(nested(14));
    expect(() => writePlist(nested(15))).toThrow(TypeError);
    expect(() => writePlist([nested(14)])).toThrow(TypeError);
    expect(read(writePlist([[[[[[[[[[[[[['x']]]]]]]]]]]]]]))).toBeDefined();
    expect(() => writePlist([[[[[[[[[[[[[[['x']]]]]]]]]]]]]]])).toThrow(TypeError);
    const endless: PlistValue[] = [];
    endless.push(endless);
    expect(() => writePlist(endless)).toThrow(TypeError);
  });

  it.each([
    [2n ** 64n],
    [NaN],
    [Infinity],
    [undefined],
    [null],
    [{}],
    [Symbol('x')],
    [new Date(NaN)],
    [new Date('+012026-01-01T00:00:00Z')],
    [new Date('-000001-01-01T00:00:00Z')],
    ['\u0000'],
    ['\ud800'],
    ['\uffff'],
    [new Map([['\u0001', true]])],
    [new Map([[1, true]])],
    [[undefined]],
  ])('cannot hold %s', (value) => {
    expect(() => writePlist(value as never)).toThrow(TypeError);
  });
});
