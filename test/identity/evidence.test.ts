import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attestingAuthority,
  type EvidenceRecord,
  identityExtensions,
  identityTrustAnchor,
  noAttestingAuthority,
  toEvidence,
  type ToEvidenceOptions,
  verifyEvidence,
  type VerifyEvidenceOptions,
  verifyIdentity,
} from '../../src/identity/index.ts';
import { isVerifiedAttestation, parseCertificate, skipFreshnessCheck, toBase64, toBase64Url } from '../../src/index.ts';
import { bytes, type Der, name, sequence } from '../../src/testing/der-writer.ts';
import { extendedKeyUsage } from '../../src/testing/leaf.ts';
import { TOKEN, USER_ENROLLMENT } from '../support/acme.ts';
import { AT, basicConstraints, digest, FRESHNESS_CODE, keyFrom, keyUsage, mintCertificate } from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';
import { attested, type Attested } from './world.ts';

const NOW = new Date('2027-01-01T00:00:00Z');
const DAY = 86_400_000;

const schema = JSON.parse(readFileSync(new URL('../../docs/evidence.schema.json', import.meta.url), 'utf8')) as object;
const isValid = new Ajv2020({ strict: true, allowUnionTypes: false }).compile(schema);

type Json = Record<string, unknown>;
const copyOf = (record: unknown): Json => JSON.parse(JSON.stringify(record)) as Json;

let acme: Attested;
let device: Attested;
let root: Der;
let acmeRecord: EvidenceRecord;
let deviceRecord: EvidenceRecord;
let identityRecord: EvidenceRecord;
let options: VerifyEvidenceOptions & Required<Pick<VerifyEvidenceOptions, 'identity'>>;

/** The certificate of an authority of an organisation that issues to the attested device. */
async function issue({ attestation }: Attested): Promise<readonly [leaf: Der, root: Der]> {
  const key = keyFrom('authority of the organisation');
  const organisation = name({ CN: 'Organisation CA', O: 'Organisation' });
  const times = { notBefore: new Date(AT.getTime() - DAY), notAfter: new Date(AT.getTime() + DAY) };
  const extensions = await identityExtensions(attestation, {
    include: 'all',
    privacy: 'identify',
    subjectIsEmpty: true,
  });
  const authority = { subject: organisation, issuer: organisation, key, issuerKey: key, ...times };
  return [
    await mintCertificate({
      ...authority,
      subject: sequence(),
      key: attestation.publicKey,
      extensions: [basicConstraints(false), keyUsage(0x80), extendedKeyUsage('1.3.6.1.5.5.7.3.2'), ...extensions],
    }),
    await mintCertificate({ ...authority, extensions: [basicConstraints(true), keyUsage(0x06)] }),
  ];
}

beforeAll(async () => {
  acme = await attested(
    { '11.1': digest('SHA-256', bytes(TOKEN)), '99.1': bytes('new'), '13.2': bytes('?') },
    { skip: true },
  );
  device = await attested();
  acmeRecord = await toEvidence(acme.attestation, { token: TOKEN });
  deviceRecord = await toEvidence(device.attestation, { nonce: FRESHNESS_CODE });
  const [leaf, organisation] = await issue(acme);
  root = organisation;
  options = {
    at: NOW,
    trustAnchors: [parseCertificate(acme.chain.root)],
    identity: { trustAnchors: [identityTrustAnchor(root)], attestingAuthorities: [attestingAuthority(root)] },
  };
  const identity = await verifyIdentity([leaf], { ...options.identity, at: AT });
  expect(identity.unattested).toBeUndefined();
  identityRecord = await toEvidence(identity);
});

const codeOf = async (record: unknown, changes: Partial<VerifyEvidenceOptions> = {}): Promise<string> => {
  const { code, field } = await rejectionOf(verifyEvidence(record, { ...options, ...changes }));
  return field === undefined ? code : `${code} ${field}`;
};

describe('a record', () => {
  it('is as documented', async () => {
    const { attestation, chain } = device;
    expect(deviceRecord).toEqual({
      format: 1,
      kind: 'device-information',
      at: '2026-06-01T12:00:00.000Z',
      certificates: chain.x5c.map((der) => ({ der: toBase64(der), sha256: hexOf(der) })),
      trustAnchor: { der: toBase64(chain.root), sha256: hexOf(chain.root) },
      freshness: { status: 'matched', nonce: toBase64(FRESHNESS_CODE) },
      publicKey: { spki: toBase64(attestation.publicKey.spki), sha256: hexOf(attestation.publicKey.spki) },
      properties: {
        ...attestation.properties,
        freshnessCode: { status: 'attested', value: toBase64(FRESHNESS_CODE) },
      },
    });
    expect(acmeRecord).toMatchObject({ kind: 'acme', freshness: { status: 'matched', token: TOKEN } });
    expect(acmeRecord.properties).toMatchObject({
      secureBoot: { status: 'malformed', bytes: toBase64(bytes('?')) },
      other: [{ oid: '1.2.840.113635.100.8.99.1', bytes: toBase64(bytes('new')) }],
    });
    expect(identityRecord).toMatchObject({
      kind: 'identity',
      identifiers: [
        { kind: 'permanentIdentifier', identifierValue: 'SIMULATED1', saidBy: 'attestation' },
        { kind: 'hardwareModuleName', serialNumber: toBase64(bytes('SIMULATED1')), saidBy: 'attestation' },
      ],
      unattested: null,
      attestation: {
        attestedAt: '2026-05-01T00:00:00.000Z',
        verifiedAt: '2026-06-01T12:00:00.000Z',
        notAfter: '2026-07-31T00:00:00.000Z',
        freshness: 'not checked',
        sha256: hexOf(acme.chain.leaf),
      },
    });
    const blind = await verifyIdentity(
      identityRecord.certificates.map(({ der }) => new Uint8Array(Buffer.from(der, 'base64'))),
      { ...options.identity, at: AT, attestingAuthorities: noAttestingAuthority },
    );
    expect(await toEvidence(blind)).toMatchObject({
      attestation: null,
      unattested: { reason: 'authority-not-attesting' },
      properties: { osVersion: { status: 'absent' } },
    });
    expect(isValid(copyOf(await toEvidence(blind))), JSON.stringify(isValid.errors)).toBe(true);
  });

  it('is JSON after the schema, and holds', async () => {
    const unchecked = [
      await toEvidence(acme.attestation, { token: skipFreshnessCheck }),
      await toEvidence(device.attestation, { nonce: skipFreshnessCheck }),
      await toEvidence((await attested(USER_ENROLLMENT)).attestation, { nonce: FRESHNESS_CODE }),
    ];
    for (const record of [acmeRecord, deviceRecord, identityRecord, ...unchecked]) {
      expect(isValid(copyOf(record)), JSON.stringify(isValid.errors)).toBe(true);
      expect(copyOf(record)).toEqual(record);
      for (const given of [record, JSON.stringify(record), JSON.stringify(record, undefined, 2)]) {
        const evidence = await verifyEvidence(given, options);
        expect(evidence.kind).toBe(record.kind);
        const { at } = evidence.kind === 'identity' ? evidence.identity : evidence.attestation;
        expect(at).toEqual(AT);
      }
    }
    const { attestation } = (await verifyEvidence(acmeRecord, options)) as { attestation: unknown };
    expect(isVerifiedAttestation(attestation)).toBe(true);
  });

  it('holds with its members in another order, as a database returns them, and with other escapes', async () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .map(([key, member]): [string, unknown] => [key, turned(member)])
                .reverse(),
            )
          : value;
    await verifyEvidence(turned(acmeRecord), options);
    await verifyEvidence(JSON.stringify(identityRecord).replaceAll('/', '\\/').replaceAll('A', '\\u0041'), options);
  });

  it('is judged by the root of Apple, unless another is given', async () => {
    expect(await rejectionOf(verifyEvidence(acmeRecord, { at: NOW }))).toMatchObject({
      code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    });
  });

  it('is not made of another token, or of nothing', async () => {
    const refuses = (given: unknown, ...rest: unknown[]) =>
      expect(toEvidence(given as Attested['attestation'], ...(rest as [ToEvidenceOptions]))).rejects.toThrow(TypeError);
    const { attestation } = acme;
    await refuses(attestation, { token: 'AAAA' });
    await refuses(attestation, { token: 'not a token' });
    await refuses(attestation, { token: undefined });
    await refuses(attestation, { nonce: FRESHNESS_CODE });
    await refuses(attestation, { nonce: undefined });
    await refuses(attestation, { nonce: FRESHNESS_CODE, token: TOKEN });
    await refuses(attestation, { token: TOKEN, more: 1 });
    await refuses(attestation, {});
    await refuses(attestation);
    await refuses({ ...attestation }, { token: TOKEN });
    const { attestation: codeless } = await attested({ '11.1': undefined }, { skip: true });
    await refuses(codeless, { nonce: FRESHNESS_CODE });
    const identity = await verifyEvidence(identityRecord, options);
    await refuses((identity as { identity: unknown }).identity, { token: TOKEN });
  });
});

describe('a record that was altered', () => {
  it('is found out at every member, whichever is altered', async () => {
    for (const record of [acmeRecord, deviceRecord, identityRecord])
      for (const path of leavesOf(record)) {
        const altered = withChange(record, path, alter);
        const refused = await verifyEvidence(altered, options).then(
          () => 'accepted',
          (error: unknown) => rejectionOf(Promise.reject(error as Error)).then(({ code }) => code),
        );
        expect(refused, path.join('.')).toMatch(/^ERR_MDA_/);
      }
  });

  it('is found out where a member was taken out or put in', async () => {
    for (const record of [acmeRecord, deviceRecord, identityRecord])
      for (const path of leavesOf(record)) {
        const without = withChange(record, path, () => undefined);
        await expect(verifyEvidence(without, options), path.join('.')).rejects.toMatchObject({
          name: 'AttestationError',
        });
        const around = path.slice(0, -1);
        const more = withChange(record, around, (members) =>
          Array.isArray(members) ? [...(members as unknown[]), 1] : { ...(members as object), more: 1 },
        );
        await expect(verifyEvidence(more, options), around.join('.')).rejects.toMatchObject({
          name: 'AttestationError',
        });
        if (!Array.isArray(record)) expect(isValid(more), around.join('.')).toBe(false);
      }
  });

  it.each([
    [
      'a property',
      ['properties', 'osVersion', 'value'],
      '27.0',
      'ERR_MDA_EVIDENCE_MISMATCH properties.osVersion.value',
    ],
    [
      'a property made absent',
      ['properties', 'osVersion'],
      { status: 'absent' },
      'ERR_MDA_EVIDENCE_MISMATCH properties.osVersion.status',
    ],
    ['a property with more', ['properties', 'osVersion', 'more'], 1, 'ERR_MDA_EVIDENCE_SHAPE properties.osVersion'],
    ['a property as text', ['properties', 'osVersion'], '26.4.1', 'ERR_MDA_EVIDENCE_MISMATCH properties.osVersion'],
    ['other properties', ['properties', 'other'], [], 'ERR_MDA_EVIDENCE_MISMATCH properties.other'],
    ['other properties as text', ['properties', 'other'], '', 'ERR_MDA_EVIDENCE_MISMATCH properties.other'],
    [
      'a fingerprint',
      ['certificates', '0', 'sha256'],
      'ab'.repeat(32),
      'ERR_MDA_EVIDENCE_MISMATCH certificates[0].sha256',
    ],
    ['the key', ['publicKey', 'spki'], 'AAAA', 'ERR_MDA_EVIDENCE_MISMATCH publicKey.spki'],
    ['the anchor', ['trustAnchor', 'der'], 'AAAA', 'ERR_MDA_EVIDENCE_MISMATCH trustAnchor.der'],
    ['the token', ['freshness', 'token'], 'AAAA', 'ERR_MDA_FRESHNESS_MISMATCH'],
    ['a token of other characters', ['freshness', 'token'], 'A.A', 'ERR_MDA_EVIDENCE_VALUE freshness.token'],
    ['a token that is none', ['freshness', 'token'], 1, 'ERR_MDA_EVIDENCE_SHAPE freshness.token'],
    ['a token taken out', ['freshness'], { status: 'matched' }, 'ERR_MDA_EVIDENCE_SHAPE freshness.token'],
    ['the status of freshness', ['freshness', 'status'], 'not checked', 'ERR_MDA_EVIDENCE_SHAPE freshness'],
    ['an unknown status', ['freshness', 'status'], 'fresh', 'ERR_MDA_EVIDENCE_VALUE freshness.status'],
    ['no status', ['freshness'], {}, 'ERR_MDA_EVIDENCE_SHAPE freshness.status'],
    ['freshness as a list', ['freshness'], [], 'ERR_MDA_EVIDENCE_SHAPE freshness'],
    ['the kind', ['kind'], 'device-information', 'ERR_MDA_EVIDENCE_SHAPE freshness.nonce'],
    ['an unknown kind', ['kind'], 'mdm', 'ERR_MDA_EVIDENCE_VALUE kind'],
    ['the form', ['format'], 2, 'ERR_MDA_EVIDENCE_VERSION format'],
    ['no form', ['format'], undefined, 'ERR_MDA_EVIDENCE_SHAPE format'],
    ['an earlier time', ['at'], '2026-04-30T23:59:59.999Z', 'ERR_MDA_CHAIN_NOT_YET_VALID'],
    ['a later time', ['at'], '2026-07-31T00:00:00.001Z', 'ERR_MDA_CHAIN_EXPIRED'],
    ['a time to come', ['at'], '2027-01-01T00:00:00.001Z', 'ERR_MDA_EVIDENCE_FUTURE at'],
    ['a time of another form', ['at'], '2026-06-01T12:00:00Z', 'ERR_MDA_EVIDENCE_VALUE at'],
    ['a time that is none', ['at'], 'x', 'ERR_MDA_EVIDENCE_VALUE at'],
    ['a time that is a number', ['at'], AT.getTime(), 'ERR_MDA_EVIDENCE_SHAPE at'],
    ['no certificates', ['certificates'], [], 'ERR_MDA_CHAIN_EMPTY'],
    ['certificates that are none', ['certificates'], {}, 'ERR_MDA_EVIDENCE_SHAPE certificates'],
    ['too many certificates', ['certificates'], Array(9).fill({}), 'ERR_MDA_EVIDENCE_VALUE certificates'],
    ['a certificate that is none', ['certificates', '0'], null, 'ERR_MDA_EVIDENCE_SHAPE certificates[0]'],
    [
      'a certificate that is no base64',
      ['certificates', '1', 'der'],
      'A',
      'ERR_MDA_EVIDENCE_VALUE certificates[1].der',
    ],
    ['a member more', ['more'], 1, 'ERR_MDA_EVIDENCE_SHAPE'],
    ['a member more, by a name of JavaScript', ['constructor'], 1, 'ERR_MDA_EVIDENCE_SHAPE'],
  ])('says where: %s', async (_, path, value, expected) => {
    expect(await codeOf(withChange(acmeRecord, path, () => value))).toBe(expected);
  });

  it.each([
    ['another nonce', toBase64(new Uint8Array(32)), 'ERR_MDA_FRESHNESS_MISMATCH'],
    ['a nonce that is too long', toBase64(new Uint8Array(33)), 'ERR_MDA_EVIDENCE_VALUE freshness.nonce'],
    ['a nonce of nothing', '', 'ERR_MDA_EVIDENCE_VALUE freshness.nonce'],
    ['a nonce in base64url', toBase64Url(Uint8Array.of(251)), 'ERR_MDA_EVIDENCE_VALUE freshness.nonce'],
  ])('says where: %s', async (_, nonce, expected) => {
    expect(await codeOf(withChange(deviceRecord, ['freshness', 'nonce'], () => nonce))).toBe(expected);
  });

  it.each([
    ['who says it', ['identifiers', '0', 'saidBy'], 'authority', 'ERR_MDA_EVIDENCE_MISMATCH identifiers[0].saidBy'],
    ['why not', ['unattested'], { reason: 'no-evidence', oids: [] }, 'ERR_MDA_EVIDENCE_MISMATCH unattested'],
    ['that it is attested', ['attestation'], null, 'ERR_MDA_EVIDENCE_MISMATCH attestation'],
    [
      'that freshness was checked',
      ['attestation', 'freshness'],
      'matched',
      'ERR_MDA_EVIDENCE_MISMATCH attestation.freshness',
    ],
  ])('about an identity says where: %s', async (_, path, value, expected) => {
    expect(await codeOf(withChange(identityRecord, path, () => value))).toBe(expected);
  });

  it('about an identity needs the authorities, and those that attest', async () => {
    const { at, trustAnchors } = options;
    const { code } = await rejectionOf(verifyEvidence(identityRecord, { at, trustAnchors: trustAnchors! }));
    expect(code).toBe('ERR_MDA_EVIDENCE_KIND');
    const identity = { ...options.identity, attestingAuthorities: noAttestingAuthority } as const;
    expect(await codeOf(identityRecord, { identity })).toMatch(/^ERR_MDA_EVIDENCE_MISMATCH /);
  });

  it('is refused in every form that is no JSON of one meaning', async () => {
    const text = JSON.stringify(acmeRecord);
    const cycle: Json = {};
    cycle['self'] = cycle;
    const throws = Object.defineProperty({}, 'at', { enumerable: true, get: () => { throw new Error('no'); } }); // prettier-ignore
    const hostile: readonly (readonly [unknown, string])[] = [
      ['', 'ERR_MDA_EVIDENCE_JSON'],
      ['{', 'ERR_MDA_EVIDENCE_JSON'],
      [text.replace('{', '{"at":"2026-06-01T12:00:00.000Z",'), 'ERR_MDA_EVIDENCE_JSON'],
      [text.replace('{', '{"\\u0061t":"2026-06-01T12:00:00.000Z",'), 'ERR_MDA_EVIDENCE_JSON'],
      [text.replace('"format":1', '"format":1.0'), 'ERR_MDA_EVIDENCE_JSON'],
      [text.replace('{', '{"__proto__":{},'), 'ERR_MDA_EVIDENCE_SHAPE'],
      [`${text}${' '.repeat(524_288)}`, 'ERR_MDA_EVIDENCE_TOO_LARGE'],
      ['['.repeat(200_000), 'ERR_MDA_EVIDENCE_JSON'],
      ['['.repeat(200_000) + ']'.repeat(200_000), 'ERR_MDA_EVIDENCE_JSON'],
      [`"${'\\"'.repeat(200_000)}"`, 'ERR_MDA_EVIDENCE_SHAPE'],
      [`"${'x'.repeat(500_000)}"`, 'ERR_MDA_EVIDENCE_SHAPE'],
      ...[undefined, () => 1, Symbol('x'), 1n, cycle, throws].map((given) => [given, 'ERR_MDA_EVIDENCE_JSON'] as const),
      ...[null, 1, true, [], [1]].map((given) => [given, 'ERR_MDA_EVIDENCE_SHAPE'] as const),
      [{}, 'ERR_MDA_EVIDENCE_SHAPE format'],
    ];
    for (const [given, expected] of hostile) expect(await codeOf(given), expected).toBe(expected);
  });

  it('is no matter for options that are wrong', async () => {
    const refuses = (wrong: unknown) =>
      expect(verifyEvidence(acmeRecord, wrong as VerifyEvidenceOptions)).rejects.toThrow(TypeError);
    await refuses(undefined);
    await refuses({});
    await refuses({ at: new Date(NaN) });
    await refuses({ at: NOW, trustAnchors: [] });
    await refuses({ at: NOW, identity: undefined });
    await refuses({ at: NOW, expectedFreshnessCode: FRESHNESS_CODE });
  });
});

function hexOf(der: Uint8Array): string {
  return Buffer.from(digest('SHA-256', der)).toString('hex');
}

/** The paths of everything in a record that is no object and no list. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]));
}

/** A copy in which the value at the path is another one, or is not there where the change gives undefined. */
function withChange(record: unknown, path: readonly string[], change: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(record);
  const members = new Map<string, unknown>(Object.entries(record as object));
  const changed = withChange(members.get(key), rest, change);
  if (changed === undefined) members.delete(key);
  else members.set(key, changed);
  return Array.isArray(record) ? [...members.values()] : Object.fromEntries(members);
}

/** Another value of the same type. */
function alter(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return 'x';
  const last = value.at(-5) ?? value.at(-1)!;
  return `${value.slice(0, -1)}${last === 'A' ? 'B' : 'A'}`;
}
