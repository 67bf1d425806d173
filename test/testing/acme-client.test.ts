import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/index.ts';
import {
  type AcmeEnrollmentOptions,
  type AcmeEvent,
  type AcmeOutcome,
  type AcmeTamper,
  createAttestationAuthority,
  createCertificateRequest,
  createSimulatedDevice,
  encodeAttestationObject,
  enrollByAcme,
  type SimulatedDeviceOptions,
} from '../../src/testing/index.ts';
import {
  type Interrupt,
  ORIGIN,
  problem,
  scriptedAcmeServer,
  type ScriptedServerOptions,
  TOKEN,
} from '../support/scripted-acme-server.ts';

const AT = new Date('2026-06-01T12:00:00Z');
const clock = () => AT;
const authority = await createAttestationAuthority({ seed: 'acme client', at: AT });
const STEPS = [
  'directory',
  'newNonce',
  'newAccount',
  'newOrder',
  'authorization',
  'challenge',
  'order',
  'finalize',
  'certificate',
];

interface Scene {
  readonly server?: Partial<ScriptedServerOptions>;
  readonly device?: Partial<SimulatedDeviceOptions>;
  readonly interrupt?: Interrupt;
}

/** Enrolls with a scripted server; no wait takes any time. */
async function enroll(options: Partial<AcmeEnrollmentOptions> = {}, scene: Scene = {}) {
  const server = scriptedAcmeServer({
    authority,
    ...(scene.interrupt === undefined ? {} : { interrupt: scene.interrupt }),
    ...scene.server,
  });
  const device = createSimulatedDevice(authority, { clock, seed: 'device', ...scene.device });
  const waits: number[] = [];
  const events: AcmeEvent[] = [];
  const run = enrollByAcme(device, {
    directoryUrl: `${ORIGIN}/directory`,
    clientIdentifier: 'SIMULATED1',
    fetch: server.fetch,
    clock,
    sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
    observe: (event) => void events.push(event),
    ...options,
  });
  return { server, device, waits, events, outcome: await run };
}

function issued(outcome: AcmeOutcome): AcmeOutcome & { readonly status: 'issued' } {
  if (outcome.status !== 'issued') throw new Error(JSON.stringify(outcome));
  return outcome;
}

describe('an enrollment', () => {
  it('goes through the steps of RFC 8555 to a certificate for the attested key', async () => {
    const { server, events, waits, outcome } = await enroll();
    expect(server.steps()).toEqual(STEPS);
    expect(waits).toEqual([]);
    expect(events.map((event) => event.event)).toEqual(STEPS.map(() => 'answer'));
    const { key, certificateChain, isForKey, states, sent } = issued(outcome);
    expect(isForKey).toBe(true);
    expect(certificateChain).toHaveLength(1);
    expect(server.certificate().publicKey.export({ type: 'spki', format: 'der' })).toEqual(Buffer.from(key.publicKey));
    expect(key.curve).toBe('P-384');
    expect(key.privateKey.extractable).toBe(false);
    expect(states).toEqual({ order: 'valid', authorization: 'valid', challenge: 'valid' });
    expect(sent.token).toBe(TOKEN);
    expect(server.of('challenge')[0]!.payload).toEqual({ attObj: toBase64Url(sent.attestationObject!) });
    expect(server.of('finalize')[0]!.payload).toEqual({ csr: toBase64Url(sent.csr!) });
    expect(outcome).toMatchObject({ orderUrl: `${ORIGIN}/order/1`, finalizeUrl: `${ORIGIN}/finalize/1` });
  });

  it('orders a permanent identifier, with the key in the header first and the account afterwards', async () => {
    const { server } = await enroll({ keyType: 'P-256' });
    expect(server.of('newOrder')[0]!.payload).toEqual({
      identifiers: [{ type: 'permanent-identifier', value: 'SIMULATED1' }],
    });
    const [account] = server.of('newAccount');
    expect(account!.payload).toEqual({});
    expect(Object.keys(account!.header)).toEqual(['alg', 'jwk', 'nonce', 'url']);
    expect(server.of('newOrder')[0]!.header).toMatchObject({ alg: 'ES256', kid: `${ORIGIN}/accounts/1` });
    expect(server.of('order')[0]!.payload).toBeUndefined();
    for (const { request } of server.received)
      expect(request.headers['user-agent']).toBe('managed-device-attestation (simulated device)');
    expect(server.of('certificate')[0]!.request.headers['accept']).toBe('application/pem-certificate-chain');
  });

  it('asks for what it is told to ask for, and for its identifier unless it is told', async () => {
    const requested = {
      subject: [[['O', 'Example']]],
      subjectAltName: { dNSName: 'device.example.com' },
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      usageFlags: 1,
    };
    const [asked, named, long] = await Promise.all([
      enroll(requested),
      enroll(),
      enroll({ clientIdentifier: 'x'.repeat(65) }),
    ]);
    const requests = [asked, named, long].map(({ outcome }) => new Pkcs10CertificateRequest(outcome.sent.csr!));
    expect(requests.map(({ subject }) => subject)).toEqual(['O=Example', 'CN=SIMULATED1', 'CN=Simulated device']);
    expect(requests.map(({ extensions }) => extensions.length)).toEqual([3, 0, 0]);
  });

  it('agrees to terms where there are some', async () => {
    const { server } = await enroll({}, { server: { directory: { meta: { termsOfService: `${ORIGIN}/terms` } } } });
    expect(server.of('newAccount')[0]!.payload).toEqual({ termsOfServiceAgreed: true });
  });

  it('binds an external account', async () => {
    const hmacKey = new Uint8Array(32).fill(7);
    const { server } = await enroll({ externalAccount: { keyId: 'kid-1', hmacKey } }, { server: { hmacKey } });
    const { header } = server.of('newAccount')[0]!;
    expect(server.boundKey()).toEqual([{ alg: 'HS256', kid: 'kid-1', url: `${ORIGIN}/account` }, header['jwk']]);
  });

  it('with a key that was enrolled before', async () => {
    const { device, outcome } = await enroll();
    const server = scriptedAcmeServer({ authority });
    const again = await enrollByAcme(device, {
      directoryUrl: `${ORIGIN}/directory`,
      clientIdentifier: 'SIMULATED1',
      fetch: server.fetch,
      clock,
      key: outcome.key,
    });
    expect(issued(again).isForKey).toBe(true);
    expect(again.key).toBe(outcome.key);
  });

  it('waits by the timer of the platform unless it is told how', async () => {
    const server = scriptedAcmeServer({
      authority,
      interrupt: (_, proceed, count) => (count === 1 ? Promise.reject(new Error('no')) : proceed()),
    });
    const device = createSimulatedDevice(authority, { clock });
    const outcome = await enrollByAcme(device, {
      directoryUrl: `${ORIGIN}/directory`,
      clientIdentifier: 'SIMULATED1',
      fetch: server.fetch,
      clock,
      retry: { firstDelayMilliseconds: 1 },
    });
    issued(outcome);
  });

  it('goes on with an account that others can use', async () => {
    const { outcome, server } = await enroll({ tamper: { header: (header) => header } });
    const { account, finalizeUrl, sent } = issued(outcome);
    expect(account!.url).toBe(`${ORIGIN}/accounts/1`);
    const second = await account!.post(finalizeUrl!, { csr: toBase64Url(sent.csr!) });
    expect([second.httpStatus, second.problem?.type]).toEqual([403, 'urn:ietf:params:acme:error:orderNotReady']);
    const read = await account!.post(outcome.orderUrl!);
    expect(read.json).toMatchObject({ status: 'valid' });
    expect(server.of('newAccount')[0]!.header['jwk']).toBeDefined();
  });
});

describe('short signatures', () => {
  const sizes = async (shortSignatures: 'as-apple' | 'always' | 'never') => {
    const { server } = await enroll({ shortSignatures });
    return server.received
      .filter(({ request }) => request.method === 'POST')
      .map(({ signatureBytes }) => signatureBytes);
  };

  it('are what every request has, in a test mode', async () => {
    for (const size of await sizes('always')) expect([62, 63]).toContain(size);
  });

  it('are never there, if told so', async () => {
    expect(new Set(await sizes('never'))).toEqual(new Set([64]));
  });

  it('are there where the first byte is zero, as with Apple', async () => {
    for (const size of await sizes('as-apple')) expect([62, 63, 64]).toContain(size);
  });
});

describe('a device that has no attestation', () => {
  const refusal = {
    status: 'refused',
    step: 'challenge',
    problem: { type: expect.stringMatching(/badAttestation/) as string },
  };

  it('says why, if it was refused', async () => {
    const { server, outcome } = await enroll({}, { device: { attestation: 'refused' } });
    expect(Object.keys(server.of('challenge')[0]!.payload as object)).toEqual(['error']);
    expect(outcome).toMatchObject({ ...refusal, sent: { token: TOKEN, attestationObject: undefined, csr: undefined } });
    expect(outcome.states).toEqual({ order: 'invalid', authorization: 'invalid', challenge: 'invalid' });
  });

  it('sends nothing, if it was not to ask', async () => {
    const { server, outcome } = await enroll({ attest: false });
    expect(server.of('challenge')[0]!.payload).toEqual({});
    expect(outcome).toMatchObject(refusal);
    expect(outcome.sent.token).toBe(TOKEN);
  });
});

describe('a hook', () => {
  it.each<[string, AcmeTamper]>([
    ['freshness of another token', { freshnessCode: () => createHash('sha256').update('another').digest() }],
    [
      'the key authorization hashed',
      { freshnessCode: (_, { keyAuthorization }) => createHash('sha256').update(keyAuthorization).digest() },
    ],
    [
      'an object with a fault',
      { attestationObject: (_, { x5c }) => encodeAttestationObject(x5c, { fault: 'object-tagged' }) },
    ],
    ['another payload', { payload: (payload, { step }) => (step === 'challenge' ? { attObj: 1 } : payload) }],
  ])('%s: the attestation is refused', async (_, tamper) => {
    const { outcome } = await enroll({ tamper });
    expect(outcome).toMatchObject({ status: 'refused', step: 'challenge' });
    expect(outcome.states.order).toBe('invalid');
  });

  it('gets what it can be replaced by', async () => {
    const seen: unknown[] = [];
    const { outcome, server } = await enroll({
      tamper: {
        freshnessCode(code, context) {
          seen.push(context);
          return code;
        },
        attestationObject(object, context) {
          seen.push(context);
          return object;
        },
        csr: (csr, { key }) => {
          seen.push(key);
          return csr;
        },
      },
    });
    const { thumbprint } = issued(outcome).account!;
    const { crv, kty, x, y } = server.of('newAccount')[0]!.header['jwk'] as Record<string, string>;
    expect(thumbprint).toBe(createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url'));
    const keyAuthorization = `${TOKEN}.${thumbprint}`;
    expect(seen[0]).toEqual({ token: TOKEN, keyAuthorization });
    const freshnessCode = new Uint8Array(createHash('sha256').update(TOKEN).digest());
    expect(seen[1]).toMatchObject({ token: TOKEN, keyAuthorization, freshnessCode, key: outcome.key });
    expect(seen[2]).toBe(outcome.key);
  });

  it('for the request of another key: badCSR, and the order stays ready', async () => {
    const device = createSimulatedDevice(authority, { clock });
    const other = await device.createKey({ curve: 'P-384' });
    const { outcome } = await enroll({ tamper: { csr: () => createCertificateRequest({ key: other }) } });
    expect(outcome).toMatchObject({
      status: 'refused',
      step: 'finalize',
      problem: { type: 'urn:ietf:params:acme:error:badCSR', detail: 'no', status: 400 },
      states: { order: 'ready', authorization: 'valid', challenge: 'valid' },
    });
  });

  it('for header and body', async () => {
    const wrongUrl = await enroll({
      tamper: {
        header: (header, { step }) => (step === 'newOrder' ? { ...header, url: `${ORIGIN}/elsewhere` } : header),
      },
    });
    expect(wrongUrl.outcome).toMatchObject({ status: 'refused', step: 'newOrder' });
    const noJws = await enroll({ tamper: { jws: (jws, { step }) => (step === 'newAccount' ? 'no JWS' : jws) } });
    expect(noJws.outcome).toMatchObject({
      status: 'refused',
      step: 'newAccount',
      account: undefined,
      orderUrl: undefined,
    });
  });

  it('that replays a nonce is answered with badNonce until patience ends', async () => {
    let first: unknown;
    const { outcome, waits } = await enroll({
      retry: { attempts: 3 },
      tamper: { header: (header) => ({ ...header, nonce: (first ??= header['nonce']) }) },
    });
    expect(outcome).toMatchObject({
      status: 'refused',
      step: 'newOrder',
      problem: { type: 'urn:ietf:params:acme:error:badNonce' },
    });
    expect(waits).toEqual([]);
  });

  it('that throws ends the enrollment', async () => {
    const broken = new Error('the hook');
    const tamper = {
      csr: () => {
        throw broken;
      },
    };
    await expect(enroll({ tamper })).rejects.toBe(broken);
  });
});

/** Once at each step: the request is lost, the answer is lost, the server is overloaded or fails. */
const failures: readonly (readonly [string, Interrupt])[] = [
  ['a request is lost', (_, proceed, count) => (count === 1 ? Promise.reject(new Error('lost')) : proceed())],
  [
    'an answer is lost',
    async (_, proceed, count) => {
      const answer = await proceed();
      if (count === 1) throw new Error('lost');
      return answer;
    },
  ],
  [
    'the server is overloaded',
    (_, proceed, count) => (count === 1 ? Promise.resolve(problem('rateLimited', 429)) : proceed()),
  ],
  [
    'the server fails',
    (_, proceed, count) => (count === 1 ? Promise.resolve(problem('serverInternal', 500)) : proceed()),
  ],
  ['a nonce is refused', (_, proceed, count) => (count === 1 ? Promise.resolve(problem('badNonce')) : proceed())],
];

describe.each(failures)('where %s', (_, interrupt) => {
  it.each(STEPS)('at %s, there is one certificate in the end', async (step) => {
    const { server, outcome } = await enroll(
      {},
      { interrupt: (received, proceed, count) => interrupt(received, proceed, received.step === step ? count : 2) },
    );
    issued(outcome);
    expect(server.of('finalize').filter(({ payload }) => payload !== undefined).length).toBeLessThanOrEqual(2);
  });

  it('at every step, too', async () => {
    issued((await enroll({}, { interrupt })).outcome);
  });
});

describe('patience', () => {
  it('waits longer each time, and ends with what the last try met', async () => {
    const lost = new Error('lost');
    const waits: number[] = [];
    const events: AcmeEvent[] = [];
    const device = createSimulatedDevice(authority, { clock });
    const run = enrollByAcme(device, {
      directoryUrl: `${ORIGIN}/directory`,
      clientIdentifier: 'SIMULATED1',
      fetch: () => Promise.reject(lost),
      clock,
      sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
      observe: (event) => void events.push(event),
      retry: { attempts: 5, firstDelayMilliseconds: 100, maxDelayMilliseconds: 300 },
    });
    await expect(run).rejects.toBe(lost);
    expect(waits).toEqual([100, 200, 300, 300]);
    expect(events.at(-1)).toEqual({ event: 'no answer', step: 'directory', url: `${ORIGIN}/directory`, error: lost });
    expect(events.filter(({ event }) => event === 'wait')).toHaveLength(4);
  });

  it.each(['challenge', 'finalize', 'newNonce'] as const)(
    'ends so at %s, where the order is looked at in between',
    async (lost) => {
      const interrupt: Interrupt = ({ step }, proceed) =>
        step === lost ? Promise.reject(new Error('lost')) : proceed();
      await expect(enroll({}, { interrupt })).rejects.toThrow('lost');
    },
  );

  it.each(['directory', 'challenge', 'finalize', 'newOrder'] as const)(
    'with a server that fails at %s is no verdict',
    async (failing) => {
      const { outcome, waits } = await enroll(
        {},
        {
          interrupt: ({ step }, proceed) =>
            step === failing ? Promise.resolve(problem('serverInternal', 500)) : proceed(),
        },
      );
      expect(outcome).toMatchObject({
        status: 'undecided',
        step: failing,
        reason: 'server-error',
        httpStatus: 500,
        problem: { type: 'urn:ietf:params:acme:error:serverInternal' },
      });
      expect(waits).toEqual([250, 500, 1000, 2000, 4000]);
    },
  );

  it('waits as long as it is asked to', async () => {
    const { outcome, waits } = await enroll(
      {},
      {
        interrupt({ step }, proceed, count) {
          const after = ['7', 'Mon, 01 Jun 2026 12:00:30 GMT', 'Mon, 01 Jun 2026 11:00:00 GMT', 'soon'][count - 1];
          return step === 'newOrder' && after !== undefined
            ? Promise.resolve(problem('rateLimited', 503, { 'retry-after': after }))
            : proceed();
        },
      },
    );
    issued(outcome);
    expect(waits).toEqual([7000, 30_000, 0, 2000]);
  });

  it('does not wait for longer than it has', async () => {
    const { outcome, waits } = await enroll(
      { retry: { maxWaitMilliseconds: 60_000 } },
      {
        interrupt: ({ step }, proceed) =>
          step === 'newOrder' ? Promise.resolve(problem('rateLimited', 429, { 'retry-after': '40' })) : proceed(),
      },
    );
    expect(outcome).toMatchObject({ status: 'undecided', reason: 'server-error', httpStatus: 429 });
    expect(waits).toEqual([40_000]);
  });

  it.each(['attempt', 'attempts', 'maxWaitMilliseconds'])('is not made of a wrong %s', async (name) => {
    await expect(enroll({ retry: { [name]: Number.NaN } })).rejects.toThrow(TypeError);
    await expect(enroll({ retry: { [name]: -1 } })).rejects.toThrow(TypeError);
  });
});

describe('a server that takes its time', () => {
  /** Answers with the state for as many looks as given. */
  const slow =
    (step: 'authorization' | 'order', state: object, looks: number, headers: Record<string, string> = {}): Interrupt =>
    async (received, proceed, count) => {
      const answer = await proceed();
      if (received.step !== step || count > looks) return answer;
      return { ...answer, headers, body: JSON.stringify({ ...(JSON.parse(answer.body) as object), ...state }) };
    };

  it('is asked again, as soon as it says', async () => {
    const { outcome, waits } = await enroll(
      {},
      { interrupt: slow('order', { status: 'processing' }, 2, { 'retry-after': '3' }) },
    );
    issued(outcome);
    expect(waits).toEqual([3000, 3000]);
  });

  it('is not answered twice', async () => {
    const { outcome, server, waits } = await enroll({}, { interrupt: slow('order', { status: 'pending' }, 3) });
    issued(outcome);
    expect(server.of('challenge')).toHaveLength(1);
    // The authorization is valid by then, and the order is not.
    expect(waits).toEqual([250, 500, 1000]);
  });

  it('is asked again after it has taken a request and left the order ready', async () => {
    const { outcome, server } = await enroll(
      {},
      {
        interrupt: async ({ step }, proceed, count) => {
          if (step !== 'finalize' || count > 1) return proceed();
          const { body } = await scriptedOrder('ready');
          return { status: 200, headers: {}, body };
        },
      },
    );
    issued(outcome);
    expect(server.of('finalize')).toHaveLength(2);
  });

  it('may be given up', async () => {
    const { outcome, waits } = await enroll(
      { retry: { maxWaitMilliseconds: 1000, maxDelayMilliseconds: 300 } },
      { interrupt: slow('order', { status: 'processing' }, Number.POSITIVE_INFINITY, { 'retry-after': '0' }) },
    );
    expect(outcome).toMatchObject({ status: 'undecided', step: 'order', reason: 'not-ready', httpStatus: 200 });
    expect(waits).toEqual([250, 300, 300]);
  });

  it('leaves a challenge that is processing alone', async () => {
    const challenges = [{ type: 'device-attest-01', url: `${ORIGIN}/challenge/1`, token: TOKEN, status: 'processing' }];
    const { outcome, server } = await enroll(
      { retry: { maxWaitMilliseconds: 300 } },
      { interrupt: slow('authorization', { status: 'pending', challenges }, Number.POSITIVE_INFINITY) },
    );
    expect(outcome).toMatchObject({ status: 'undecided', reason: 'not-ready' });
    expect(outcome.states.challenge).toBe('processing');
    expect(server.of('challenge')).toEqual([]);
  });
});

const scriptedOrder = (status: string) =>
  Promise.resolve({
    body: JSON.stringify({
      status,
      authorizations: [`${ORIGIN}/authorization/1`],
      finalize: `${ORIGIN}/finalize/1`,
    }),
  });

describe('a refusal', () => {
  it.each(['newAccount', 'newOrder', 'authorization', 'order', 'challenge', 'finalize', 'certificate'] as const)(
    'at %s is an outcome',
    async (refusing) => {
      const { outcome, waits } = await enroll(
        {},
        {
          interrupt: ({ step }, proceed) =>
            step === refusing ? Promise.resolve(problem('unauthorized', 403)) : proceed(),
        },
      );
      expect(outcome).toMatchObject({
        status: 'refused',
        step: refusing,
        problem: { type: 'urn:ietf:params:acme:error:unauthorized', status: 403 },
      });
      expect(waits).toEqual([]);
    },
  );

  it('leaves the states as they were last seen if they cannot be read', async () => {
    const { outcome } = await enroll(
      {},
      {
        interrupt({ step }, proceed, count) {
          if (step === 'finalize') return Promise.resolve(problem('badCSR'));
          return step === 'authorization' && count > 1 ? Promise.reject(new Error('lost')) : proceed();
        },
      },
    );
    expect(outcome).toMatchObject({ status: 'refused', step: 'finalize', states: { challenge: 'valid' } });
  });

  it('may be in the order alone, or nowhere', async () => {
    const invalid =
      (more: object): Interrupt =>
      async ({ step }, proceed) => {
        const answer = await proceed();
        if (step !== 'newOrder') return answer;
        const order = { ...(JSON.parse(answer.body) as object), status: 'invalid', ...more };
        return { ...answer, body: JSON.stringify(order) };
      };
    const error = { type: 'urn:ietf:params:acme:error:unauthorized' };
    const spoken = await enroll({}, { interrupt: invalid({ error, authorizations: [] }) });
    expect(spoken.outcome).toMatchObject({
      status: 'refused',
      step: 'order',
      problem: { ...error, status: undefined },
    });
    const silent = await enroll({}, { interrupt: invalid({}) });
    expect(silent.outcome).toMatchObject({ status: 'refused', step: 'order', problem: undefined });
  });

  it('may be in a challenge alone', async () => {
    // As step-ca has it: authorization and order stay pending for ever.
    const error = { type: 'urn:ietf:params:acme:error:badAttestationStatement' };
    const challenge = {
      type: 'device-attest-01',
      url: `${ORIGIN}/challenge/1`,
      token: TOKEN,
      status: 'invalid',
      error,
    };
    const { outcome, waits } = await enroll(
      {},
      {
        interrupt: async ({ step }, proceed) =>
          step === 'authorization'
            ? { status: 200, headers: {}, body: JSON.stringify({ status: 'pending', challenges: [challenge] }) }
            : proceed(),
      },
    );
    expect(outcome).toMatchObject({ status: 'refused', step: 'challenge', problem: error });
    expect(outcome.states).toEqual({ order: 'pending', authorization: 'pending', challenge: 'invalid' });
    expect(waits).toEqual([]);
  });

  it('may be in an authorization of an order that is pending', async () => {
    const { outcome } = await enroll(
      {},
      {
        interrupt: async ({ step }, proceed) =>
          step === 'authorization'
            ? { status: 200, headers: {}, body: JSON.stringify({ status: 'expired', challenges: [] }) }
            : proceed(),
      },
    );
    expect(outcome).toMatchObject({ status: 'refused', step: 'authorization', problem: undefined });
    expect(outcome.states).toEqual({ order: 'pending', authorization: 'expired', challenge: undefined });
  });
});

describe('a server that does not speak RFC 8555', () => {
  const answering =
    (step: string, body: unknown, status = 200, headers: Record<string, string> = {}): Interrupt =>
    (received, proceed) =>
      received.step === step
        ? Promise.resolve({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
        : proceed();
  const order = {
    status: 'pending',
    authorizations: [`${ORIGIN}/authorization/1`],
    finalize: `${ORIGIN}/finalize/1`,
  };
  const location = { location: `${ORIGIN}/order/1` };
  const challenge = { type: 'device-attest-01', url: `${ORIGIN}/challenge/1`, token: TOKEN, status: 'pending' };

  it.each<[string, Interrupt]>([
    ['a directory that is a page', answering('directory', '<html>')],
    ['a directory that is not there', answering('directory', '<html>', 404)],
    [
      'a directory that is refused',
      (received, proceed) =>
        received.step === 'directory' ? Promise.resolve(problem('unauthorized', 403)) : proceed(),
    ],
    ['a directory that is a list', answering('directory', [])],
    ['a directory without newNonce', answering('directory', {})],
    ['a directory without newAccount', answering('directory', { newNonce: `${ORIGIN}/nonce` })],
    [
      'a directory of http URLs',
      answering('directory', {
        newNonce: `${ORIGIN}/nonce`,
        newAccount: `${ORIGIN}/account`,
        newOrder: 'http://acme.example',
      }),
    ],
    ['an account without a URL', answering('newAccount', {}, 201)],
    ['an account with a relative URL', answering('newAccount', {}, 201, { location: '/accounts/1' })],
    ['a refusal without a problem', answering('newOrder', 'no', 403)],
    ['an order that is text', answering('newOrder', 'yes', 201, location)],
    ['an order without a URL', answering('newOrder', order, 201)],
    ['an order without a status', answering('newOrder', { ...order, status: 1 }, 201, location)],
    ['an order without authorizations', answering('newOrder', { ...order, authorizations: undefined }, 201, location)],
    [
      'an order with an authorization that is no URL',
      answering('newOrder', { ...order, authorizations: [1] }, 201, location),
    ],
    ['an order without finalize', answering('newOrder', { ...order, finalize: '' }, 201, location)],
    ['an order with a certificate that is no URL', answering('newOrder', { ...order, certificate: 1 }, 201, location)],
    ['a valid order without a certificate', answering('newOrder', { ...order, status: 'valid' }, 201, location)],
    ['an authorization that is null', answering('authorization', 'null')],
    ['an authorization without a status', answering('authorization', { challenges: [] })],
    ['an authorization without challenges', answering('authorization', { status: 'pending' })],
    [
      'a challenge without a status',
      answering('authorization', { status: 'pending', challenges: [{ ...challenge, status: 1 }] }),
    ],
    [
      'a challenge without a URL',
      answering('authorization', { status: 'pending', challenges: [{ ...challenge, url: 1 }] }),
    ],
    [
      'a challenge without a token',
      answering('authorization', { status: 'pending', challenges: [{ ...challenge, token: 1 }] }),
    ],
    [
      'a token that is not base64url',
      answering('authorization', { status: 'pending', challenges: [{ ...challenge, token: 'a.b' }] }),
    ],
    ['an order that vanished', answering('order', {})],
    ['a certificate that is none', answering('certificate', 'no PEM')],
  ])('%s: no verdict', async (_, interrupt) => {
    const { outcome, waits } = await enroll({}, { interrupt });
    expect(outcome).toMatchObject({ status: 'undecided', reason: 'unexpected-answer' });
    expect(waits).toEqual([]);
  });

  it('offers another challenge alone: no verdict', async () => {
    const { outcome } = await enroll(
      {},
      { interrupt: answering('authorization', { status: 'pending', challenges: [null, { type: 'http-01' }] }) },
    );
    expect(outcome).toMatchObject({ status: 'undecided', step: 'authorization', reason: 'no-challenge' });
  });

  it('knows no nonces: it is told that it gets none', async () => {
    const { outcome, server } = await enroll({}, { server: { nonces: false } });
    issued(outcome);
    expect(server.of('newNonce').length).toBeGreaterThan(1);
    expect(server.of('newOrder')[0]!.header['nonce']).toBe('');
  });

  it('issues for another key: it is told', async () => {
    const { authority: other } = { authority: await enroll() };
    const pem = issued(other.outcome).certificateChainPem;
    const { outcome } = await enroll({}, { device: { seed: 'another' }, interrupt: answering('certificate', pem) });
    expect(issued(outcome).isForKey).toBe(false);
  });

  it('has a problem that is none', async () => {
    const { outcome } = await enroll({}, { interrupt: answering('newOrder', { type: 'about:blank', detail: 1 }, 400) });
    expect(outcome).toMatchObject({
      status: 'refused',
      problem: { type: 'about:blank', detail: undefined, status: 400 },
    });
  });
});

describe('a mistake', () => {
  it.each<[string, object]>([
    ['an unknown option', { directoryURL: '' }],
    ['http', { directoryUrl: 'http://acme.example' }],
    ['a URL that is none', { directoryUrl: 1 }],
    ['an empty identifier', { clientIdentifier: '' }],
    ['no fetch', { fetch: undefined }],
    ['no clock', { clock: AT }],
    ['an unknown hook', { tamper: { token: () => '' } }],
    ['a hook that is no function', { tamper: { csr: new Uint8Array() } }],
    ['an unknown way to sign', { shortSignatures: 'sometimes' }],
    ['a subject that is text', { subject: 'CN=device' }],
    ['attest that is text', { attest: 'no' }],
    ['an external account without an id', { externalAccount: { hmacKey: new Uint8Array(32) } }],
    ['an external account with a key that is text', { externalAccount: { keyId: '1', hmacKey: 'abc' } }],
    ['an external account with an empty key', { externalAccount: { keyId: '1', hmacKey: new Uint8Array() } }],
    ['a curve that no enclave has', { keyType: 'P-521' }],
  ])('%s is a TypeError', async (_, options) => {
    await expect(enroll(options)).rejects.toThrow(TypeError);
  });
});
