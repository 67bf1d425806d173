import { sha1 } from '@noble/hashes/legacy.js';
import { encodeExtensions, type ExtensionSpec } from '../../src/testing/certificate-writer.ts';
import {
  bitString,
  bytes,
  concat,
  explicit,
  hex,
  integer,
  octetString,
  oid,
  sequence,
  time,
  tlv,
} from '../../src/testing/der-writer.ts';
import { digest } from '../../src/testing/key.ts';
import type { Authority, Signer } from './organisation.ts';

/** Revocation lists and OCSP responses, right or wrong in one place. */

export interface EntrySpec {
  readonly serialNumber: bigint | number;
  readonly at?: Date;
  readonly extensions?: readonly ExtensionSpec[];
}

export const THIS_UPDATE = new Date('2026-06-01T00:00:00Z');
export const NEXT_UPDATE = new Date('2026-06-08T00:00:00Z');
const REVOKED_AT = new Date('2026-05-20T00:00:00Z');

export interface ListSpec {
  readonly entries?: readonly EntrySpec[];
  /** Replaces the entries as a whole. */
  readonly rawEntries?: Uint8Array;
  readonly version?: Uint8Array;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date | undefined;
  readonly extensions?: readonly ExtensionSpec[];
  readonly signer?: Signer;
  readonly outerAlgorithm?: Uint8Array;
  readonly signature?: (value: Uint8Array) => Uint8Array;
}

export const reasonOf = (number: number): ExtensionSpec => ({
  oid: '2.5.29.21',
  value: tlv(0x0a, Uint8Array.of(number)),
});

export const encodeEntry = ({ serialNumber, at = REVOKED_AT, extensions = [] }: EntrySpec): Uint8Array =>
  sequence(integer(serialNumber), time(at), ...(extensions.length === 0 ? [] : [encodeExtensions(extensions)]));

export async function mintList(issuer: Pick<Authority, 'name' | 'signer'>, spec: ListSpec = {}): Promise<Uint8Array> {
  const { entries = [], extensions = [], signer = issuer.signer } = spec;
  const nextUpdate = 'nextUpdate' in spec ? spec.nextUpdate : NEXT_UPDATE;
  const tbs = sequence(
    spec.version ?? integer(1),
    signer.algorithm,
    issuer.name,
    time(spec.thisUpdate ?? THIS_UPDATE),
    ...(nextUpdate === undefined ? [] : [time(nextUpdate)]),
    spec.rawEntries ?? (entries.length === 0 ? new Uint8Array() : sequence(...entries.map(encodeEntry))),
    ...(extensions.length === 0 ? [] : [explicit(0, encodeExtensions(extensions))]),
  );
  const value = await signer.sign(tbs);
  return sequence(tbs, spec.outerAlgorithm ?? signer.algorithm, bitString(spec.signature?.(value) ?? value));
}

/** To the second, of every year: the times of OCSP. */
export const generalizedTime = (date: Date): Uint8Array =>
  tlv(0x18, bytes(`${date.toISOString().slice(0, 19).replace(/\D/g, '')}Z`));

export const STATUS = {
  good: hex('80 00'),
  unknown: hex('82 00'),
  revoked: tlv(0xa1, generalizedTime(REVOKED_AT)),
  hold: tlv(0xa1, generalizedTime(REVOKED_AT), explicit(0, hex('0a 01 06'))),
} as const;

const HASH_ALGORITHMS = {
  'SHA-1': sequence(oid('1.3.14.3.2.26'), hex('0500')),
  'SHA-256': sequence(oid('2.16.840.1.101.3.4.2.1')),
  'SHA-512': sequence(oid('2.16.840.1.101.3.4.2.3')),
} as const;

const hashWith = (hash: keyof typeof HASH_ALGORITHMS, data: Uint8Array): Uint8Array =>
  hash === 'SHA-1' ? sha1(data) : digest(hash, data);

export interface AnswerSpec {
  readonly serialNumber: bigint | number;
  readonly status?: Uint8Array;
  readonly hash?: keyof typeof HASH_ALGORITHMS;
  /** Whose name and key are hashed. */
  readonly nameOf?: Pick<Authority, 'name'>;
  readonly keyOf?: Pick<Authority, 'signer'>;
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date | undefined;
  readonly extensions?: readonly ExtensionSpec[];
}

export interface ResponseSpec {
  readonly status?: number;
  readonly type?: string;
  readonly responder?: Uint8Array;
  readonly signer?: Signer;
  readonly certificates?: readonly Uint8Array[];
  readonly extensions?: readonly ExtensionSpec[];
  readonly signature?: (value: Uint8Array) => Uint8Array;
}

export const byName = ({ name }: Pick<Authority, 'name'>): Uint8Array => explicit(1, name);
export const byKey = ({ keyBits }: Pick<Signer, 'keyBits'>): Uint8Array => explicit(2, octetString(sha1(keyBits)));

export async function mintResponse(
  issuer: Pick<Authority, 'name' | 'signer'>,
  answers: readonly AnswerSpec[],
  spec: ResponseSpec = {},
): Promise<Uint8Array> {
  const { signer = issuer.signer, extensions = [] } = spec;
  const encodeAnswer = (answer: AnswerSpec): Uint8Array => {
    const { hash = 'SHA-1', nameOf = issuer, keyOf = issuer } = answer;
    const nextUpdate = 'nextUpdate' in answer ? answer.nextUpdate : NEXT_UPDATE;
    return sequence(
      sequence(
        HASH_ALGORITHMS[hash],
        octetString(hashWith(hash, nameOf.name)),
        octetString(hashWith(hash, keyOf.signer.keyBits)),
        integer(answer.serialNumber),
      ),
      answer.status ?? STATUS.good,
      generalizedTime(answer.thisUpdate ?? THIS_UPDATE),
      ...(nextUpdate === undefined ? [] : [explicit(0, generalizedTime(nextUpdate))]),
      ...(answer.extensions === undefined ? [] : [explicit(1, encodeExtensions(answer.extensions))]),
    );
  };
  const tbs = sequence(
    spec.responder ?? byName(issuer),
    generalizedTime(THIS_UPDATE),
    sequence(...answers.map(encodeAnswer)),
    ...(extensions.length === 0 ? [] : [explicit(1, encodeExtensions(extensions))]),
  );
  const value = await signer.sign(tbs);
  const basic = sequence(
    tbs,
    signer.algorithm,
    bitString(spec.signature?.(value) ?? value),
    ...(spec.certificates === undefined ? [] : [explicit(0, sequence(...spec.certificates))]),
  );
  return sequence(
    tlv(0x0a, Uint8Array.of(spec.status ?? 0)),
    explicit(0, sequence(oid(spec.type ?? '1.3.6.1.5.5.7.48.1.1'), octetString(basic))),
  );
}

export { concat };
