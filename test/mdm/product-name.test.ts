import { describe, expect, it } from 'vitest';
import { attestationSupport } from '../../src/mdm/index.ts';
import { platformOf } from '../../src/mdm/product-name.ts';

describe("by Apple's table of processors", () => {
  it.each([
    ['iPhone9,3', 'unsupported'], // A10
    ['iPhone10,1', 'supported'], // A11
    ['iPhone17,5', 'supported'],
    ['iPad7,12', 'unsupported'], // A10
    ['iPad8,1', 'supported'], // A12X
    ['iPad16,3', 'supported'], // M4
    ['iPod9,1', 'unsupported'], // A10
    ['AppleTV6,2', 'unsupported'], // A10X
    ['AppleTV11,1', 'supported'], // A12
    ['Watch3,4', 'unsupported'], // S3
    ['Watch4,1', 'supported'], // S4
    ['RealityDevice14,1', 'supported'],
    ['Mac13,1', 'supported'],
    ['Mac15,6', 'supported'],
    // These may have a processor of Intel's.
    ['MacBook10,1', 'unknown'],
    ['MacPro7,1', 'unknown'],
    ['iMacPro1,1', 'unknown'],
    ['MacBookPro18,1', 'unknown'],
    ['MacBookAir10,1', 'unknown'],
    ['Macmini9,1', 'unknown'],
    ['iMac21,1', 'unknown'],
    // And these are none that this library knows.
    ['VirtualMac2,1', 'unknown'],
    ['AudioAccessory5,1', 'unknown'],
    ['iphone17,1', 'unknown'],
    ['1iPhone17,1', 'unknown'],
    ['iPhone17,1x', 'unknown'],
    ['iPhone', 'unknown'],
    ['iPhone17', 'unknown'],
    ['', 'unknown'],
    [`iPhone${'1'.repeat(99)},1`, 'unknown'],
  ])('%s is %s', (productName, support) => {
    expect(attestationSupport({ productName })).toBe(support);
  });

  it('a Mac is what it says of its processor', () => {
    expect(attestationSupport({ productName: 'MacBookPro18,1', isAppleSilicon: true })).toBe('supported');
    expect(attestationSupport({ productName: 'MacBookPro16,1', isAppleSilicon: false })).toBe('unsupported');
    expect(attestationSupport({ productName: 'iPhone9,3', isAppleSilicon: true })).toBe('unsupported');
    expect(attestationSupport({ productName: 'MacBookPro16,1', isAppleSilicon: undefined })).toBe('unknown');
  });

  it.each([
    ['productName', {}],
    ['productName', { productName: 1 }],
    ['isAppleSilicon', { productName: 'Mac15,6', isAppleSilicon: 'yes' }],
    ['chip', { productName: 'Mac15,6', chip: 'M3' }],
  ])('the option that is wrong is named: %s', (name, options) => {
    expect(() => attestationSupport(options as never)).toThrow(name);
  });
});

describe('the platform', () => {
  it.each([
    ['iPhone17,1', 'ios'],
    ['iPod9,1', 'ios'],
    ['iPad16,3', 'ipados'],
    ['AppleTV14,1', 'tvos'],
    ['Watch7,1', 'watchos'],
    ['RealityDevice14,1', 'visionos'],
    ['Mac15,6', 'macos'],
    ['iMacPro1,1', 'macos'],
    ['iMac21,1', 'macos'],
    ['MacBook10,1', 'macos'],
    ['MacBookAir10,1', 'macos'],
    ['MacBookPro18,1', 'macos'],
    ['Macmini9,1', 'macos'],
    ['MacPro7,1', 'macos'],
    ['constructor1,1', undefined],
    [undefined, undefined],
  ])('of %s is %s', (productName, platform) => {
    expect(platformOf(productName)).toBe(platform);
  });
});
