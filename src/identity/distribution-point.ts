import { byteAt, equalBytes } from '../core/bytes.ts';
import { atEnd, type DerCursor, enter, fail, leave, nextIs, readContent, SEQUENCE, skipContent } from '../core/der.ts';
import { asMalformed, readWhole } from './certificate-extensions.ts';
import type { IdentityRecord } from './identity-certificate.ts';

/** What a revocation list is about, where it is not about all certificates of its issuer (RFC 5280, 5.2.5). */
export interface ListScope {
  /** GeneralNames, DER, of the place that it is published at; a certificate that names none of them is not in it. */
  readonly names: readonly Uint8Array[] | undefined;
  readonly onlyDevices: boolean;
  readonly onlyAuthorities: boolean;
}

const NAME = 0xa0;
const FULL_NAME = 0xa0;
const ONLY_USER_CERTIFICATES = 0x81;
const ONLY_AUTHORITY_CERTIFICATES = 0x82;

/**
 * IssuingDistributionPoint. A list of some reasons alone, an indirect one and one of attribute certificates would take
 * further lists to say that a certificate is good: refused.
 */
export function readListScope(cursor: DerCursor): ListScope {
  const end = enter(cursor, SEQUENCE);
  const names = nextIs(cursor, NAME) ? readDistributionPointName(cursor) : undefined;
  const onlyDevices = readImplicitFlag(cursor, ONLY_USER_CERTIFICATES);
  const onlyAuthorities = readImplicitFlag(cursor, ONLY_AUTHORITY_CERTIFICATES);
  if (!atEnd(cursor)) fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
  leave(cursor, end);
  return { names, onlyDevices, onlyAuthorities };
}

/** BOOLEAN DEFAULT FALSE under a tag of its own. */
function readImplicitFlag(cursor: DerCursor, tag: number): boolean {
  if (!nextIs(cursor, tag)) return false;
  const content = readContent(cursor, tag);
  return content.length === 1 && content[0] === 0xff ? true : fail(cursor, 'ERR_MDA_DER_BOOLEAN');
}

/** The names of a DistributionPointName; a name relative to that of the issuer is left to those who have seen one. */
function readDistributionPointName(cursor: DerCursor): readonly Uint8Array[] {
  const names: Uint8Array[] = [];
  const end = enter(cursor, NAME);
  if (!nextIs(cursor, FULL_NAME)) fail(cursor, 'ERR_MDA_REVOCATION_UNSUPPORTED');
  const namesEnd = enter(cursor, FULL_NAME);
  while (!atEnd(cursor)) names.push(readAnyName(cursor));
  leave(cursor, namesEnd);
  leave(cursor, end);
  return names;
}

function readAnyName(cursor: DerCursor): Uint8Array {
  const start = cursor.offset;
  skipContent(cursor, byteAt(cursor.bytes, start));
  return cursor.bytes.subarray(start, cursor.offset);
}

/** Whether the status of a certificate of the list's issuer is in the list. */
export function isInScope({ names, onlyDevices, onlyAuthorities }: ListScope, certificate: IdentityRecord): boolean {
  const isAuthority = certificate.basicConstraints?.ca === true;
  if (isAuthority ? onlyDevices : onlyAuthorities) return false;
  if (names === undefined) return true;
  const { der, distributionPoints } = certificate;
  if (distributionPoints === undefined) return false;
  const own = asMalformed(der, distributionPoints, (cursor) => readWhole(cursor, readDistributionPoints));
  return own.some((name) => names.some((other) => equalBytes(name, other)));
}

/** CRLDistributionPoints: the names of those that are for every reason and by the issuer itself. */
function readDistributionPoints(cursor: DerCursor): readonly Uint8Array[] {
  const names: Uint8Array[] = [];
  const end = enter(cursor, SEQUENCE);
  while (!atEnd(cursor)) {
    const pointEnd = enter(cursor, SEQUENCE);
    const own = nextIs(cursor, NAME) ? readDistributionPointName(cursor) : [];
    // What is left are reasons, or another issuer.
    if (atEnd(cursor)) names.push(...own);
    cursor.offset = cursor.end;
    leave(cursor, pointEnd);
  }
  leave(cursor, end);
  return names;
}
