import { requireOptions } from '../core/options.ts';
import type { Platform } from '../policy/facts.ts';

/** The families of `ProductName`, by the letters that it begins with, and the generation from which on they attest. */
const FAMILIES: readonly {
  readonly letters: readonly string[];
  readonly platform: Platform;
  /** Undefined: the number does not say, for Macs of one generation have Intel's processors or Apple's. */
  readonly attestsFrom: number | undefined;
}[] = [
  // A11.
  { letters: ['iPhone'], platform: 'ios', attestsFrom: 10 },
  // The last one has an A10.
  { letters: ['iPod'], platform: 'ios', attestsFrom: Infinity },
  // A12X; everything from iPad7 down has an A10X or less.
  { letters: ['iPad'], platform: 'ipados', attestsFrom: 8 },
  // A12.
  { letters: ['AppleTV'], platform: 'tvos', attestsFrom: 11 },
  // S4.
  { letters: ['Watch'], platform: 'watchos', attestsFrom: 4 },
  { letters: ['RealityDevice'], platform: 'visionos', attestsFrom: 0 },
  // Models from 2022 on are called after nothing but their number; 13 was the first, and all have Apple's processors.
  { letters: ['Mac'], platform: 'macos', attestsFrom: 13 },
  {
    letters: ['MacBook', 'MacBookAir', 'MacBookPro', 'Macmini', 'MacPro', 'iMac', 'iMacPro'],
    platform: 'macos',
    attestsFrom: undefined,
  },
];

/** The platform that an identifier of a model belongs to; undefined where this library does not know the family. */
export function platformOf(productName: string | undefined): Platform | undefined {
  return familyOf(productName)?.platform;
}

/** Whether a model can attest. `unknown` is a model that this library does not know, and no promise. */
export type AttestationSupport = 'supported' | 'unsupported' | 'unknown';

/**
 * Says whether the hardware of a model can attest, by Apple's table of processors: A11 and later and all of the M
 * series, A12 in an Apple TV, S4 in an Apple Watch, all of Vision Pro.
 *
 * Leaves to you: the version of the system. Attestation began with iOS, iPadOS and tvOS 16, macOS 14, watchOS 10 and
 * visionOS 1.
 *
 * @param options.productName the identifier of the model, as DeviceInformation reports it: `iPhone16,1`
 * @param options.isAppleSilicon what DeviceInformation reports of a Mac; the names of older ones do not tell
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { attestationSupport } from 'managed-device-attestation/mdm';
 *
 * console.log(attestationSupport({ productName: 'iPhone9,1' })); // unsupported
 * ```
 * @see Apple, "DeviceInformationCommand", on hardware support
 */
export function attestationSupport(options: {
  readonly productName: string;
  readonly isAppleSilicon?: boolean | undefined;
}): AttestationSupport {
  requireOptions(options, ['productName', 'isAppleSilicon']);
  const { productName, isAppleSilicon } = options;
  if (typeof productName !== 'string') throw new TypeError('productName must be a string');
  if (isAppleSilicon !== undefined && typeof isAppleSilicon !== 'boolean')
    throw new TypeError('isAppleSilicon must be a boolean');
  const family = familyOf(productName);
  if (family === undefined) return 'unknown';
  if (family.platform === 'macos' && isAppleSilicon !== undefined) return isAppleSilicon ? 'supported' : 'unsupported';
  if (family.attestsFrom === undefined) return 'unknown';
  return family.generation >= family.attestsFrom ? 'supported' : 'unsupported';
}

function familyOf(productName: string | undefined) {
  const [, letters, generation] = /^([A-Za-z]{1,20})([0-9]{1,4}),[0-9]{1,4}$/.exec(productName ?? '') ?? [];
  const family = FAMILIES.find((candidate) => candidate.letters.includes(letters!));
  return family && { ...family, generation: Number(generation) };
}
