import * as core from 'managed-device-attestation';
import * as acme from 'managed-device-attestation/acme';
import * as conformance from 'managed-device-attestation/conformance';
import * as identity from 'managed-device-attestation/identity';
import * as mdm from 'managed-device-attestation/mdm';
import * as policy from 'managed-device-attestation/policy';
import * as relyingParty from 'managed-device-attestation/relying-party';
import * as testing from 'managed-device-attestation/testing';

/** What somebody else made: base64 of DER. */
export interface Evidence {
  /** The identity of a device, valid in the middle of 2026, as it comes in a connection. */
  readonly identity: readonly string[];
  /** The authority that issued it. */
  readonly authority: string;
}

/** One use of an entry that goes as deep into the platform as the entry does, and what comes of it everywhere. */
export interface Smoke {
  readonly run: (evidence: Evidence) => unknown;
  readonly gives: unknown;
}

const AT = new Date('2026-06-01T12:00:00Z');
const clock = (): Date => AT;
const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const CURVES = ['P-256', 'P-384'] as const;

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));

/** What throws the error of the package, and nothing else, has a code. */
async function codeOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return error instanceof core.AttestationError ? error.code : String(error);
  }
}

async function simulate() {
  const authority = await testing.createAttestationAuthority({ seed: 'smoke', at: AT });
  return { authority, device: testing.createSimulatedDevice(authority, { seed: 'smoke', clock }) };
}

async function attestedChain(
  device: testing.SimulatedDevice,
  key: testing.EnclaveKey,
  freshnessCode: Uint8Array,
): Promise<readonly core.Bytes[]> {
  const answer = await device.attest({ key, freshnessCode });
  if (answer.status !== 'attested') throw new Error(answer.status);
  return answer.x5c;
}

/** By entry of the package, as `exports` of package.json has it. */
export const SMOKES: Readonly<Record<string, Smoke>> = {
  '.': {
    async run() {
      const { authority, device } = await simulate();
      const { trustAnchors } = authority;
      const expectedFreshnessCode = await core.freshnessCodeForToken(TOKEN);
      const x5c = await attestedChain(device, await device.createKey({ curve: 'P-256' }), expectedFreshnessCode);
      const options = { at: AT, expectedFreshnessCode, trustAnchors };
      const { properties, publicKey } = await core.verifyAttestation(core.parseAttestationChain(x5c), options);
      const old = { ...options, expectedFreshnessCode: new Uint8Array(32) };
      const changed = x5c.map((der) => Uint8Array.from(der));
      changed[0]![changed[0]!.length - 1]! ^= 1;
      const root = core.appleEnterpriseAttestationRoot();
      return [
        hexOf(await core.certificateFingerprint(root)).slice(0, 16),
        properties.serialNumber,
        publicKey.curve,
        core.fromPem(core.toPem(x5c)).length,
        await codeOf(() => core.verifyAttestation(core.parseAttestationChain(x5c), old)),
        await codeOf(() => core.verifyAttestation(core.parseAttestationChain(changed), options)),
        await codeOf(() => core.verifyAttestation(core.parseAttestationChain(x5c), { at: AT, expectedFreshnessCode })),
        (await core.explainAttestation(x5c, options)).checks.filter(({ outcome }) => outcome === 'failed'),
      ];
    },
    gives: [
      'ccf59ef8fcb3017d',
      { status: 'attested', value: 'SIMULATED1' },
      'P-256',
      2,
      'ERR_MDA_FRESHNESS_MISMATCH',
      'ERR_MDA_CHAIN_SIGNATURE',
      'ERR_MDA_CHAIN_TRUST_ANCHOR',
      [],
    ],
  },

  './acme': {
    async run() {
      const { authority, device } = await simulate();
      const store = acme.createMemoryStore({ clock });
      const secret = { id: '2026a', key: crypto.getRandomValues(new Uint8Array(32)) };
      const validate = acme.createDeviceAttestValidator({
        identify: acme.identifierIsTicket({ secrets: [secret], store }),
        seenKeys: acme.createSeenKeys({ store }),
        trustAnchors: authority.trustAnchors,
      });
      const enroll = async (curve: (typeof CURVES)[number]) => {
        const expiresAt = new Date(AT.getTime() + 60_000);
        const value = await acme.issueClientIdentifier({ secret, store, user: 'alice', at: AT, expiresAt });
        const key = await device.createKey({ curve });
        const x5c = await attestedChain(device, key, await core.freshnessCodeForToken(TOKEN));
        const payload = { attObj: core.toBase64Url(testing.encodeAttestationObject(x5c)) };
        const response = { token: TOKEN, payload, identifier: { type: 'permanent-identifier', value }, at: AT };
        const outcome = await validate(response);
        if (outcome.status === 'invalid') return outcome.reasons;
        const attestedKeys = [outcome.attestedKey.spki];
        const csr = await testing.createCertificateRequest({ key, subject: [[['CN', 'device']]] });
        const other = await testing.createCertificateRequest({ key: await device.createKey({ curve }) });
        const forged = await validate({ ...response, token: `${TOKEN}A` });
        return [
          outcome.identification.user,
          (await acme.verifyCertificateRequest(csr, { attestedKeys })).publicKey.curve,
          await codeOf(() => acme.verifyCertificateRequest(other, { attestedKeys })),
          forged.status === 'invalid' ? forged.problem.type : forged.status,
        ];
      };
      return [await enroll('P-256'), await enroll('P-384')];
    },
    gives: CURVES.map((curve) => [
      'alice',
      curve,
      'ERR_MDA_CSR_PUBLIC_KEY',
      'urn:ietf:params:acme:error:badAttestationStatement',
    ]),
  },

  './mdm': {
    async run() {
      const { authority, device } = await simulate();
      const commandUUID = '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21';
      const nonce = new Uint8Array(32).fill(7);
      const command = mdm.deviceInformationCommand({ commandUUID, queries: ['SerialNumber'], nonce });
      const answer = await device.attestDeviceInformation({ nonce });
      if (answer.status !== 'attested') return answer.status;
      const answers = new Map<string, mdm.PlistValue>([
        ['SerialNumber', device.state().serialNumber],
        ['DevicePropertiesAttestation', answer.x5c],
      ]);
      const body = mdm.writePlist(
        new Map<string, mdm.PlistValue>([
          ['CommandUUID', commandUUID],
          ['QueryResponses', answers],
          ['Status', 'Acknowledged'],
          ['UDID', device.state().udid],
        ]),
      );
      const response = mdm.parseCommandResponse(new TextEncoder().encode(body));
      if (response.status !== 'Acknowledged') return response.status;
      const verdict = await mdm.verifyDeviceInformation(response, {
        at: AT,
        request: { commandUUID, nonce },
        expectedDevice: { serialNumber: device.state().serialNumber },
        trustAnchors: authority.trustAnchors,
      });
      const profile = await mdm.enrollmentProfile({
        identifier: 'com.example.enrollment',
        uuid: '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
        displayName: 'Example',
        mdm: { serverUrl: 'https://mdm.example.com', topic: 'com.apple.mgmt.x' },
        acme: { directoryUrl: 'https://acme.example.com', clientIdentifier: 'x', subject: [['CN', 'x']] },
        trustAnchors: [],
      });
      return [
        (mdm.parsePlist(new TextEncoder().encode(command)) as mdm.PlistDictionary).get('CommandUUID'),
        verdict.status === 'attested' && verdict.freshness.state,
        // The identifiers of payloads are of version 5, by SHA-1.
        profile.match(/(?<=<string>)[\dA-F]{8}-[^<]*/g),
        await codeOf(() => mdm.parsePlist(new TextEncoder().encode('<plist><dict>'))),
      ];
    },
    gives: [
      '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21',
      'fresh',
      [
        '5D4C7B6A-0C6E-4B0E-9A2D-0C5E9E5B1F01',
        'EFA0A186-A9B0-52F4-95CF-237E961B3CBF',
        'D4E5FCEE-2616-57A2-9AE3-1A9764A1B7CF',
        'EFA0A186-A9B0-52F4-95CF-237E961B3CBF',
      ],
      'ERR_MDA_PLIST_XML',
    ],
  },

  './policy': {
    run() {
      const rules = [{ rule: 'os-version', minimum: '26.4' } as const, { rule: 'known-device' } as const];
      const strict = policy.parsePolicy({ format: 1, rules });
      const facts = { attested: undefined, reported: {}, inventory: {} };
      const { allowed, reasons } = policy.evaluatePolicy(strict, facts, { at: AT });
      const isLater = policy.compareVersions('26.10', '26.9') > 0;
      return [allowed, reasons.map(({ code }) => code), isLater];
    },
    gives: [false, ['no-attestation', 'not-recorded'], true],
  },

  './identity': {
    async run({ identity: chain, authority }) {
      const der = core.fromBase64(authority);
      const x5c = chain.map((text) => core.fromBase64(text));
      const options = {
        at: AT,
        trustAnchors: [identity.identityTrustAnchor(der)],
        attestingAuthorities: [identity.attestingAuthority(der)],
      };
      const verified = await identity.verifyIdentity(x5c, options);
      const later = { ...options, at: new Date('2036-01-01T00:00:00Z') };
      return [
        verified.properties.serialNumber,
        verified.names.length,
        identity.factsFromIdentity(verified).attested?.osVersion.status,
        await codeOf(() => identity.verifyIdentity(x5c, later)),
      ];
    },
    gives: [{ status: 'attested', value: 'SIMULATED1' }, 2, 'known', 'ERR_MDA_CHAIN_EXPIRED'],
  },

  './relying-party': {
    async run({ identity: chain, authority }) {
      const proxy = { secretHeader: 'proxy-secret', secret: 'a text that only the proxy knows' };
      const options = { forwarded: { form: 'rfc9440' }, proxy } as const;
      const headers = new Headers({ 'client-cert': `:${chain[0]}:`, 'proxy-secret': proxy.secret });
      const found = relyingParty.chainFromHeaders(headers, options);
      headers.set('proxy-secret', 'another text');
      const der = core.fromBase64(authority);
      const hanging = () => new Promise<never>(() => undefined);
      const { authorize, deauthorize } = relyingParty.createAuthorizer({
        trustAnchors: [identity.identityTrustAnchor(der)],
        attestingAuthorities: [identity.attestingAuthority(der)],
        policy: policy.parsePolicy({ format: 1, rules: [{ rule: 'os-version', minimum: '26.4' }] }),
        // A lookup that hangs for the one and answers for the other.
        dynamic: { lookup: (_, { resource }) => (resource === 'slow' ? hanging() : {}), timeoutMilliseconds: 50 },
        cache: { store: acme.createMemoryStore({ clock }), seconds: 300 },
      });
      const ask = async (at = AT, resource?: string): Promise<string> => {
        const answer = await authorize({ chain: found, at, resource });
        return answer.allowed ? (answer.cached ? 'cached' : 'allowed') : answer.code;
      };
      return [
        found.map(core.toBase64).join() === chain.join(),
        await codeOf(() => relyingParty.chainFromHeaders(headers, options)),
        await ask(),
        await ask(),
        await ask(AT, 'slow'),
        await ask(new Date('2036-01-01T00:00:00Z')),
        await deauthorize('device:SIMULATED1').then(() => ask()),
      ];
    },
    gives: [
      true,
      'ERR_MDA_HEADER_UNTRUSTED',
      'allowed',
      'cached',
      'dynamic-timeout',
      'identity-refused',
      'deauthorized',
    ],
  },

  './testing': {
    async run() {
      const { authority, device } = await simulate();
      const hashes: string[] = [];
      for (const curve of CURVES) {
        const key = await device.createKey({ curve });
        for (const der of await attestedChain(device, key, new Uint8Array(32)))
          hashes.push(await sha256(Uint8Array.from(der)));
      }
      const faulty = testing.createSimulatedDevice(authority.withFault('leaf-changed'), { clock });
      const x5c = await attestedChain(faulty, await faulty.createKey({ curve: 'P-384' }), new Uint8Array(32));
      const options = {
        at: AT,
        expectedFreshnessCode: core.skipFreshnessCheck,
        trustAnchors: authority.trustAnchors,
      } as const;
      return [
        hashes.map((hash) => hash.slice(0, 16)),
        await codeOf(() => core.verifyAttestation(core.parseAttestationChain(x5c), options)),
      ];
    },
    gives: [
      ['1b6e39fa56f5078f', 'bfbb52b7dbb5409b', '276550b3a1f534b3', 'bfbb52b7dbb5409b'],
      'ERR_MDA_CHAIN_SIGNATURE',
    ],
  },

  './conformance': {
    async run() {
      const [root] = (await simulate()).authority.trustAnchors;
      const vector = conformance.parseVector(
        JSON.stringify({
          id: 'acme/empty',
          title: 'There is nothing.',
          op: 'acme',
          input: { attObj: '', token: TOKEN },
          trustAnchors: [core.toBase64(root!.der)],
          at: '2026-06-01T12:00:00Z',
          result: 'reject',
          code: 'ERR_MDA_CBOR_TRUNCATED',
          fault: 'the attestation object is empty',
          flags: ['cbor'],
          source: 'RFC 8949, 3',
        }),
        'acme/empty.json',
      );
      const kindOf = async (answer: (request: unknown) => unknown) => {
        const open = conformance.verifierFromFunction(answer);
        const report = await conformance.runVectors([vector], open, { compareCodes: true, timeLimitSeconds: 0.05 });
        return [report.conforms, report.cases[0]!.kind, conformance.renderText(report).length > 0];
      };
      return [await kindOf(conformance.answerRequest), await kindOf(() => new Promise(() => undefined))];
    },
    gives: [
      [true, null, true],
      [false, 'timed-out', true],
    ],
  },
};
