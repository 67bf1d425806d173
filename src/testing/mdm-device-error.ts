import type { PlistDictionary, PlistValue } from '../mdm/index.ts';

/** What a device says that it could not do: the only step of its `ErrorChain`. The codes are of the simulation, and not Apple's. */
export interface MdmDeviceError {
  readonly domain: 'SimulatedDevice';
  readonly code: number;
  readonly usEnglishDescription: string;
}

const CODES = {
  'the profile is not valid': 1,
  'the device got no certificate': 2,
  'there is no such profile': 3,
  'the request type is not known': 4,
  'the command is not valid': 5,
} as const;

export function deviceError(what: keyof typeof CODES, detail?: string): MdmDeviceError {
  const usEnglishDescription = detail === undefined ? what : `${what}: ${detail}`;
  return { domain: 'SimulatedDevice', code: CODES[what], usEnglishDescription };
}

/** The `ErrorChain` of an answer. */
export function errorChain({ domain, code, usEnglishDescription }: MdmDeviceError): readonly PlistDictionary[] {
  return [
    new Map<string, PlistValue>([
      ['ErrorCode', BigInt(code)],
      ['ErrorDomain', domain],
      ['LocalizedDescription', usEnglishDescription],
      ['USEnglishDescription', usEnglishDescription],
    ]),
  ];
}
