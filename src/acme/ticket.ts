import { AttestationError } from '../core/errors.ts';
import { requireOptions } from '../core/options.ts';
import { readForDevice } from './client-identifier.ts';
import { findClaim, takeClaim } from './client-identifier-claim.ts';
import { nameOf } from './client-identifier-text.ts';
import { PERMANENT_IDENTIFIER } from './identifier.ts';
import { type Identify, notIdentified } from './identify.ts';
import { type ClientIdentifierSecret, requireSecrets } from './secret.ts';
import { requireStore, type Store } from './store.ts';

/**
 * Identifies a device by the client identifier that was issued for it: also one whose serial number is not
 * attested, as in a User Enrollment.
 *
 * Checks: type `permanent-identifier`; all of `claimClientIdentifier`. It is claimed when the validator has found
 * nothing else to refuse, by the token of the challenge: the same challenge may be judged again, another order may
 * not use it.
 * Leaves to you: to refuse at `newOrder` what `readClientIdentifier` refuses.
 *
 * @param options.secrets the current secret, and older ones for as long as what they issued may live
 * @param options.store the one that `issueClientIdentifier` wrote into
 * @throws TypeError if an option is missing, unknown or of another type
 * @example
 * ```ts
 * import { createDeviceAttestValidator, createMemoryStore, identifierIsTicket } from 'managed-device-attestation/acme';
 *
 * const store = createMemoryStore({ clock: () => new Date() });
 * const secrets = [{ id: '2026a', key: crypto.getRandomValues(new Uint8Array(32)) }];
 * export const validate = createDeviceAttestValidator({ identify: identifierIsTicket({ secrets, store }) });
 * ```
 */
export function identifierIsTicket(options: {
  readonly secrets: readonly ClientIdentifierSecret[];
  readonly store: Store;
}): Identify {
  requireOptions(options, ['secrets', 'store']);
  const secrets = requireSecrets(options.secrets);
  const store = requireStore(options.store);
  return async ({ identifier, attestation, token, at }) => {
    if (identifier.type !== PERMANENT_IDENTIFIER) return notIdentified('ERR_MDA_IDENTIFIER_TYPE');
    const record = await readForDevice(identifier.value, secrets, attestation, at.getTime()).catch(asRefusal);
    if (record instanceof AttestationError) return notIdentified(record.code);
    const name = nameOf(record);
    const claim = await findClaim(store, name, token);
    if (claim === undefined) return notIdentified('ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    const { serialNumber } = attestation.properties;
    return {
      identified: true,
      by: 'client-identifier',
      ...(serialNumber.status === 'attested' ? { device: serialNumber.value } : {}),
      ...(claim.user === undefined ? {} : { user: claim.user }),
      claim: () => takeClaim(store, name, claim, record.expiresAt - at.getTime()),
    };
  };
}

function asRefusal(error: unknown): AttestationError {
  if (error instanceof AttestationError) return error;
  throw error;
}
