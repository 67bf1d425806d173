import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type ChallengeResponse,
  createDeviceAttestValidator,
  createMemoryStore,
  createSeenKeys,
  type Evaluate,
  firstIdentification,
  type Identification,
  identifierIsSerialNumber,
  identifierIsUdid,
} from '../../src/acme/index.ts';
import { isVerifiedAttestation, toBase64Url, type VerifiedAttestation } from '../../src/index.ts';
import {
  createAttestationAuthority,
  createSimulatedDevice,
  encodeAttestationObject,
  FAULTS,
} from '../../src/testing/index.ts';
import { bytes } from '../../src/testing/der-writer.ts';
import {
  mintResponse,
  OTHER_TOKEN,
  payloadOf,
  permanentIdentifier,
  requireInvalid,
  requireValid,
  type Response,
  SERIAL_NUMBER,
  TOKEN,
  UDID,
  USER_ENROLLMENT,
  validatorFor,
} from '../support/acme.ts';
import { SEED, settings } from '../hostile/generators.ts';
import { AT, digest, keyFrom } from '../support/mint.ts';

console.log(`FUZZ_SEED=${SEED}`);

const BAD_STATEMENT = 'urn:ietf:params:acme:error:badAttestationStatement';
const REJECTED_IDENTIFIER = 'urn:ietf:params:acme:error:rejectedIdentifier';
const UNAUTHORIZED = 'urn:ietf:params:acme:error:unauthorized';

let genuine: Response;
let userEnrollment: Response;

beforeAll(async () => {
  genuine = await mintResponse();
  userEnrollment = await mintResponse(USER_ENROLLMENT);
});

const responseOf = (changes: Partial<ChallengeResponse> = {}): ChallengeResponse => ({
  token: TOKEN,
  payload: genuine.payload,
  identifier: permanentIdentifier(SERIAL_NUMBER),
  at: AT,
  ...changes,
});

describe('a genuine response', () => {
  it('is valid: the attestation, the key to store, who it is, the states to write', async () => {
    const outcome = requireValid(await validatorFor(genuine, { identify: identifierIsSerialNumber })(responseOf()));
    expect(isVerifiedAttestation(outcome.attestation)).toBe(true);
    expect(outcome.attestation.freshness).toBe('matched');
    expect(outcome.attestation.at).toEqual(AT);
    expect(outcome.attestedKey).toEqual({
      spki: genuine.keys.leaf.spki,
      curve: 'P-384',
      fingerprint: Buffer.from(digest('SHA-256', genuine.keys.leaf.spki)).toString('hex'),
    });
    expect(outcome.identification).toEqual({ identified: true, by: 'serial-number', device: SERIAL_NUMBER });
    expect(outcome.states).toEqual({ challenge: 'valid', authorization: 'valid' });
  });

  it('has a key that is a copy: changed, it changes nothing', async () => {
    const validate = validatorFor(genuine);
    const { attestation, attestedKey } = requireValid(await validate(responseOf()));
    attestedKey.spki.fill(0);
    expect(attestation.publicKey.spki).toEqual(genuine.keys.leaf.spki);
    expect(requireValid(await validate(responseOf())).attestedKey.spki).toEqual(genuine.keys.leaf.spki);
  });

  it.each(['P-256', 'P-384', 'P-521'] as const)('may be of a key on %s', async (curve) => {
    const [root, subCa, leaf] = [keyFrom('root'), keyFrom('sub CA'), keyFrom('leaf', curve)];
    const response = await mintResponse({}, { keys: { root, subCa, leaf } });
    const { attestedKey } = requireValid(await validatorFor(response)(responseOf({ payload: response.payload })));
    expect(attestedKey).toMatchObject({ curve, spki: leaf.spki });
  });

  it('may have members that are unknown (RFC 8555, 7.5.1)', async () => {
    const payload = { ...genuine.payload, keyAuthorization: 'x', resource: 'challenge' };
    expect(await validatorFor(genuine)(responseOf({ payload }))).toHaveProperty('status', 'valid');
  });

  it('is judged alike any number of times, alone and at once', async () => {
    const validate = validatorFor(genuine);
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => validate(responseOf())));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(8).fill('valid'));
  });

  it('ends at Apple’s root, unless another is given', async () => {
    const validate = createDeviceAttestValidator({ identify: identifierIsSerialNumber });
    expect(requireInvalid(await validate(responseOf())).reasons).toEqual([
      { stage: 'chain', code: 'ERR_MDA_CHAIN_TRUST_ANCHOR', message: 'chain trust anchor' },
    ]);
  });

  it('is held to the anchors as they were when the validator was made', async () => {
    const trustAnchors = [...genuine.trustAnchors];
    const validate = validatorFor({ trustAnchors });
    trustAnchors.pop();
    expect(await validate(responseOf())).toHaveProperty('status', 'valid');
  });
});

/** One reason, and what follows from its stage. */
interface Refusal {
  readonly payload?: unknown;
  readonly token?: string;
  readonly stage: string;
  readonly code: string;
}

describe('bad evidence is invalid', () => {
  const attObj = (value: unknown) => ({ attObj: value });
  it.each<[string, () => Refusal]>([
    ['undefined', () => ({ payload: undefined, stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    ['null', () => ({ payload: null, stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    ['a text, as of a POST-as-GET', () => ({ payload: '', stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    ['a number', () => ({ payload: 1, stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    ['a list', () => ({ payload: [genuine.payload], stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    ['attObj of null', () => ({ payload: attObj(null), stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    ['attObj that is a number', () => ({ payload: attObj(7), stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' })],
    [
      'attObj in a list',
      () => ({ payload: attObj([genuine.payload.attObj]), stage: 'payload', code: 'ERR_MDA_CHALLENGE_PAYLOAD' }),
    ],
    [
      'attObj that is an object around the text',
      () => ({
        payload: attObj({ toString: () => genuine.payload.attObj }),
        stage: 'payload',
        code: 'ERR_MDA_CHALLENGE_PAYLOAD',
      }),
    ],
    ['nothing', () => ({ payload: {}, stage: 'client', code: 'ERR_MDA_CHALLENGE_NOT_ATTESTED' })],
    ['AttObj', () => ({ payload: { AttObj: '' }, stage: 'client', code: 'ERR_MDA_CHALLENGE_NOT_ATTESTED' })],
    ['an error', () => ({ payload: { error: 'x' }, stage: 'client', code: 'ERR_MDA_CHALLENGE_CLIENT_ERROR' })],
    ['an error of null', () => ({ payload: { error: null }, stage: 'client', code: 'ERR_MDA_CHALLENGE_CLIENT_ERROR' })],
    [
      'an error beside an attestation',
      () => ({ payload: { ...genuine.payload, error: '' }, stage: 'client', code: 'ERR_MDA_CHALLENGE_CLIENT_ERROR' }),
    ],
    [
      'text that is no base64url',
      () => ({ payload: attObj('!'), stage: 'payload', code: 'ERR_MDA_ENCODING_BASE64URL' }),
    ],
    [
      'base64url with padding',
      () => ({ payload: attObj('oA=='), stage: 'payload', code: 'ERR_MDA_ENCODING_BASE64URL' }),
    ],
    ['an empty text', () => ({ payload: attObj(''), stage: 'object', code: 'ERR_MDA_CBOR_TRUNCATED' })],
    ['an empty object', () => ({ payload: attObj('oA'), stage: 'object', code: 'ERR_MDA_OBJECT_SHAPE' })],
    [
      'a byte more than fits',
      () => ({ payload: attObj('A'.repeat(109_569)), stage: 'object', code: 'ERR_MDA_OBJECT_TOO_LARGE' }),
    ],
    ['as much as fits', () => ({ payload: attObj('A'.repeat(109_568)), stage: 'object', code: 'ERR_MDA_CBOR_TYPE' })],
    ['an empty x5c', () => ({ payload: payloadOf([]), stage: 'chain', code: 'ERR_MDA_CHAIN_EMPTY' })],
    [
      'the Sub CA alone',
      () => ({ payload: payloadOf([genuine.subCa]), stage: 'chain', code: 'ERR_MDA_CHAIN_LEAF_IS_CA' }),
    ],
    ['no Sub CA', () => ({ payload: payloadOf([genuine.leaf]), stage: 'chain', code: 'ERR_MDA_CHAIN_TRUST_ANCHOR' })],
    ['another token', () => ({ token: OTHER_TOKEN, stage: 'freshness', code: 'ERR_MDA_FRESHNESS_MISMATCH' })],
  ])('%s', async (_, refusal) => {
    const { stage, code, ...changes } = refusal();
    const outcome = requireInvalid(await validatorFor(genuine)(responseOf(changes)));
    expect(outcome.reasons).toEqual([{ stage, code, message: expect.any(String) as string }]);
    expect(outcome.states).toEqual({ challenge: 'invalid', authorization: 'invalid', order: 'invalid' });
    expect(outcome.problem).toMatchObject({ type: BAD_STATEMENT, status: 400 });
    expect(Object.keys(outcome.problem).sort()).toEqual(['detail', 'status', 'type']);
    expect('attestation' in outcome).toBe(false);
  });

  it('the code of a key authorization, a missing one, a blank one, one of 33 bytes', async () => {
    const thumbprint = '9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI';
    const codes: string[] = [];
    for (const value of [
      digest('SHA-256', bytes(`${TOKEN}.${thumbprint}`)),
      undefined,
      new Uint8Array(),
      new Uint8Array(33),
    ]) {
      const response = await mintResponse({ '11.1': value });
      const { reasons } = requireInvalid(await validatorFor(response)(responseOf({ payload: response.payload })));
      expect(reasons.map(({ stage }) => stage)).toEqual(['freshness']);
      codes.push(reasons[0]!.code);
    }
    expect(codes).toEqual([
      'ERR_MDA_FRESHNESS_MISMATCH',
      'ERR_MDA_FRESHNESS_MISSING',
      'ERR_MDA_FRESHNESS_MISSING',
      'ERR_MDA_FRESHNESS_MALFORMED',
    ]);
  });

  it('whatever is expired, not yet valid, or of another authority', async () => {
    const other = await mintResponse({}, { seed: 'another' });
    const codeAt = async (at: Date, response = genuine) => {
      const { payload } = response;
      return requireInvalid(await validatorFor(genuine)(responseOf({ at, payload }))).reasons[0]!.code;
    };
    expect(await codeAt(new Date('2026-08-01T00:00:00Z'))).toBe('ERR_MDA_CHAIN_EXPIRED');
    expect(await codeAt(new Date('2026-04-01T00:00:00Z'))).toBe('ERR_MDA_CHAIN_NOT_YET_VALID');
    expect(await codeAt(AT, other)).toBe('ERR_MDA_CHAIN_KEY_IDENTIFIER');
  });

  it('every fault of an attestation object, and every fault of a chain', async () => {
    const authority = await createAttestationAuthority({ seed: 'validator', at: AT });
    const { publicKey } = await createSimulatedDevice(authority, { clock: () => AT }).createKey({ curve: 'P-384' });
    const request = { publicKey, freshnessCode: digest('SHA-256', bytes(TOKEN)) };
    const validate = validatorFor(authority);
    const validateObject = async (object: Uint8Array) =>
      validate(responseOf({ payload: { attObj: toBase64Url(object) } }));
    expect(await validateObject(encodeAttestationObject(await authority.attest(request)))).toHaveProperty(
      'status',
      'valid',
    );
    for (const fault of FAULTS) {
      // The key is held against the certificate request, at finalize.
      if (fault.code === 'ERR_MDA_ATTESTATION_PUBLIC_KEY') continue;
      const object =
        fault.of === 'object'
          ? encodeAttestationObject(await authority.attest(request), { fault: fault.name })
          : encodeAttestationObject(await authority.withFault(fault.name).attest(request));
      const { reasons } = requireInvalid(await validateObject(object));
      expect(
        reasons.map(({ code }) => code),
        fault.name,
      ).toEqual([fault.code]);
    }
  });
});

describe('a payload that is not what JSON.parse makes', () => {
  const throwing = (trap: string) =>
    new Proxy(
      {},
      {
        [trap]: () => {
          throw new RangeError('trap');
        },
      },
    );
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  it.each<[string, () => unknown, string]>([
    ['a revoked proxy', revoked, 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['a proxy that throws', () => throwing('getOwnPropertyDescriptor'), 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['a function', () => () => genuine.payload, 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['a symbol', () => Symbol('attObj'), 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['a bigint', () => 1n, 'ERR_MDA_CHALLENGE_PAYLOAD'],
    [
      'a getter, which does not run',
      () => ({
        get attObj(): string {
          throw new RangeError('getter');
        },
      }),
      'ERR_MDA_CHALLENGE_PAYLOAD',
    ],
    ['what is inherited', () => Object.create(genuine.payload) as unknown, 'ERR_MDA_CHALLENGE_NOT_ATTESTED'],
    [
      '__proto__',
      () => JSON.parse(`{"__proto__":${JSON.stringify(genuine.payload)}}`) as unknown,
      'ERR_MDA_CHALLENGE_NOT_ATTESTED',
    ],
    ['a boxed text', () => ({ attObj: Object(genuine.payload.attObj) as unknown }), 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['bytes', () => ({ attObj: encodeAttestationObject(genuine.x5c) }), 'ERR_MDA_CHALLENGE_PAYLOAD'],
    ['a map', () => new Map(Object.entries(genuine.payload)), 'ERR_MDA_CHALLENGE_NOT_ATTESTED'],
    ['a promise', () => Promise.resolve(genuine.payload), 'ERR_MDA_CHALLENGE_NOT_ATTESTED'],
    ['half of a surrogate pair', () => ({ attObj: '\ud800' }), 'ERR_MDA_ENCODING_BASE64URL'],
    ['a NUL', () => ({ attObj: `${genuine.payload.attObj}\0` }), 'ERR_MDA_ENCODING_BASE64URL'],
  ])('%s is invalid', async (_, payload, code) => {
    const outcome = requireInvalid(await validatorFor(genuine)(responseOf({ payload: payload() })));
    expect(outcome.reasons[0]!.code).toBe(code);
  });

  it('may be an object without a prototype, an instance, a proxy that only passes on', async () => {
    class Payload {
      readonly attObj = genuine.payload.attObj;
    }
    for (const payload of [
      Object.assign(Object.create(null) as object, genuine.payload),
      new Payload(),
      new Proxy(genuine.payload, {}),
    ])
      expect(await validatorFor(genuine)(responseOf({ payload }))).toHaveProperty('status', 'valid');
  });

  it('may be anything at all: the outcome is invalid, and nothing is thrown', async () => {
    const validate = validatorFor(genuine);
    const member = fc.oneof(fc.anything(), fc.string(), fc.base64String(), fc.constant(undefined));
    const any = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withTypedArray: true,
    });
    const shaped = fc.record({ attObj: member, error: member, type: member }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          any,
          shaped,
          fc.json().map((text) => JSON.parse(text) as unknown),
        ),
        async (payload) => {
          const { problem, reasons } = requireInvalid(await validate(responseOf({ payload })));
          expect(problem.type).toBe(BAD_STATEMENT);
          expect(reasons).toHaveLength(1);
        },
      ),
      settings(1000),
    );
  });

  it('is refused at once if it is huge', async () => {
    const attObj = 'A'.repeat(2 ** 27);
    const start = performance.now();
    const { reasons } = requireInvalid(await validatorFor(genuine)(responseOf({ payload: { attObj } })));
    expect(reasons[0]!.code).toBe('ERR_MDA_OBJECT_TOO_LARGE');
    // Read, it would take seconds.
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('does not reach the problem document', async () => {
    const secret = 'S3cretValue';
    for (const payload of [secret, { error: secret }, { attObj: secret }, { attObj: `${secret}!` }]) {
      const { problem, reasons } = requireInvalid(
        await validatorFor(genuine)(responseOf({ payload, identifier: { type: secret, value: secret } })),
      );
      expect(JSON.stringify({ problem, reasons })).not.toMatch(/s3cret/i);
    }
  });
});

describe('what the client is told', () => {
  it.each<[string, () => Partial<ChallengeResponse>, object, string]>([
    ['payload', () => ({ payload: 1 }), {}, 'the response to the challenge is malformed'],
    ['client', () => ({ payload: {} }), {}, 'the client did not attest its key'],
    ['object', () => ({ payload: { attObj: 'oA' } }), {}, 'the attestation object was refused'],
    ['chain', () => ({ payload: payloadOf([]) }), {}, 'the certificate chain of the attestation was refused'],
    ['freshness', () => ({ token: OTHER_TOKEN }), {}, 'the attestation was not made for this challenge'],
    [
      'identity',
      () => ({}),
      { identify: () => ({ identified: false, reasons: [] }) },
      'the identifier is not one of the attested device',
    ],
    [
      'policy',
      () => ({}),
      { evaluate: () => ({ allowed: false, reasons: [] }) },
      'the device may not have a certificate',
    ],
    ['key-reuse', () => ({}), { seenKeys: () => true }, 'the attested key is not a new one'],
  ])('of the stage %s', async (stage, changes, options, detail) => {
    const { problem, reasons } = requireInvalid(await validatorFor(genuine, options)(responseOf(changes())));
    expect(reasons.map((reason) => reason.stage)).toEqual([stage]);
    expect(problem.detail).toBe(detail);
  });
});

describe('identity', () => {
  it('is asked for once the attestation is verified, with all that is known', async () => {
    const identify = vi.fn((): Identification => ({ identified: true, by: 'inventory', user: 'u', device: 'd' }));
    const identifier = permanentIdentifier('A');
    const outcome = requireValid(await validatorFor(genuine, { identify })(responseOf({ identifier })));
    expect(identify).toHaveBeenCalledOnce();
    expect(identify).toHaveBeenCalledWith({ identifier, attestation: outcome.attestation, token: TOKEN, at: AT });
    expect(outcome.identification).toEqual({ identified: true, by: 'inventory', user: 'u', device: 'd' });
    for (const changes of [{ payload: {} }, { token: OTHER_TOKEN }])
      await validatorFor(genuine, { identify })(responseOf(changes));
    expect(identify).toHaveBeenCalledOnce();
  });

  it('is refused for the order of another device, with every reason and the attestation', async () => {
    const validate = validatorFor(genuine, {
      identify: firstIdentification(identifierIsSerialNumber, identifierIsUdid),
    });
    const outcome = requireInvalid(await validate(responseOf({ identifier: permanentIdentifier('SIMULATED2') })));
    expect(outcome.reasons).toEqual([
      { stage: 'identity', code: 'ERR_MDA_IDENTIFIER_MISMATCH', message: 'identifier mismatch' },
      { stage: 'identity', code: 'ERR_MDA_IDENTIFIER_MISMATCH', message: 'identifier mismatch' },
    ]);
    expect(outcome.problem).toMatchObject({ type: BAD_STATEMENT, status: 400 });
    expect(isVerifiedAttestation(outcome.attestation)).toBe(true);
    expect(await validate(responseOf({ identifier: permanentIdentifier(UDID) }))).toHaveProperty('status', 'valid');
  });

  it('is never guessed: a User Enrollment has no serial number to compare', async () => {
    const validate = validatorFor(userEnrollment, { identify: identifierIsSerialNumber });
    const { reasons } = requireInvalid(await validate(responseOf({ payload: userEnrollment.payload })));
    expect(reasons.map(({ code }) => code)).toEqual(['ERR_MDA_IDENTIFIER_NOT_ATTESTED']);
  });

  it('is refused with a reason of its own where the function gives none', async () => {
    const validate = validatorFor(genuine, { identify: () => ({ identified: false, reasons: [] }) });
    expect(requireInvalid(await validate(responseOf())).reasons).toEqual([
      { stage: 'identity', code: 'ERR_MDA_IDENTIFIER_REFUSED', message: 'identifier refused' },
    ]);
  });

  it('is told in the caller’s words to the caller alone', async () => {
    const reason = { code: 'not-enrolled', message: 'the device of Ms Smith left in May' };
    const validate = validatorFor(genuine, { identify: () => ({ identified: false, reasons: [reason] }) });
    const { problem, reasons } = requireInvalid(await validate(responseOf()));
    expect(reasons).toEqual([{ ...reason, stage: 'identity' }]);
    expect(JSON.stringify(problem)).not.toContain('Smith');
    expect(problem.type).toBe(BAD_STATEMENT);
  });

  it.each([
    ['ERR_MDA_CLIENT_IDENTIFIER_FORGED', REJECTED_IDENTIFIER],
    ['ERR_MDA_CLIENT_IDENTIFIER_EXPIRED', REJECTED_IDENTIFIER],
    ['ERR_MDA_CLIENT_IDENTIFIER_DEVICE', BAD_STATEMENT],
    ['ERR_MDA_IDENTIFIER_TYPE', BAD_STATEMENT],
  ])('of %s is the problem %s', async (code, type) => {
    const identify = (): Identification => ({ identified: false, reasons: [{ code, message: '' }] });
    const { problem } = requireInvalid(await validatorFor(genuine, { identify })(responseOf()));
    expect(problem.type).toBe(type);
  });
});

describe('a policy', () => {
  const no = { allowed: false, reasons: [{ code: 'os-too-old', message: 'below 26.5' }] };

  it('is asked with the attestation, and may say yes', async () => {
    const evaluate = vi.fn(() => ({ allowed: true, reasons: [] }));
    const outcome = requireValid(await validatorFor(genuine, { evaluate })(responseOf()));
    expect(evaluate).toHaveBeenCalledWith(outcome.attestation, {
      identifier: permanentIdentifier(SERIAL_NUMBER),
      identification: outcome.identification,
      at: AT,
    });
  });

  it('may say no, with its reasons, or without', async () => {
    const outcome = requireInvalid(await validatorFor(genuine, { evaluate: () => no })(responseOf()));
    expect(outcome.reasons).toEqual([{ stage: 'policy', code: 'os-too-old', message: 'below 26.5' }]);
    expect(outcome.problem).toMatchObject({ type: UNAUTHORIZED, status: 403 });
    expect(outcome.attestation).toBeDefined();
    const silent = await validatorFor(genuine, { evaluate: () => ({ allowed: false, reasons: [] }) })(responseOf());
    expect(requireInvalid(silent).reasons.map(({ code }) => code)).toEqual(['ERR_MDA_CHALLENGE_POLICY']);
  });

  it('is asked also for a device that is not identified, so that every reason is known', async () => {
    const identify = identifierIsSerialNumber;
    const validate = validatorFor(genuine, { identify, evaluate: () => no });
    const outcome = requireInvalid(await validate(responseOf({ identifier: permanentIdentifier('X') })));
    expect(outcome.reasons.map(({ stage }) => stage)).toEqual(['identity', 'policy']);
    expect(outcome.problem.type).toBe(BAD_STATEMENT);
  });
});

describe('a key', () => {
  it('that was seen is refused; one that was not is not', async () => {
    const seenKeys = vi.fn(() => true);
    const outcome = requireInvalid(await validatorFor(genuine, { seenKeys })(responseOf()));
    expect(outcome.reasons).toEqual([
      { stage: 'key-reuse', code: 'ERR_MDA_CHALLENGE_KEY_REUSED', message: 'challenge key reused' },
    ]);
    expect(outcome.problem.type).toBe(BAD_STATEMENT);
    const fingerprint = Buffer.from(digest('SHA-256', genuine.keys.leaf.spki)).toString('hex');
    expect(seenKeys).toHaveBeenCalledWith(fingerprint, {
      identifier: permanentIdentifier(SERIAL_NUMBER),
      attestation: outcome.attestation,
      at: AT,
    });
    expect(await validatorFor(genuine, { seenKeys: () => false })(responseOf())).toHaveProperty('status', 'valid');
  });

  it('is looked up for a device alone that everything else accepts', async () => {
    const seenKeys = vi.fn(() => true);
    const refusing = { identify: () => ({ identified: false as const, reasons: [] }) };
    await validatorFor(genuine, { seenKeys, ...refusing })(responseOf());
    await validatorFor(genuine, { seenKeys, evaluate: () => ({ allowed: false, reasons: [] }) })(responseOf());
    expect(seenKeys).not.toHaveBeenCalled();
  });
});

describe('a claim', () => {
  const claiming = (claim: () => boolean | Promise<boolean>) => ({
    identify: (): Identification => ({ identified: true, by: 'ticket', claim }),
  });

  it('is made last, and once', async () => {
    const calls: string[] = [];
    const record = <Answer>(name: string, answer: Answer): Answer => {
      calls.push(name);
      return answer;
    };
    const identify = () =>
      record('identify', { identified: true as const, by: 'ticket', claim: () => record('claim', true) });
    const evaluate = () => record('evaluate', { allowed: true, reasons: [] });
    const seenKeys = () => record('seenKeys', false);
    await validatorFor(genuine, { identify, evaluate, seenKeys })(responseOf());
    expect(calls).toEqual(['identify', 'evaluate', 'seenKeys', 'claim']);
    calls.length = 0;
    const looking = () => record('seenKeys', { seen: false as const, remember: () => record('remember', undefined) });
    await validatorFor(genuine, { identify, evaluate, seenKeys: looking })(responseOf());
    expect(calls).toEqual(['identify', 'evaluate', 'seenKeys', 'claim', 'remember']);
  });

  it('is not made where anything else refuses', async () => {
    const claim = vi.fn(() => true);
    await validatorFor(genuine, { ...claiming(claim), seenKeys: () => true })(responseOf());
    await validatorFor(genuine, { ...claiming(claim), evaluate: () => ({ allowed: false, reasons: [] }) })(
      responseOf(),
    );
    await validatorFor(genuine, claiming(claim))(responseOf({ token: OTHER_TOKEN }));
    expect(claim).not.toHaveBeenCalled();
  });

  it('that another has made is invalid', async () => {
    const outcome = requireInvalid(
      await validatorFor(
        genuine,
        claiming(() => Promise.resolve(false)),
      )(responseOf()),
    );
    expect(outcome.reasons).toEqual([
      { stage: 'identity', code: 'ERR_MDA_IDENTIFIER_CLAIMED', message: 'identifier claimed' },
    ]);
    expect(outcome.problem.type).toBe(REJECTED_IDENTIFIER);
  });

  it('that another has made leaves nothing of the key behind: it may be attested again', async () => {
    const seenKeys = createSeenKeys({ store: createMemoryStore({ clock: () => AT }) });
    const order = async (value: string, isMine: boolean) =>
      (
        await validatorFor(genuine, { ...claiming(() => isMine), seenKeys })(
          responseOf({ identifier: permanentIdentifier(value) }),
        )
      ).status;
    expect(await order('A', false)).toBe('invalid');
    expect(await order('B', true)).toBe('valid');
    expect(await order('A', true)).toBe('invalid');
    expect(await order('B', true)).toBe('valid');
  });

  it('is called on its object', async () => {
    const identification = {
      identified: true as const,
      by: 'ticket',
      device: SERIAL_NUMBER,
      claim(): boolean {
        return this.device === SERIAL_NUMBER;
      },
    };
    expect(await validatorFor(genuine, { identify: () => identification })(responseOf())).toHaveProperty(
      'status',
      'valid',
    );
  });
});

describe('a lookup that fails', () => {
  const failure = new Error('the inventory is down');
  const fail = () => Promise.reject(failure);
  const failNow = () => {
    throw failure;
  };
  const claim = (how: () => never | Promise<never>) => ({
    identify: (): Identification => ({ identified: true, by: 'ticket', claim: how }),
  });
  it.each([
    ['identify', { identify: fail }],
    ['identify, at once', { identify: failNow }],
    ['identify, of several', { identify: firstIdentification(fail, identifierIsSerialNumber) }],
    ['evaluate', { evaluate: fail }],
    ['evaluate, at once', { evaluate: failNow }],
    ['seenKeys', { seenKeys: fail }],
    ['remember', { seenKeys: () => ({ seen: false as const, remember: fail }) }],
    ['seenKeys, at once', { seenKeys: failNow }],
    ['claim', claim(fail)],
    ['claim, at once', claim(failNow)],
  ])('%s: the validator rejects with the very error', async (_, options) => {
    await expect(validatorFor(genuine, options)(responseOf())).rejects.toBe(failure);
  });

  it('is told apart from one of the platform, which is no outcome either', async () => {
    const fault = new RangeError('broken');
    const { payload } = genuine;
    const spy = vi.spyOn(TextEncoder.prototype, 'encode').mockImplementation(() => {
      throw fault;
    });
    await expect(validatorFor(genuine)(responseOf({ payload }))).rejects.toBe(fault);
    spy.mockRestore();
  });

  it('is not asked about bad evidence, which is invalid all the same', async () => {
    const validate = validatorFor(genuine, { identify: fail, evaluate: fail, seenKeys: fail });
    expect(await validate(responseOf({ payload: {} }))).toHaveProperty('status', 'invalid');
  });
});

describe('a caller’s mistake is a TypeError', () => {
  const REASON = { code: 'x', message: 'x' };
  const identify = identifierIsSerialNumber;
  it.each<[string, unknown]>([
    ['no options', undefined],
    ['no identify', {}],
    ['identify that is undefined', { identify: undefined }],
    ['identify that is no function', { identify: 'serial-number' }],
    ['evaluate that is undefined', { identify, evaluate: undefined }],
    ['seenKeys that is undefined', { identify, seenKeys: undefined }],
    ['seenKeys that is a Set', { identify, seenKeys: new Set() }],
    ['trustAnchors that is undefined', { identify, trustAnchors: undefined }],
    ['no anchor', { identify, trustAnchors: [] }],
    ['an anchor that was not parsed', { identify, trustAnchors: [{}] }],
    ['an unknown option', { identify, trustAnchor: [] }],
  ])('%s', (_, options) => {
    expect(() => createDeviceAttestValidator(options as never)).toThrow(TypeError);
  });

  it.each<[string, object | undefined]>([
    ['no response', undefined],
    ['no token', { token: undefined }],
    ['an empty token', { token: '' }],
    ['a key authorization for a token', { token: `${TOKEN}.x` }],
    ['no time', { at: undefined }],
    ['an invalid time', { at: new Date(NaN) }],
    ['a number for the time', { at: 0 }],
    ['no identifier', { identifier: undefined }],
    ['a text for an identifier', { identifier: SERIAL_NUMBER }],
    ['an identifier without a type', { identifier: { value: SERIAL_NUMBER } }],
    ['an identifier with a number', { identifier: { type: 'permanent-identifier', value: 1 } }],
    ['an unknown member', { keyAuthorization: 'x' }],
  ])('%s, also where the evidence is bad', async (_, changes) => {
    for (const payload of [genuine.payload, {}, { attObj: '!' }]) {
      const response = changes === undefined ? changes : { ...responseOf({ payload }), ...changes };
      await expect(validatorFor(genuine)(response as never)).rejects.toThrow(TypeError);
    }
  });

  it.each<[string, object]>([
    ['identify, nothing', { identify: () => undefined }],
    ['identify, true', { identify: () => true }],
    ['identify, without by', { identify: () => ({ identified: true }) }],
    ['identify, a device that is a number', { identify: () => ({ identified: true, by: 'x', device: 1 }) }],
    ['identify, a user that is null', { identify: () => ({ identified: true, by: 'x', user: null }) }],
    ['identify, a claim that is a boolean', { identify: () => ({ identified: true, by: 'x', claim: true }) }],
    [
      'identify, a claim that answers nothing',
      { identify: () => ({ identified: true, by: 'x', claim: () => undefined }) },
    ],
    ['identify, a claim that is undefined', { identify: () => ({ identified: true, by: 'x', claim: undefined }) }],
    ['identify, a claim that is misspelt', { identify: () => ({ identified: true, by: 'x', clam: () => false }) }],
    ['identify, a claim that answers 1', { identify: () => ({ identified: true, by: 'x', claim: () => 1 }) }],
    ['identify, yes with reasons', { identify: () => ({ identified: true, by: 'x', reasons: [REASON] }) }],
    ['identify, yes with no reasons', { identify: () => ({ identified: true, by: 'x', reasons: [] }) }],
    ['identify, no with who it is', { identify: () => ({ identified: false, reasons: [], by: 'x' }) }],
    ['identify, no with a claim', { identify: () => ({ identified: false, reasons: [], claim: () => true }) }],
    ['identify, a list', { identify: () => [true] }],
    ['identify, null', { identify: () => null }],
    ['identify, an instance', { identify: () => new (class extends Map {})() }],
    ['identify, truthy', { identify: () => ({ identified: 1, by: 'x' }) }],
    ['identify, no without reasons', { identify: () => ({ identified: false }) }],
    ['identify, reasons that are no list', { identify: () => ({ identified: false, reasons: {} }) }],
    ['identify, a reason without a code', { identify: () => ({ identified: false, reasons: [{ message: 'x' }] }) }],
    ['identify, reasons that are texts', { identify: () => ({ identified: false, reasons: ['no'] }) }],
    ['identify, a hole for a reason', { identify: () => ({ identified: false, reasons: new Array(1) }) }],
    ['evaluate, nothing', { evaluate: () => undefined }],
    ['evaluate, false', { evaluate: () => false }],
    ['evaluate, yes without reasons', { evaluate: () => ({ allowed: true }) }],
    ['evaluate, yes with reasons', { evaluate: () => ({ allowed: true, reasons: [REASON] }) }],
    ['evaluate, truthy', { evaluate: () => ({ allowed: 'yes', reasons: [] }) }],
    ['evaluate, reasons without a message', { evaluate: () => ({ allowed: false, reasons: [{ code: 'x' }] }) }],
    ['seenKeys, nothing', { seenKeys: () => undefined }],
    ['seenKeys, a text', { seenKeys: () => 'no' }],
    ['seenKeys, null', { seenKeys: () => null }],
    ['seenKeys, an object that says yes', { seenKeys: () => ({ seen: true, remember: () => undefined }) }],
    ['seenKeys, an object that cannot remember', { seenKeys: () => ({ seen: false }) }],
    ['seenKeys, a memory misspelt', { seenKeys: () => ({ seen: false, remembr: () => undefined }) }],
    ['seenKeys, a memory and more', { seenKeys: () => ({ seen: false, remember: () => undefined, key: 1 }) }],
  ])('an answer that is neither yes nor no: %s', async (_, options) => {
    await expect(validatorFor(genuine, options)(responseOf())).rejects.toThrow(TypeError);
  });
});

describe('a TypeError names the mistake', () => {
  const identify = identifierIsSerialNumber;
  it.each<[string, unknown]>([
    ['identify', {}],
    ['evaluate', { identify, evaluate: 1 }],
    ['seenKeys', { identify, seenKeys: 1 }],
    ['trustAnchors', { identify, trustAnchors: [] }],
  ])('%s, when the validator is made', (name, options) => {
    expect(() => createDeviceAttestValidator(options as never)).toThrow(name);
  });

  it.each<[string, object, object]>([
    ['token', { token: '' }, {}],
    ['identifier', { identifier: {} }, {}],
    ['identifier', { identifier: [] }, {}],
    ['at', { at: 1 }, {}],
    ['identify', {}, { identify: () => 1 }],
    ['identify', {}, { identify: () => ({ identified: false, reasons: 1 }) }],
    ['identify', {}, { identify: () => ({ identified: false, reasons: [1] }) }],
    ['claim', {}, { identify: () => ({ identified: true, by: 'x', claim: () => 1 }) }],
    ['evaluate', {}, { evaluate: () => ({ allowed: 1, reasons: [] }) }],
    ['evaluate', {}, { evaluate: () => ({ allowed: true, reasons: 1 }) }],
    ['evaluate', {}, { evaluate: () => ({ allowed: true, reasons: [{}] }) }],
    ['seenKeys', {}, { seenKeys: () => 1 }],
  ])('%s, when it judges', async (name, changes, options) => {
    await expect(validatorFor(genuine, options)(responseOf(changes))).rejects.toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(name) as string }),
    );
  });
});

describe('what the functions of a caller get', () => {
  it('is fixed: who is not identified is not made so, and a claim is not put off', async () => {
    const claim = vi.fn(() => false);
    const answers: Identification[] = [
      { identified: false, reasons: [{ code: 'a', message: 'b' }] },
      { identified: true, by: 'ticket', claim },
    ];
    for (const answer of answers) {
      for (const change of [{ identified: true, by: 'x' }, { claim: () => true }, { reasons: [] }]) {
        const evaluate: Evaluate = (_, { identification }) => {
          Object.assign(identification, change);
          return { allowed: true, reasons: [] };
        };
        await expect(validatorFor(genuine, { identify: () => answer, evaluate })(responseOf())).rejects.toThrow(
          TypeError,
        );
      }
      const evaluate: Evaluate = (_, { identification }) => {
        if (identification.identified) return { allowed: true, reasons: [] };
        expect(() => (identification.reasons as unknown[]).pop()).toThrow(TypeError);
        expect(() => Object.assign(identification.reasons[0]!, { code: 'x' })).toThrow(TypeError);
        return { allowed: true, reasons: [] };
      };
      await validatorFor(genuine, { identify: () => answer, evaluate })(responseOf());
    }
    expect(claim).toHaveBeenCalledOnce();
  });

  it('is a copy: who keeps the answer changes nothing of it', async () => {
    const answer = { identified: true as const, by: 'ticket', claim: () => false };
    const evaluate = () => {
      answer.claim = () => true;
      return { allowed: true, reasons: [] };
    };
    expect(await validatorFor(genuine, { identify: () => answer, evaluate })(responseOf())).toHaveProperty(
      'status',
      'invalid',
    );
  });

  it('is asked for once: what an answer says is read at one time', async () => {
    let reads = 0;
    const identify = (): Identification => ({
      identified: true,
      by: 'x',
      get claim() {
        return reads++ === 0 ? () => false : () => true;
      },
    });
    expect(await validatorFor(genuine, { identify })(responseOf())).toHaveProperty('status', 'invalid');
  });

  it('is theirs: a date that one changes, another does not see; the identifier cannot be changed', async () => {
    const spoil = ({ at, identifier }: { readonly at: Date; readonly identifier: object }): void => {
      at.setTime(0);
      expect(() => Object.assign(identifier, { value: 'X' })).toThrow(TypeError);
    };
    const at = new Date(AT);
    const outcome = await validatorFor(genuine, {
      identify: (claim) => {
        spoil(claim);
        return { identified: true, by: 'x' };
      },
      evaluate: (_: VerifiedAttestation, context) => {
        expect(context.at).toEqual(AT);
        spoil(context);
        return { allowed: true, reasons: [] };
      },
      seenKeys: (_, context) => {
        expect(context.at).toEqual(AT);
        spoil(context);
        return false;
      },
    })(responseOf({ at }));
    expect(outcome.status).toBe('valid');
    expect(at).toEqual(AT);
  });
});
