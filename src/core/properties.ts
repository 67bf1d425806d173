import { byteAt, type Bytes, equalBytes, fromHex } from './bytes.ts';
import { type Certificate, type CertificateRecord, recordOf } from './certificate.ts';
import { atEnd, derCursor, readInteger } from './der.ts';
import { type ExtensionRecord, oidOf } from './extensions.ts';
import { MAX_FRESHNESS_CODE_BYTES } from './freshness.ts';
import { requireOptions, requirePlainObject } from './options.ts';
import { decodeUtf8, INVISIBLE } from './text.ts';

/**
 * What the leaf says of one property. Only `attested` says anything of the device: absent and blank mean
 * that Apple's servers could not determine it, malformed that this library cannot read what they sent.
 * A rule fails closed on all three.
 */
export type Property<Value> =
  | { readonly status: 'attested'; readonly value: Value }
  | { readonly status: 'absent' }
  | { readonly status: 'blank' }
  | { readonly status: 'malformed'; readonly bytes: Bytes };

/** An extension of Apple's arc that the table does not name: by OID and bytes, never dropped. */
export interface OtherProperty {
  readonly oid: string;
  /** The content of the extension's OCTET STRING. */
  readonly bytes: Bytes;
  /** What the caller's decoder made of it; undefined where none is registered. */
  readonly decoded: Property<unknown> | undefined;
}

/** The properties of a leaf, under the arc 1.2.840.113635.100.8. */
export interface AttestedProperties {
  /** .9.1; left out in a User Enrollment. */
  readonly serialNumber: Property<string>;
  /** .9.2; on a Mac the ProvisioningUDID, which is not the UDID that MDM uses; left out in a User Enrollment. */
  readonly udid: Property<string>;
  /** .9.4, such as `J514sAP`. */
  readonly softwareUpdateDeviceId: Property<string>;
  /** .10.1, as sent, such as `26.4.1`. */
  readonly osVersion: Property<string>;
  /** .10.2, as sent. */
  readonly sepOsVersion: Property<string>;
  /** .10.3, as sent: the version of the low-level bootloader. */
  readonly llbVersion: Property<string>;
  /** .11.1, 1 to 32 bytes. */
  readonly freshnessCode: Property<Bytes>;
  /** .13.1; Macs only. */
  readonly systemIntegrityProtection: Property<'enabled' | 'disabled'>;
  /** .13.2; Macs only. */
  readonly secureBoot: Property<SecureBoot>;
  /** .13.3; Macs only. */
  readonly thirdPartyKernelExtensions: Property<'allowed' | 'not allowed'>;
  /** What else stands under the arc, in the order of the certificate. */
  readonly other: readonly OtherProperty[];
}

/** The three levels, in Apple's words. */
export type SecureBoot = 'Full Security' | 'Reduced Security' | 'Permissive Security';

/** Reads the bytes of a property; a `throw` or `undefined` means that they are malformed. */
export type PropertyDecoder = (bytes: Bytes) => unknown;

const ARC = '1.2.840.113635.100.8';
const ARC_BYTES = /* @__PURE__ */ fromHex('2a864886f7636408');

/** The last two arcs of the properties that have a name, in one number each. */
const NAMED: readonly number[] = [0x901, 0x902, 0x904, 0xa01, 0xa02, 0xa03, 0xb01, 0xd01, 0xd02, 0xd03];

/**
 * Decodes the attested properties of a leaf.
 *
 * Checks: nothing but the form of each value; a certificate of anybody decodes.
 * Leaves to you: to decode verified leaves only (`verifyAttestation` does it by itself), and to judge.
 *
 * @param options.decoders for properties that the table does not name, by full OID below 1.2.840.113635.100.8
 * @throws TypeError if the certificate is not from `parseCertificate`, an option is unknown, or a decoder is for an
 * OID outside of the arc or of the table
 * @example
 * ```ts
 * import { decodeProperties, fromPem, parseCertificate } from 'managed-device-attestation';
 * import { readFileSync } from 'node:fs';
 *
 * const [leaf] = fromPem(readFileSync('chain.pem', 'utf8')).map(parseCertificate);
 * const { osVersion } = decodeProperties(leaf!);
 * if (osVersion.status === 'attested') console.log(osVersion.value);
 * ```
 * @see Apple, "Validating a Managed Device Attestation"
 */
export function decodeProperties(
  certificate: Certificate,
  options: { readonly decoders?: Readonly<Record<string, PropertyDecoder>> } = {},
): AttestedProperties {
  requireOptions(options, ['decoders']);
  const { decoders: given = {} } = options;
  requirePlainObject(given, 'decoders');
  const decoders = new Map(Object.entries(given));
  const named = NAMED.map((key) => `${ARC}.${key >> 8}.${key & 0xff}`);
  for (const [oid, decoder] of decoders)
    if (!oid.startsWith(`${ARC}.`) || named.includes(oid) || typeof decoder !== 'function')
      throw new TypeError(`decoders must be functions by unnamed OID below ${ARC}`);
  return readProperties(recordOf(certificate, 'certificate'), decoders);
}

/** What carries properties: a certificate that any reader of this library has read. */
export type PropertySource = Pick<CertificateRecord, 'der' | 'extensions'>;

/** Decodes anew on every call, so that nobody holds the bytes of anybody else. */
export function readProperties(
  record: PropertySource,
  decoders?: ReadonlyMap<string, PropertyDecoder>,
): AttestedProperties {
  const { der, extensions } = record;
  const keys = extensions.map((extension) => keyOf(der, extension));
  const read = <Value>(key: number, decode: Decode<Value>) => judge(der, extensions[keys.indexOf(key)], decode);
  return {
    serialNumber: read(0x901, readText),
    udid: read(0x902, readText),
    softwareUpdateDeviceId: read(0x904, readText),
    osVersion: read(0xa01, readText),
    sepOsVersion: read(0xa02, readText),
    llbVersion: read(0xa03, readText),
    freshnessCode: readFreshness(record),
    systemIntegrityProtection: read(0xd01, readSystemIntegrityProtection),
    secureBoot: read(0xd02, readSecureBoot),
    thirdPartyKernelExtensions: read(0xd03, readThirdPartyKernelExtensions),
    other: extensions
      .filter((_, index) => keys[index] === OTHER)
      .map((extension) => describeOther(der, extension, decoders)),
  };
}

export function readFreshness({ der, extensions }: PropertySource): Property<Bytes> {
  return judge(
    der,
    extensions.find((extension) => keyOf(der, extension) === 0xb01),
    readFreshnessCode,
  );
}

const OTHER = 0;

/** The key of `NAMED`, `OTHER` for anything else in the arc, undefined outside of it. */
function keyOf(bytes: Uint8Array, { oidStart, oidEnd }: ExtensionRecord): number | undefined {
  const end = oidStart + ARC_BYTES.length;
  if (end > oidEnd || !equalBytes(bytes, ARC_BYTES, oidStart, end)) return undefined;
  const key = oidEnd - end === 2 ? byteAt(bytes, end) * 256 + byteAt(bytes, end + 1) : OTHER;
  return NAMED.includes(key) ? key : OTHER;
}

/** Reads the range of a value that is not blank; undefined if it is malformed. */
type Decode<Value> = (bytes: Uint8Array, start: number, end: number) => Value | undefined;

function judge<Value>(
  bytes: Uint8Array,
  extension: ExtensionRecord | undefined,
  decode: Decode<Value>,
): Property<Value> {
  if (extension === undefined) return { status: 'absent' };
  const { start, end } = extension;
  if (start === end) return { status: 'blank' };
  const value = decode(bytes, start, end);
  return value === undefined
    ? { status: 'malformed', bytes: copyRange(bytes, start, end) }
    : { status: 'attested', value };
}

function describeOther(
  bytes: Uint8Array,
  extension: ExtensionRecord,
  decoders: ReadonlyMap<string, PropertyDecoder> | undefined,
): OtherProperty {
  const oid = oidOf(bytes, extension);
  const decoder = decoders?.get(oid);
  const decode = (...range: Parameters<Decode<unknown>>): unknown => {
    try {
      return decoder?.(copyRange(...range));
    } catch {
      return undefined;
    }
  };
  return {
    oid,
    bytes: copyRange(bytes, extension.start, extension.end),
    decoded: decoder && judge(bytes, extension, decode),
  };
}

function copyRange(bytes: Uint8Array, start: number, end: number): Bytes {
  return new Uint8Array(bytes.subarray(start, end));
}

/** Bare UTF-8 that can be seen: white space alone, a control character or a byte order mark is none of Apple's. */
function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = decodeUtf8(bytes, start, end);
  return text?.search(INVISIBLE) === -1 && text.trim() !== '' ? text : undefined;
}

/** Bare bytes: never unwrapped, even where they happen to begin like DER. */
function readFreshnessCode(bytes: Uint8Array, start: number, end: number): Bytes | undefined {
  return end - start > MAX_FRESHNESS_CODE_BYTES ? undefined : copyRange(bytes, start, end);
}

/** INTEGER 0 is enabled and 1 is disabled: the other way round than one expects. */
function readSystemIntegrityProtection(...range: Parameters<Decode<unknown>>): 'enabled' | 'disabled' | undefined {
  const content = readIntegerAlone(...range);
  if (content?.length !== 1) return undefined;
  return content[0] === 0 ? 'enabled' : content[0] === 1 ? 'disabled' : undefined;
}

const SECURE_BOOT: readonly SecureBoot[] = ['Full Security', 'Reduced Security', 'Permissive Security'];

function readSecureBoot(...range: Parameters<Decode<unknown>>): SecureBoot | undefined {
  const text = decodeUtf8(...range);
  return SECURE_BOOT.find((known) => known === text);
}

/** INTEGER 0 is not allowed, anything else is some allowed. */
function readThirdPartyKernelExtensions(...range: Parameters<Decode<unknown>>): 'allowed' | 'not allowed' | undefined {
  const content = readIntegerAlone(...range);
  return content && (content.length === 1 && content[0] === 0 ? 'not allowed' : 'allowed');
}

/** The content of a DER INTEGER of any size that fills the range. */
function readIntegerAlone(...range: Parameters<Decode<unknown>>): Uint8Array | undefined {
  try {
    const cursor = derCursor(...range);
    const content = readInteger(cursor);
    return atEnd(cursor) ? content : undefined;
  } catch {
    return undefined;
  }
}
