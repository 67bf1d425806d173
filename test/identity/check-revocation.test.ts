import { fromBER } from 'asn1js';
import { CertificateRevocationList, Certificate, OCSPResponse, BasicOCSPResponse } from 'pkijs';
import { describe, expect, it, vi } from 'vitest';
import {
  checkRevocation,
  type CheckRevocationOptions,
  identityTrustAnchor,
  MAX_OCSP_RESPONSE_BYTES,
  MAX_REVOCATION_DOCUMENTS,
  MAX_REVOCATION_LIST_BYTES,
  noAttestingAuthority,
  verifyIdentity,
} from '../../src/identity/index.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  keyUsage,
  subjectKeyIdentifier,
} from '../../src/testing/certificate-writer.ts';
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
import { withLongLength } from '../support/ber.ts';
import {
  ANY_PURPOSE,
  AT,
  type Changes,
  deviceCertificate,
  ecSigner,
  extendedKeyUsage,
  issue,
  OCSP_SIGNING,
  PLAIN_EXTENSIONS,
  rootAuthority,
  rsaSigner,
  skiOf,
  subAuthority,
} from '../support/organisation.ts';
import {
  byKey,
  byName,
  encodeEntry,
  type ListSpec,
  mintList,
  mintResponse,
  NEXT_UPDATE,
  reasonOf,
  type ResponseSpec,
  STATUS,
  THIS_UPDATE,
  type AnswerSpec,
} from '../support/revocation.ts';

const LEAF = 0xd0e1n;
const SUB = 0x5bn;
const RSA = await rsaSigner();
const root = await rootAuthority('Root', RSA);
const sub = await subAuthority('Issuing', ecSigner('issuing'), root, { serialNumber: SUB });
const trustAnchors = [identityTrustAnchor(root.der)];
const verified = async (changes: Changes = {}, issuer = sub) =>
  verifyIdentity([await deviceCertificate(issuer, changes), issuer.der], {
    at: AT,
    trustAnchors,
    attestingAuthorities: noAttestingAuthority,
  });
const identity = await verified();
const rootList = await mintList(root);

type Documents = Partial<CheckRevocationOptions>;
const check = (documents: Documents, of = identity) =>
  checkRevocation(of, { at: AT, onUnknown: 'refuse', ...documents });
/** What becomes of the leaf, and why documents do not count. */
const leafOf = async (documents: Documents, of = identity) => {
  const { certificates, rejected } = await check(documents, of);
  return [certificates[0]!.status, ...rejected.map(({ error }) => error.code)];
};
const byList = async (spec: ListSpec = {}, of = identity) => leafOf({ crls: [await mintList(sub, spec)] }, of);
const byOcsp = async (answer: Partial<AnswerSpec> = {}, spec: ResponseSpec = {}) =>
  leafOf({ ocspResponses: [await mintResponse(sub, [{ serialNumber: LEAF, ...answer }], spec)] });

describe('a verdict', () => {
  it('is good if every certificate of the path is', async () => {
    const ocspResponses = [
      await mintResponse(sub, [{ serialNumber: LEAF, nextUpdate: new Date('2026-06-02T00:00:00Z') }]),
    ];
    const verdict = await check({ crls: [rootList], ocspResponses });
    expect(verdict).toEqual({
      accepted: true,
      status: 'good',
      certificates: [
        {
          certificate: 0,
          status: 'good',
          source: { kind: 'ocsp', index: 0 },
          thisUpdate: THIS_UPDATE,
          currentUntil: new Date('2026-06-02T00:00:00Z'),
        },
        {
          certificate: 1,
          status: 'good',
          source: { kind: 'crl', index: 0 },
          thisUpdate: THIS_UPDATE,
          currentUntil: NEXT_UPDATE,
        },
      ],
      rejected: [],
      at: AT,
      currentUntil: new Date('2026-06-02T00:00:00Z'),
    });
  });

  it('leaves what is unknown to the caller', async () => {
    for (const [onUnknown, accepted] of [
      ['refuse', false],
      ['accept', true],
    ] as const) {
      const verdict = await check({ onUnknown });
      expect(verdict).toMatchObject({ accepted, status: 'unknown', currentUntil: undefined, rejected: [] });
      expect(verdict.certificates).toEqual([0, 1].map((certificate) => ({ certificate, status: 'unknown' })));
    }
  });

  it('leaves what is stale to the caller', async () => {
    const crls = [await mintList(sub, { nextUpdate: new Date('2026-06-01T11:59:59Z') }), rootList];
    expect(await check({ crls })).toMatchObject({ accepted: false, status: 'stale', currentUntil: undefined });
    expect(await check({ crls, onUnknown: 'accept' })).toMatchObject({ accepted: true, status: 'stale' });
    const exact = [await mintList(sub, { nextUpdate: AT }), rootList];
    expect(await check({ crls: exact })).toMatchObject({ accepted: true, status: 'good' });
  });

  it('refuses what is revoked, whatever the caller accepts', async () => {
    const crls = [await mintList(sub, { entries: [{ serialNumber: LEAF, extensions: [reasonOf(1)] }] })];
    const verdict = await check({ crls, onUnknown: 'accept' });
    expect(verdict).toMatchObject({ accepted: false, status: 'revoked' });
    expect(verdict.certificates[0]).toEqual({
      certificate: 0,
      status: 'revoked',
      source: { kind: 'crl', index: 0 },
      thisUpdate: THIS_UPDATE,
      revokedAt: new Date('2026-05-20T00:00:00Z'),
      reason: 'key-compromise',
    });
  });

  it('refuses a revoked authority', async () => {
    const crls = [await mintList(sub), await mintList(root, { entries: [{ serialNumber: SUB }] })];
    const { status, certificates } = await check({ crls });
    expect([status, certificates[1]]).toMatchObject(['revoked', { status: 'revoked', reason: 'unspecified' }]);
  });
});

describe('documents that disagree', () => {
  const list = (thisUpdate: Date, reason?: number, nextUpdate = NEXT_UPDATE) =>
    mintList(sub, {
      thisUpdate,
      nextUpdate,
      entries: reason === undefined ? [] : [{ serialNumber: LEAF, extensions: [reasonOf(reason)] }],
    });
  const EARLIER = new Date('2026-05-30T00:00:00Z');
  const PAST = new Date('2026-05-31T00:00:00Z');

  it('a revocation is for ever, a hold is not', async () => {
    const good = await list(THIS_UPDATE);
    expect(await leafOf({ crls: [good, await list(EARLIER, 1, PAST)] })).toEqual(['revoked']);
    expect(await leafOf({ crls: [good, await list(EARLIER, 6)] })).toEqual(['good']);
    expect(await leafOf({ crls: [await list(EARLIER), await list(THIS_UPDATE, 6)] })).toEqual(['revoked']);
    expect(await leafOf({ crls: [good, await list(THIS_UPDATE, 6)] })).toEqual(['revoked']);
    expect(await leafOf({ crls: [await list(EARLIER, 6, PAST)] })).toEqual(['revoked']);
  });

  it('a current document counts before a newer one that is stale', async () => {
    const stale = {
      serialNumber: LEAF,
      thisUpdate: new Date('2026-06-01T10:00:00Z'),
      nextUpdate: new Date('2026-06-01T11:00:00Z'),
    };
    const ocspResponses = [await mintResponse(sub, [stale])];
    expect(await leafOf({ ocspResponses })).toEqual(['stale']);
    expect(await leafOf({ crls: [await list(THIS_UPDATE)], ocspResponses })).toEqual(['good']);
  });

  it('a maximum age bounds all of them', async () => {
    const crls = [await list(THIS_UPDATE)];
    expect(await leafOf({ crls, maximumAgeSeconds: 12 * 3600 })).toEqual(['good']);
    expect(await leafOf({ crls, maximumAgeSeconds: 12 * 3600 - 1 })).toEqual(['stale']);
  });
});

describe('a revocation list', () => {
  it.each([
    [0, 'unspecified'],
    [2, 'ca-compromise'],
    [3, 'affiliation-changed'],
    [4, 'superseded'],
    [5, 'cessation-of-operation'],
    [9, 'privilege-withdrawn'],
    [10, 'aa-compromise'],
  ])('knows reason %i', async (number, reason) => {
    const crls = [
      await mintList(sub, { entries: [{ serialNumber: 3 }, { serialNumber: LEAF, extensions: [reasonOf(number)] }] }),
    ];
    expect((await check({ crls })).certificates[0]).toMatchObject({ status: 'revoked', reason });
  });

  const critical = (id: string, value = sequence()) => extension(id, value, true);
  const idp = (...fields: readonly Uint8Array[]) => critical('2.5.29.28', sequence(...fields));
  const TRUE = (tag: number) => tlv(tag, Uint8Array.of(0xff));
  const uri = (text: string) => tlv(0x86, bytes(text));
  const fullName = (text: string) => tlv(0xa0, tlv(0xa0, uri(text)));

  const LISTS: Readonly<Record<string, readonly [ListSpec, readonly string[]]>> = {
    'an empty one': [{}, ['good']],
    'one with other entries': [{ entries: [{ serialNumber: 1 }, { serialNumber: 0x80 }] }, ['good']],
    'one with an invalidity date': [
      {
        entries: [{ serialNumber: 1, extensions: [extension('2.5.29.24', tlv(0x18, bytes('20260101000000Z')), true)] }],
      },
      ['good'],
    ],
    'its number and its key': [
      { extensions: [extension('2.5.29.20', integer(7)), authorityKeyIdentifier(skiOf(sub.signer))] },
      ['good'],
    ],
    'the place of the next delta': [{ extensions: [extension('2.5.29.46', sequence())] }, ['good']],
    'another key identifier': [
      { extensions: [authorityKeyIdentifier(skiOf(RSA))] },
      ['unknown', 'ERR_MDA_REVOCATION_ISSUER'],
    ],
    'another signer of the same name': [{ signer: ecSigner('twin') }, ['unknown', 'ERR_MDA_REVOCATION_SIGNATURE']],
    'a signer of another kind': [{ signer: RSA }, ['unknown', 'ERR_MDA_REVOCATION_SIGNATURE']],
    'a signature in BER': [{ signature: withLongLength }, ['unknown', 'ERR_MDA_REVOCATION_SIGNATURE']],
    'two algorithms': [{ outerAlgorithm: RSA.algorithm }, ['unknown', 'ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH']],
    'a time to come': [
      { thisUpdate: new Date('2026-06-01T12:00:01Z') },
      ['unknown', 'ERR_MDA_REVOCATION_NOT_YET_VALID'],
    ],
    'no time of the next': [{ nextUpdate: undefined }, ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED']],
    'a time of the next after 2050': [{ nextUpdate: new Date('2050-01-01T00:00:00Z') }, ['good']],
    'version 1': [{ version: new Uint8Array() }, ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED']],
    'version 3': [{ version: integer(2) }, ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED']],
    'changes alone': [
      { extensions: [extension('2.5.29.27', integer(1))] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
    'an unknown critical extension': [
      { extensions: [critical('1.2.3')] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
    'a number that is none': [{ extensions: [extension('2.5.29.20', sequence())] }, ['unknown', 'ERR_MDA_DER_TAG']],
    'an unknown critical extension in another entry': [
      { entries: [{ serialNumber: 1, extensions: [critical('1.2.3')] }] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
    'an unknown extension in the entry': [
      {
        entries: [
          { serialNumber: LEAF, at: new Date('2050-01-01T00:00:00Z'), extensions: [extension('1.2.3', sequence())] },
        ],
      },
      ['revoked'],
    ],
    'an entry of another issuer': [
      { entries: [{ serialNumber: 1, extensions: [extension('2.5.29.29', sequence())] }] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
    'a reason that takes off the list': [
      { entries: [{ serialNumber: LEAF, extensions: [reasonOf(8)] }] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
    'a reason of two bytes': [
      { entries: [{ serialNumber: 1, extensions: [extension('2.5.29.21', hex('0a 02 01 00'))] }] },
      ['unknown', 'ERR_MDA_DER_INTEGER'],
    ],
    'a reason twice in an entry': [
      { entries: [{ serialNumber: LEAF, extensions: [reasonOf(1), reasonOf(6)] }] },
      ['unknown', 'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE'],
    ],
    'entries that are none': [{ rawEntries: sequence(integer(1)) }, ['unknown', 'ERR_MDA_DER_TAG']],
    'bytes after an entry': [
      { rawEntries: sequence(sequence(integer(1), time(THIS_UPDATE), sequence(), integer(1))) },
      ['unknown', 'ERR_MDA_DER_TRAILING'],
    ],
    'devices alone': [{ extensions: [idp(TRUE(0x81))] }, ['good']],
    'authorities alone': [{ extensions: [idp(TRUE(0x82))] }, ['unknown', 'ERR_MDA_REVOCATION_SCOPE']],
    'some reasons alone': [
      { extensions: [idp(tlv(0x83, hex('06 40')))] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
    'other issuers': [{ extensions: [idp(TRUE(0x84))] }, ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED']],
    'attribute certificates': [{ extensions: [idp(TRUE(0x85))] }, ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED']],
    'a default that is written': [
      { extensions: [idp(tlv(0x81, Uint8Array.of(0)))] },
      ['unknown', 'ERR_MDA_DER_BOOLEAN'],
    ],
    'a place that the certificate does not name': [
      { extensions: [idp(fullName('http://crl.example/1'))] },
      ['unknown', 'ERR_MDA_REVOCATION_SCOPE'],
    ],
    'a place relative to the issuer': [
      { extensions: [idp(tlv(0xa0, tlv(0xa1, sequence())))] },
      ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'],
    ],
  };
  it.each(Object.entries(LISTS))('%s', async (_, [spec, expected]) => {
    expect(await byList(spec)).toEqual(expected);
  });

  it('that has a serial number twice keeps the reason that is final', async () => {
    const ocspResponses = [
      await mintResponse(sub, [{ serialNumber: LEAF, thisUpdate: new Date('2026-06-01T11:00:00Z') }]),
    ];
    for (const [reasons, status, reason] of [
      [[1, 6], 'revoked', 'key-compromise'],
      [[6, 1], 'revoked', 'key-compromise'],
      [[1, 4], 'revoked', 'key-compromise'],
      [[6, 6], 'good', undefined],
    ] as const) {
      const entries = reasons.map((number) => ({ serialNumber: LEAF, extensions: [reasonOf(number)] }));
      const { certificates } = await check({ crls: [await mintList(sub, { entries })], ocspResponses });
      expect(certificates[0]).toMatchObject(reason === undefined ? { status } : { status, reason });
    }
  });

  it('of authorities alone is for authorities', async () => {
    const authorities = await mintList(root, { extensions: [idp(TRUE(0x82))] });
    expect((await check({ crls: [authorities] })).certificates[1]?.status).toBe('good');
    const devices = await mintList(root, { extensions: [idp(TRUE(0x81))] });
    expect((await check({ crls: [devices] })).rejected[0]?.error.code).toBe('ERR_MDA_REVOCATION_SCOPE');
  });

  it('of a place is for the certificates that name it', async () => {
    const at = (...points: readonly Uint8Array[]) =>
      verified({ extensions: [...PLAIN_EXTENSIONS, extension('2.5.29.31', sequence(...points))] });
    const spec = { extensions: [idp(fullName('http://crl.example/1'))] };
    const point = (text: string, ...rest: readonly Uint8Array[]) => sequence(fullName(text), ...rest);
    expect(await byList(spec, await at(point('http://crl.example/0'), point('http://crl.example/1')))).toEqual([
      'good',
    ]);
    const other = ['unknown', 'ERR_MDA_REVOCATION_SCOPE'];
    expect(await byList(spec, await at(point('http://crl.example/2')))).toEqual(other);
    expect(await byList(spec, await at(point('http://crl.example/1', tlv(0x81, hex('06 40')))))).toEqual(other);
    expect(await byList(spec, await at(sequence(tlv(0xa2, uri('x')))))).toEqual(other);
    expect(await byList(spec, await at(integer(1)))).toEqual(['unknown', 'ERR_MDA_CERTIFICATE_EXTENSION']);
  });

  it('is of no authority that may not sign lists', async () => {
    const extensions = [basicConstraints(true), keyUsage(0x04), subjectKeyIdentifier(skiOf(ecSigner('mute')))];
    const mute = await subAuthority('Mute', ecSigner('mute'), root, { extensions });
    expect(await leafOf({ crls: [await mintList(mute)] }, await verified({}, mute))).toEqual([
      'unknown',
      'ERR_MDA_REVOCATION_ISSUER',
    ]);
    const silent = await subAuthority('Silent', ecSigner('silent'), root, { extensions: [basicConstraints(true)] });
    const crls = [await mintList(silent, { extensions: [authorityKeyIdentifier(skiOf(RSA))] })];
    expect(await leafOf({ crls }, await verified({}, silent))).toEqual(['good']);
  });

  it('of another issuer does not count', async () => {
    const other = await rootAuthority('Other', ecSigner('other'));
    expect(await leafOf({ crls: [await mintList(other)] })).toEqual(['unknown', 'ERR_MDA_REVOCATION_ISSUER']);
  });

  it('is bounded, and strict DER', async () => {
    const list = await mintList(sub);
    const codes = async (...crls: readonly Uint8Array[]) => (await leafOf({ crls })).slice(1);
    expect(await codes(new Uint8Array(MAX_REVOCATION_LIST_BYTES + 1))).toEqual(['ERR_MDA_REVOCATION_TOO_LARGE']);
    expect(await codes(concat(list, hex('00')), withLongLength(list), new Uint8Array(), hex('30 80 00 00'))).toEqual([
      'ERR_MDA_DER_TRAILING',
      'ERR_MDA_DER_LENGTH',
      'ERR_MDA_DER_TRUNCATED',
      'ERR_MDA_DER_LENGTH',
    ]);
  });

  it('of seventy thousand entries is searched for one', async () => {
    const thousands = Array.from({ length: 70 }, (_, thousand) =>
      concat(
        ...Array.from({ length: 1000 }, (_, index) =>
          encodeEntry({ serialNumber: 0x10000000 + 1000 * thousand + index, extensions: [reasonOf(4)] }),
        ),
      ),
    );
    const list = (last: bigint) =>
      mintList(sub, { rawEntries: sequence(...thousands, encodeEntry({ serialNumber: last })) });
    expect(await leafOf({ crls: [await list(LEAF)] })).toEqual(['revoked']);
    expect(await leafOf({ crls: [await list(1n)] })).toEqual(['good']);
  });
});

describe('an OCSP response', () => {
  const delegateOf = (changes: Changes = {}, issuer = sub) =>
    issue({
      subject: sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, bytes('responder'))))),
      spki: delegate.spki,
      issuer: issuer.name,
      signer: issuer.signer,
      serialNumber: 0x0c5bn,
      extensions: [extendedKeyUsage(OCSP_SIGNING)],
      ...changes,
    });
  const delegate = ecSigner('responder');
  const delegated = async (changes: Changes = {}, spec: ResponseSpec = {}, issuer = sub) =>
    byOcsp(
      {},
      { signer: delegate, responder: byKey(delegate), certificates: [await delegateOf(changes, issuer)], ...spec },
    );

  it('says good, revoked, held or unknown', async () => {
    expect(await byOcsp()).toEqual(['good']);
    expect(await byOcsp({ status: STATUS.revoked })).toEqual(['revoked']);
    expect(await byOcsp({ status: STATUS.hold })).toEqual(['revoked']);
    expect(await byOcsp({ status: STATUS.unknown })).toEqual(['unknown']);
  });

  const OTHER = ['unknown', 'ERR_MDA_REVOCATION_SCOPE'];
  const UNSUPPORTED = ['unknown', 'ERR_MDA_REVOCATION_UNSUPPORTED'];
  const ANSWERS: Readonly<Record<string, readonly [Partial<AnswerSpec>, ResponseSpec, readonly string[]]>> = {
    'SHA-1, by name': [{ hash: 'SHA-1' }, {}, ['good']],
    'SHA-256, by key': [{ hash: 'SHA-256' }, { responder: byKey(sub.signer) }, ['good']],
    'SHA-512': [{ hash: 'SHA-512' }, {}, OTHER],
    'another certificate': [{ serialNumber: 1 }, {}, OTHER],
    'another issuer by name': [{ nameOf: root }, {}, OTHER],
    'another issuer by key': [{ keyOf: root }, {}, OTHER],
    'a time to come': [{ thisUpdate: NEXT_UPDATE }, {}, ['unknown', 'ERR_MDA_REVOCATION_NOT_YET_VALID']],
    'an old one': [{ nextUpdate: THIS_UPDATE }, {}, ['stale']],
    'no time of the next': [{ nextUpdate: undefined }, {}, ['stale']],
    'no answer': [{}, { status: 3 }, ['unknown', 'ERR_MDA_REVOCATION_STATUS']],
    'another type': [{}, { type: '1.3.6.1.5.5.7.48.1.2' }, UNSUPPORTED],
    'an unknown critical extension': [{}, { extensions: [extension('1.2.3', sequence(), true)] }, UNSUPPORTED],
    'a nonce': [{}, { extensions: [extension('1.3.6.1.5.5.7.48.1.2', octetString(bytes('nonce')))] }, ['good']],
    'an unknown critical extension of the answer': [
      { extensions: [extension('1.2.3', sequence(), true)] },
      {},
      UNSUPPORTED,
    ],
    'a status with a value': [{ status: hex('80 01 00') }, {}, ['unknown', 'ERR_MDA_DER_LENGTH']],
    'a status that is none': [{ status: hex('83 00') }, {}, ['unknown', 'ERR_MDA_DER_TAG']],
    'another signer': [{}, { signer: ecSigner('twin') }, ['unknown', 'ERR_MDA_REVOCATION_SIGNATURE']],
    'a signature in BER': [{}, { signature: withLongLength }, ['unknown', 'ERR_MDA_REVOCATION_SIGNATURE']],
    'a responder that nobody knows': [{}, { responder: byName(root) }, ['unknown', 'ERR_MDA_REVOCATION_RESPONDER']],
    'a version': [{}, { responder: explicit(0, integer(0)) }, ['unknown', 'ERR_MDA_DER_TAG']],
  };
  it.each(Object.entries(ANSWERS))('%s', async (_, [answer, spec, expected]) => {
    expect(await byOcsp(answer, spec)).toEqual(expected);
  });

  it('that does not count says nothing, in whatever order', async () => {
    const good = { serialNumber: LEAF };
    const ahead = { serialNumber: LEAF, status: STATUS.revoked, thisUpdate: new Date('2026-06-01T12:00:01Z') };
    for (const answers of [
      [good, ahead],
      [ahead, good],
    ]) {
      const ocspResponses = [await mintResponse(sub, answers)];
      expect(await leafOf({ ocspResponses })).toEqual(['unknown', 'ERR_MDA_REVOCATION_NOT_YET_VALID']);
    }
  });

  it('that contradicts itself revokes', async () => {
    for (const status of [STATUS.revoked, STATUS.hold]) {
      const answers = [{ serialNumber: LEAF, status }, { serialNumber: LEAF }];
      expect(await leafOf({ ocspResponses: [await mintResponse(sub, answers)] })).toEqual(['revoked']);
      expect(await leafOf({ ocspResponses: [await mintResponse(sub, answers.toReversed())] })).toEqual(['revoked']);
    }
  });

  it('counts for the certificates whose issuer signed it, whatever it says of others', async () => {
    const answers = [{ serialNumber: SUB }, { serialNumber: LEAF, nameOf: sub, keyOf: sub }];
    const { certificates, rejected } = await check({ ocspResponses: [await mintResponse(root, answers)] });
    expect([certificates.map(({ status }) => status), rejected]).toEqual([['unknown', 'good'], []]);
  });

  it('without a time of the next is current for as long as the caller says', async () => {
    const ocspResponses = [await mintResponse(sub, [{ serialNumber: LEAF, nextUpdate: undefined }])];
    expect(await leafOf({ ocspResponses, maximumAgeSeconds: 12 * 3600 })).toEqual(['good']);
    expect(await leafOf({ ocspResponses, maximumAgeSeconds: 3600 })).toEqual(['stale']);
    const { certificates } = await check({ ocspResponses, maximumAgeSeconds: 31_556_952_000 });
    expect(certificates[0]).toMatchObject({
      status: 'good',
      currentUntil: new Date(THIS_UPDATE.getTime() + 31_556_952_000_000),
    });
  });

  const RESPONDER = ['unknown', 'ERR_MDA_REVOCATION_RESPONDER'];
  const DELEGATES: Readonly<Record<string, readonly [Changes, readonly string[]]>> = {
    'certified for it': [{}, ['good']],
    'not certified for it': [{ extensions: [extendedKeyUsage('1.3.6.1.5.5.7.3.2')] }, RESPONDER],
    'for any purpose': [{ extensions: [extendedKeyUsage(ANY_PURPOSE)] }, RESPONDER],
    'without a purpose': [{ extensions: [] }, RESPONDER],
    'that may not sign': [{ extensions: [extendedKeyUsage(OCSP_SIGNING), keyUsage(0x08)] }, RESPONDER],
    'with an unknown critical extension': [
      { extensions: [extendedKeyUsage(OCSP_SIGNING), extension('1.2.3', sequence(), true)] },
      RESPONDER,
    ],
    'that has expired': [{ notAfter: new Date('2026-06-01T00:00:00Z') }, RESPONDER],
    'of tomorrow': [{ notBefore: new Date('2026-06-02T00:00:00Z') }, RESPONDER],
    'of another key': [{ spki: sub.signer.spki }, RESPONDER],
    'forged in the name of the issuer': [{ signer: ecSigner('forger') }, RESPONDER],
    'of another issuer': [{ issuer: root.name, signer: root.signer }, RESPONDER],
  };
  it.each(Object.entries(DELEGATES))('of a responder %s', async (_, [changes, expected]) => {
    expect(await delegated(changes)).toEqual(expected);
  });

  it('of a responder of another name, or that cannot be read, does not count', async () => {
    expect(await delegated({}, { certificates: [sequence(), await delegateOf()] })).toEqual(['good']);
    expect(await delegated({}, { certificates: [sequence()] })).toEqual(RESPONDER);
    expect(await delegated({}, { signer: ecSigner('twin') })).toEqual(['unknown', 'ERR_MDA_REVOCATION_SIGNATURE']);
  });

  it('of a responder that a list revokes does not count', async () => {
    const certificates = [await delegateOf()];
    const spec = { signer: delegate, responder: byKey(delegate), certificates };
    const ocspResponses = [await mintResponse(sub, [{ serialNumber: LEAF }], spec)];
    const revoking = await mintList(sub, { entries: [{ serialNumber: 0x0c5b }] });
    expect(await leafOf({ ocspResponses, crls: [revoking] })).toEqual(['good', 'ERR_MDA_REVOCATION_RESPONDER']);
    const { certificates: path } = await check({ ocspResponses, crls: [revoking, rootList] });
    expect(path[0]).toMatchObject({ status: 'good', source: { kind: 'crl', index: 0 } });
    expect(await leafOf({ ocspResponses, crls: [await mintList(sub), rootList] })).toEqual(['good']);
  });

  it('of a responder whose list cannot be read does not count', async () => {
    const spec = { signer: delegate, responder: byKey(delegate), certificates: [await delegateOf()] };
    const ocspResponses = [await mintResponse(sub, [{ serialNumber: LEAF }], spec)];
    const crls = [await mintList(sub, { rawEntries: sequence(integer(1)) })];
    expect(await leafOf({ ocspResponses, crls })).toEqual([
      'unknown',
      'ERR_MDA_DER_TAG',
      'ERR_MDA_REVOCATION_RESPONDER',
    ]);
  });

  it('of a responder has it looked up once in a long list, however many there are', async () => {
    const spec = { signer: delegate, responder: byKey(delegate), certificates: [await delegateOf()] };
    const response = await mintResponse(sub, [{ serialNumber: LEAF }], spec);
    const entry = encodeEntry({ serialNumber: 0x123456789an });
    const crls = [await mintList(sub, { rawEntries: sequence(...Array.from({ length: 2000 }, () => entry)) })];
    // Each entry that is looked at is a view on the list.
    const viewsFor = async (length: number) => {
      const ocspResponses = Array.from({ length }, () => response);
      const subarray = vi.spyOn(Uint8Array.prototype, 'subarray');
      expect(await leafOf({ crls, ocspResponses })).toEqual(['good']);
      const { length: views } = subarray.mock.calls;
      subarray.mockRestore();
      return views;
    };
    const one = await viewsFor(1);
    expect(one).toBeGreaterThan(4000);
    expect((await viewsFor(MAX_REVOCATION_DOCUMENTS)) - one).toBeLessThan(2000);
  });

  it('is bounded, and strict DER', async () => {
    const response = await mintResponse(sub, [{ serialNumber: LEAF }]);
    const many = await mintResponse(
      sub,
      Array.from({ length: 65 }, (_, index) => ({ serialNumber: index + 1 })),
    );
    const full = await mintResponse(sub, [{ serialNumber: LEAF }], {
      certificates: Array.from({ length: 9 }, () => sequence()),
    });
    const codes = async (...ocspResponses: readonly Uint8Array[]) => (await leafOf({ ocspResponses })).slice(1);
    expect(await codes(new Uint8Array(MAX_OCSP_RESPONSE_BYTES + 1), many, full)).toEqual(
      Array(3).fill('ERR_MDA_REVOCATION_TOO_LARGE'),
    );
    expect(
      await codes(concat(response, hex('00')), withLongLength(response), new Uint8Array(), hex('30 03 0a 01 06')),
    ).toEqual(['ERR_MDA_DER_TRAILING', 'ERR_MDA_DER_LENGTH', 'ERR_MDA_DER_TRUNCATED', 'ERR_MDA_REVOCATION_STATUS']);
    const inside = sequence(
      hex('0a 01 00'),
      explicit(
        0,
        sequence(
          oid('1.3.6.1.5.5.7.48.1.1'),
          octetString(
            concat(
              sequence(
                sequence(byName(sub), tlv(0x18, bytes('20260601000000Z')), sequence()),
                sub.signer.algorithm,
                bitString(hex('00')),
              ),
              hex('00'),
            ),
          ),
        ),
      ),
    );
    expect(await codes(inside)).toEqual(['ERR_MDA_DER_TRAILING']);
  });
});

describe('two authorities of one name in a path', () => {
  // A new key that the old one certifies, under the name that the authority has always had.
  const rollover = async () => {
    const old = await rootAuthority('Rollover', ecSigner('old'));
    const renewed = await subAuthority('Rollover', ecSigner('new'), old, { serialNumber: SUB });
    const of = await verifyIdentity([await deviceCertificate(renewed), renewed.der], {
      at: AT,
      trustAnchors: [identityTrustAnchor(old.der)],
      attestingAuthorities: noAttestingAuthority,
    });
    const judge = async (documents: Documents) => {
      const { accepted, certificates, rejected } = await check(documents, of);
      return [accepted, ...certificates.map(({ status }) => status), ...rejected.map(({ error }) => error.code)];
    };
    return { old, renewed, judge };
  };
  const revoking = { entries: [{ serialNumber: SUB, extensions: [reasonOf(2)] }] };

  it('a list counts for what its own key has issued', async () => {
    const { old, renewed, judge } = await rollover();
    const byNew = await mintList(renewed);
    const byOld = await mintList(old);
    expect(await judge({ crls: [byNew] })).toEqual([false, 'good', 'unknown']);
    expect(await judge({ crls: [byOld] })).toEqual([false, 'unknown', 'good']);
    expect(await judge({ crls: [byNew, byOld] })).toEqual([true, 'good', 'good']);
    const byOther = await mintList(old, { signer: ecSigner('neither') });
    expect(await judge({ crls: [byOther] })).toEqual([false, 'unknown', 'unknown', 'ERR_MDA_REVOCATION_SIGNATURE']);
  });

  it('a list of the upper one revokes the lower', async () => {
    const { old, renewed, judge } = await rollover();
    const byOld = await mintList(old, revoking);
    expect(await judge({ crls: [byOld], onUnknown: 'accept' })).toEqual([false, 'unknown', 'revoked']);
    expect(await judge({ crls: [await mintList(renewed), byOld] })).toEqual([false, 'good', 'revoked']);
    const byNew = await mintList(renewed, revoking);
    expect(await judge({ crls: [byNew] })).toEqual([false, 'good', 'unknown']);
  });

  it('a list of one revokes no responder of the other', async () => {
    const { old, renewed, judge } = await rollover();
    const responder = ecSigner('rollover responder');
    const certificate = await issue({
      subject: sequence(tlv(0x31, sequence(oid('2.5.4.3'), tlv(0x0c, bytes('responder'))))),
      spki: responder.spki,
      issuer: renewed.name,
      signer: renewed.signer,
      serialNumber: 0x0c5bn,
      extensions: [extendedKeyUsage(OCSP_SIGNING)],
    });
    const spec = { signer: responder, responder: byKey(responder), certificates: [certificate] };
    const ocspResponses = [await mintResponse(renewed, [{ serialNumber: LEAF }], spec)];
    const entries = [{ serialNumber: 0x0c5b }];
    expect(await judge({ ocspResponses, crls: [await mintList(old, { entries })] })).toEqual([true, 'good', 'good']);
    expect(await judge({ ocspResponses, crls: [await mintList(renewed, { entries })] })).toEqual([
      false,
      'good',
      'unknown',
      'ERR_MDA_REVOCATION_RESPONDER',
    ]);
  });
});

describe('hostile documents', () => {
  it('never throw, whichever byte is changed, and never make a revoked certificate good', async () => {
    const crl = await mintList(sub, {
      entries: [{ serialNumber: LEAF }],
      extensions: [extension('2.5.29.20', integer(7))],
    });
    const ocsp = await mintResponse(sub, [{ serialNumber: LEAF, status: STATUS.revoked }]);
    for (const [kind, document] of [
      ['crls', crl],
      ['ocspResponses', ocsp],
    ] as const)
      for (let start = 0; start < document.length; start += MAX_REVOCATION_DOCUMENTS) {
        const changed = Array.from(
          { length: Math.min(MAX_REVOCATION_DOCUMENTS, document.length - start) },
          (_, index) => document.map((byte, at) => (at === start + index ? byte ^ 0x41 : byte)),
        );
        const [status, ...codes] = await leafOf({ [kind]: changed });
        expect(status).not.toBe('good');
        expect(codes.length).toBeGreaterThan(0);
      }
  });
});

describe('pkijs as a witness', () => {
  it('verifies the lists and the responses that count here', async () => {
    const parse = (der: Uint8Array) => fromBER(new Uint8Array(der).buffer).result;
    const issuerCertificate = new Certificate({ schema: parse(sub.der) });
    const crl = new CertificateRevocationList({
      schema: parse(await mintList(sub, { entries: [{ serialNumber: LEAF }] })),
    });
    expect(await crl.verify({ issuerCertificate })).toBe(true);
    expect(crl.isCertificateRevoked(new Certificate({ schema: parse(await deviceCertificate(sub)) }))).toBe(true);
    const response = new OCSPResponse({ schema: parse(await mintResponse(sub, [{ serialNumber: LEAF }])) });
    const basic = new BasicOCSPResponse({
      schema: parse(new Uint8Array(response.responseBytes!.response.valueBlock.valueHexView)),
    });
    const { isForCertificate, status } = await basic.getCertificateStatus(
      new Certificate({ schema: parse(await deviceCertificate(sub)) }),
      issuerCertificate,
    );
    expect([isForCertificate, status]).toEqual([true, 0]);
  });
});

describe("a caller's mistakes", () => {
  const base = { at: AT, onUnknown: 'refuse' };
  const MISTAKES: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    'no options': [undefined, /options/],
    'an unknown option': [{ ...base, crl: [] }, /crl/],
    'no time': [{ onUnknown: 'refuse' }, /at/],
    'no decision': [{ at: AT }, /onUnknown/],
    'a list that was not found': [{ ...base, crls: undefined }, /crls/],
    'responses that were not found': [{ ...base, ocspResponses: undefined }, /ocspResponses/],
    'no bytes': [{ ...base, crls: ['list'] }, /crls\[0\]/],
    'a hole': [{ ...base, ocspResponses: Array(1) }, /ocspResponses\[0\]/],
    'too many': [{ ...base, crls: Array.from({ length: MAX_REVOCATION_DOCUMENTS + 1 }, () => rootList) }, /crls/],
    'a negative age': [{ ...base, maximumAgeSeconds: -1 }, /maximumAgeSeconds/],
    'an age that no time can be told for': [{ ...base, maximumAgeSeconds: 31_556_952_001 }, /maximumAgeSeconds/],
    'an age without end': [{ ...base, maximumAgeSeconds: Infinity }, /maximumAgeSeconds/],
    'an age in a text': [{ ...base, maximumAgeSeconds: '60' }, /maximumAgeSeconds/],
    'an age that was not found': [{ ...base, maximumAgeSeconds: undefined }, /maximumAgeSeconds/],
  };
  it.each(Object.entries(MISTAKES))('%s', async (_, [given, message]) => {
    const run = checkRevocation(identity, given as CheckRevocationOptions);
    await expect(run).rejects.toThrow(TypeError);
    await expect(run).rejects.toThrow(message);
  });

  it('an identity that was not verified', async () => {
    await expect(checkRevocation({ ...identity }, { at: AT, onUnknown: 'accept' })).rejects.toThrow(TypeError);
  });
});
