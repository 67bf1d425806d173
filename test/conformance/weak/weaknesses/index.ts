import { ACME_WEAKNESSES } from './acme.ts';
import { CSR_WEAKNESSES } from './csr.ts';
import { DER_WEAKNESSES } from './der.ts';
import { DEVICE_INFORMATION_WEAKNESSES } from './device-information.ts';
import { PATH_WEAKNESSES } from './path.ts';
import { PROPERTY_WEAKNESSES } from './properties.ts';
import { SIGNATURE_WEAKNESSES } from './signature.ts';
import type { Weakness } from './weakness.ts';

export const WEAKNESSES: readonly Weakness[] = [
  ...PATH_WEAKNESSES,
  ...SIGNATURE_WEAKNESSES,
  ...DER_WEAKNESSES,
  ...PROPERTY_WEAKNESSES,
  ...ACME_WEAKNESSES,
  ...DEVICE_INFORMATION_WEAKNESSES,
  ...CSR_WEAKNESSES,
];
