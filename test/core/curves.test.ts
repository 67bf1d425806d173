import { p256, p384, p521 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { curveOf, isOnCurve } from '../../src/core/curves.ts';
import { oid } from '../../src/testing/der-writer.ts';

describe.each([
  ['P-256', p256, '1.2.840.10045.3.1.7', 32],
  ['P-384', p384, '1.3.132.0.34', 48],
  ['P-521', p521, '1.3.132.0.35', 66],
] as const)('the constants of %s', (name, noble, id, size) => {
  const content = oid(id).subarray(2);
  const curve = curveOf(content, 0, content.length)!;

  it('are those of @noble/curves', () => {
    const { p, a, b, n } = noble.Point.CURVE();
    expect(curve).toMatchObject({ name, size, p, b, order: n });
    expect(a).toBe(p - 3n);
  });

  it('hold the base point, and not its neighbours', () => {
    const { x, y } = noble.Point.BASE;
    expect(isOnCurve(curve, x, y)).toBe(true);
    expect(isOnCurve(curve, x, curve.p - y)).toBe(true);
    expect(isOnCurve(curve, x + curve.p, y)).toBe(false);
    expect(isOnCurve(curve, x, y + curve.p)).toBe(false);
    expect(isOnCurve(curve, x, y + 1n)).toBe(false);
    expect(isOnCurve(curve, x + 1n, y)).toBe(false);
  });
});
