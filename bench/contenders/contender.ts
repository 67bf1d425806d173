/** What everybody in the comparison gets, and what everybody must hand back. */

export interface Evidence {
  readonly leaf: Uint8Array<ArrayBuffer>;
  readonly subCa: Uint8Array<ArrayBuffer>;
}

/** The ten properties, read and judged for their form. */
export interface Facts {
  readonly serialNumber: string;
  readonly udid: string;
  readonly softwareUpdateDeviceId: string;
  readonly osVersion: string;
  readonly sepOsVersion: string;
  readonly llbVersion: string;
  readonly freshnessCode: Uint8Array;
  readonly systemIntegrityProtection: 'enabled' | 'disabled';
  readonly secureBoot: string;
  readonly thirdPartyKernelExtensions: 'allowed' | 'not allowed';
}

/** What a caller knows before the evidence arrives; preparing it is not part of the job. */
export interface Setting {
  readonly root: Uint8Array<ArrayBuffer>;
  readonly expectedFreshnessCode: Uint8Array<ArrayBuffer>;
  /** What the freshness code is SHA-256 of. */
  readonly token: string;
  readonly at: Date;
}

/** The whole job: two certificates, chain to the root at a time, freshness, all properties. Rejects what does not verify. */
export type Job = (evidence: Evidence) => Promise<Facts>;

export interface Contender {
  readonly name: string;
  prepare(setting: Setting): Job | Promise<Job>;
}

const ARC = '1.2.840.113635.100.8';

/** What the packages without a notion of properties need on top: the same code for each of them. */
export function readFacts(valueOf: (oid: string) => Uint8Array | undefined, { expectedFreshnessCode }: Setting): Facts {
  const bytes = (arcs: string): Uint8Array => {
    const value = valueOf(`${ARC}.${arcs}`);
    if (value === undefined) throw new Error(`no property ${arcs}`);
    return value;
  };
  const text = (arcs: string): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes(arcs));
  const isZero = (arcs: string): boolean => {
    const [tag, length, value] = bytes(arcs);
    if (tag !== 2 || length !== 1) throw new Error(`malformed property ${arcs}`);
    return value === 0;
  };
  const freshnessCode = bytes('11.1');
  if (Buffer.compare(freshnessCode, expectedFreshnessCode) !== 0) throw new Error('not fresh');
  return {
    serialNumber: text('9.1'),
    udid: text('9.2'),
    softwareUpdateDeviceId: text('9.4'),
    osVersion: text('10.1'),
    sepOsVersion: text('10.2'),
    llbVersion: text('10.3'),
    freshnessCode,
    systemIntegrityProtection: isZero('13.1') ? 'enabled' : 'disabled',
    secureBoot: text('13.2'),
    thirdPartyKernelExtensions: isZero('13.3') ? 'not allowed' : 'allowed',
  };
}

export function ensure(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
