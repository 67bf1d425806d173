import { AttestationError, fromPem } from 'managed-device-attestation';
import { attestingAuthority, identityTrustAnchor } from 'managed-device-attestation/identity';
import { parsePolicy } from 'managed-device-attestation/policy';
import {
  authorizeRequest,
  chainFromCloudflare,
  createAuthorizer,
  refusalResponse,
} from 'managed-device-attestation/relying-party';
import { type Handler, oncePer } from './environment.ts';
import { readMembers, Refusal, requireBearer, requireText } from './requests.ts';
import { decisionStore, objectStore } from './stores.ts';

const POLICY = parsePolicy({
  format: 1,
  rules: [{ rule: 'os-version', minimum: '26.0' }],
});

const authorizerOf = oncePer((environment) =>
  createAuthorizer({
    trustAnchors: fromPem(environment.IDENTITY_ROOT).map((der) => identityTrustAnchor(der)),
    attestingAuthorities: fromPem(environment.ISSUING_AUTHORITY).map((der) => attestingAuthority(der)),
    policy: POLICY,
    cache: {
      store: decisionStore(environment.DECISIONS),
      seconds: 300,
      onError: (error) => {
        console.warn('decisions', error);
      },
    },
    // Read at every request. In KV, a device that was deauthorized would be let in for a minute and more.
    deauthorizations: objectStore(environment.STATE),
  }),
);

/** A device asks, with its certificate. */
export const authorizeDevice: Handler = async (request, environment) => {
  const authorization = await authorizeRequest(request, {
    authorizer: authorizerOf(environment),
    chain: ({ cf }) => chainFromCloudflare(cf?.tlsClientAuth),
    at: new Date(),
  });
  if (!authorization.allowed) {
    const { code, device, reasons, error } = authorization;
    // Anybody can have a line written: a short one.
    console.warn('refused', code, device, reasons, error instanceof AttestationError ? error.code : error);
    const { status, headers, body } = refusalResponse(authorization);
    return new Response(body, { status, headers });
  }
  const { device, cached, validUntil } = authorization;
  // Here stands what the device came for.
  return Response.json({ device, cached, validUntil }, { headers: { 'cache-control': 'no-store' } });
};

/** A device by a name that is attested, by one that an authority gave it, or by its key, as `deviceOf` has it. */
const DEVICE = /^(?:device:[^]{1,256}|named:[0-9a-f]{64}:[0-9.]{0,256}:[^]{1,256}|key:[0-9a-f]{64})$/;

/** The MDM service says that a device may not any more, or may again: by the name that `authorizeDevice` has for it. */
export const deauthorizeDevice: Handler = async (request, environment) => {
  await requireBearer(request, environment.MANAGEMENT_SECRET);
  const members = await readMembers(request);
  const device = requireText(members, 'device', DEVICE);
  const { deauthorized } = members;
  if (typeof deauthorized !== 'boolean') throw new Refusal(400, 'deauthorized is missing or malformed');
  const { deauthorize, reauthorize } = authorizerOf(environment);
  await (deauthorized ? deauthorize(device) : reauthorize(device));
  return new Response(null, { status: 204 });
};
