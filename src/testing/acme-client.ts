import { type AcmeEnrollmentOptions, readEnrollmentOptions } from './acme-enrollment-options.ts';
import { type AccountKey, createAccountKey, signExternalAccount } from './acme-jws.ts';
import { type AcmeDirectory, readDirectory } from './acme-messages.ts';
import { driveOrder, orderIn } from './acme-order.ts';
import type { AcmeOutcome } from './acme-outcome.ts';
import { createPatience } from './acme-patience.ts';
import { createRun, endedBy, type Run, undecided } from './acme-run.ts';
import { createSession } from './acme-session.ts';
import { createTransport, isFailure, succeeded } from './acme-transport.ts';
import type { SimulatedDevice } from './device.ts';

/**
 * Enrolls a simulated device with an ACME server, as Apple's client does: account, order for a
 * `permanent-identifier`, `device-attest-01` answered with an attestation for the token, certificate request with
 * the attested key, certificate.
 *
 * It tries again as clients of RFC 8555 do: after a nonce that was refused, after 429 and 5xx (`Retry-After` is
 * obeyed), after a connection that failed; and it looks where the order stands before it sends something that may
 * have been received already. All of it is bounded by `retry`.
 *
 * Leaves to you: limits of time and size in `fetch`, and the certificate itself, of which nothing is verified.
 *
 * @param options.fetch reaches the server; `fetch` of the platform fits
 * @param options.tamper sends what an honest device does not
 * @returns how it ended; a refusal is an outcome, and so is a server that fails or does not speak RFC 8555
 * @throws TypeError if an option is missing, unknown or of another type
 * @throws what `fetch` rejected with, once the retries are used up
 * @example
 * ```ts
 * import { createAttestationAuthority, createSimulatedDevice, enrollByAcme } from 'managed-device-attestation/testing';
 *
 * export async function enroll(directoryUrl: string) {
 *   const clock = () => new Date();
 *   const authority = await createAttestationAuthority({ seed: 'my tests', at: new Date('2026-06-01T12:00:00Z') });
 *   const device = createSimulatedDevice(authority, { clock, serialNumber: 'SIMULATED1' });
 *   const outcome = await enrollByAcme(device, { directoryUrl, fetch, clock, clientIdentifier: 'SIMULATED1' });
 *   return outcome.status === 'issued' ? outcome.certificateChainPem : outcome.problem;
 * }
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc8555
 * @see https://datatracker.ietf.org/doc/draft-ietf-acme-device-attest/
 */
export async function enrollByAcme(device: SimulatedDevice, options: AcmeEnrollmentOptions): Promise<AcmeOutcome> {
  const plan = readEnrollmentOptions(options);
  const { clock, fetch, observe, tamper } = plan;
  const patience = createPatience(plan.retry, plan.sleep, observe);
  const key = options.key ?? (await device.createKey({ curve: options.keyType ?? 'P-384' }));
  const run = createRun(plan, device, key);
  const transport = createTransport({ fetch, clock, patience, observe });

  const found = await transport.insist(() =>
    transport.send('directory', plan.directoryUrl, { method: 'GET', headers: { accept: 'application/json' } }),
  );
  const directory = succeeded(found) && found.json !== undefined ? readDirectory(found.json) : undefined;
  // Whatever stands there is no refusal: nothing was asked for yet.
  if (directory === undefined) return undecided(run, found, isFailure(found) ? 'server-error' : 'unexpected-answer');

  const accountKey = await createAccountKey(plan.shortSignatures);
  const session = createSession(transport, directory.newNonce, accountKey, tamper);
  const registered = await session.post(
    'newAccount',
    directory.newAccount,
    await accountRequest(run, directory, accountKey),
  );
  if (!succeeded(registered) || registered.location === null) return endedBy(run, registered);
  session.signAs(registered.location);
  const honest = createSession(transport, directory.newNonce, accountKey, {});
  honest.signAs(registered.location);
  run.account = {
    url: registered.location,
    thumbprint: accountKey.thumbprint,
    post: (url, payload) => honest.post('order', url, payload),
  };

  const identifiers = [{ type: 'permanent-identifier', value: plan.clientIdentifier }];
  const ordered = await session.post('newOrder', directory.newOrder, { identifiers });
  const order = orderIn(ordered);
  if (order === undefined || ordered.location === null) return endedBy(run, ordered);
  run.orderUrl = ordered.location;
  run.finalizeUrl = order.finalize;
  return driveOrder(run, ordered, ordered.location, { session, patience, thumbprint: accountKey.thumbprint });
}

/** RFC 8555, 7.3. */
async function accountRequest({ plan: { externalAccount } }: Run, directory: AcmeDirectory, { jwk }: AccountKey) {
  return {
    ...(directory.termsOfService ? { termsOfServiceAgreed: true } : {}),
    ...(externalAccount === undefined
      ? {}
      : { externalAccountBinding: await signExternalAccount(externalAccount, directory.newAccount, jwk) }),
  };
}
