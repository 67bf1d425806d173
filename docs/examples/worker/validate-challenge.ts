import { fromBase64, fromPem, parseCertificate, toBase64 } from 'managed-device-attestation';
import {
  createDeviceAttestValidator,
  createSeenKeys,
  identifierIsTicket,
  issueClientIdentifier,
} from 'managed-device-attestation/acme';
import { type Environment, type Handler, oncePer } from './environment.ts';
import { readMembers, Refusal, requireBearer, requireText } from './requests.ts';
import { objectStore } from './stores.ts';

/** A year: for how long a key counts as seen. */
const SEEN_MILLISECONDS = 365 * 86_400_000;
/** A day: for how long a profile may lie about. */
const CLIENT_IDENTIFIER_MILLISECONDS = 86_400_000;

const secretOf = ({ CLIENT_IDENTIFIER_KEY }: Environment) => ({ id: '1', key: fromBase64(CLIENT_IDENTIFIER_KEY) });

const validatorOf = oncePer((environment) => {
  const store = objectStore(environment.STATE);
  const root = environment.ATTESTATION_ROOT;
  return createDeviceAttestValidator({
    identify: identifierIsTicket({ secrets: [secretOf(environment)], store }),
    seenKeys: createSeenKeys({ store, ttlMilliseconds: SEEN_MILLISECONDS }),
    ...(root === undefined ? {} : { trustAnchors: fromPem(root).map((der) => parseCertificate(der)) }),
  });
});

/**
 * The ACME server asks: is this response to a challenge a good one? It has checked the account and the JWS, and that
 * the challenge is pending. Where this does not answer with 200, nothing is known: it leaves the challenge pending.
 */
export const validateChallenge: Handler = async (request, environment) => {
  const at = new Date();
  await requireBearer(request, environment.ACME_SECRET);
  const members = await readMembers(request);
  const token = requireText(members, 'token', /^[\w-]{22,256}$/);
  const identifier = requireText(members, 'identifier', /^[^]{1,1024}$/);
  const outcome = await validatorOf(environment)({
    token,
    payload: members['payload'],
    identifier: { type: 'permanent-identifier', value: identifier },
    at,
  });
  const { status, states } = outcome;
  if (status === 'invalid') {
    const { problem, reasons } = outcome;
    return Response.json({ status, states, problem, reasons });
  }
  const { attestedKey, identification } = outcome;
  const { by, device, user } = identification;
  return Response.json({
    status,
    states,
    attestedKey: { ...attestedKey, spki: toBase64(attestedKey.spki) },
    identification: { by, device, user },
  });
};

/** The MDM service asks for the client identifier of a profile: for a device that it knows, or for a user. */
export const issueTicket: Handler = async (request, environment) => {
  const at = new Date();
  await requireBearer(request, environment.MANAGEMENT_SECRET);
  const members = await readMembers(request);
  const isForDevice = members['serialNumber'] !== undefined;
  if (isForDevice && members['user'] !== undefined) throw new Refusal(400, 'it is for a device or for a user');
  const clientIdentifier = await issueClientIdentifier({
    secret: secretOf(environment),
    store: objectStore(environment.STATE),
    at,
    expiresAt: new Date(at.getTime() + CLIENT_IDENTIFIER_MILLISECONDS),
    ...(isForDevice
      ? { device: { serialNumber: requireText(members, 'serialNumber', /^[0-9A-Za-z]{1,32}$/) } }
      : { user: requireText(members, 'user', /^[\w@.+-]{1,128}$/) }),
  });
  return Response.json({ clientIdentifier });
};
