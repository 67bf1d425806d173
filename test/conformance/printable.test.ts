import { expect, it } from 'vitest';
import { printable, quote } from '../../src/conformance/printable.ts';

it('escapes what a terminal would obey or a reader would not see', () => {
  expect(printable('a\u001b\n\u202e\ud800\ue000b')).toBe('a\\u{1b}\\u{a}\\u{202e}\\u{d800}\\u{e000}b');
});

it('quotes a name, and cuts off a long one', () => {
  expect(quote('a "b"\n')).toBe('"a \\"b\\"\\n"');
  expect(quote('x'.repeat(201))).toBe(`"${'x'.repeat(200)}…"`);
});
