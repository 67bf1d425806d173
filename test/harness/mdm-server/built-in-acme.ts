import { type ClientIdentifierSecret, type Evaluate, identifierIsTicket, type Store } from '../../../src/acme/index.ts';
import { acceptTickets } from '../acme-server/configuration.ts';
import type { AcmeServerOptions } from '../acme-server/options.ts';
import type { Database } from './database.ts';
import { findInvitation, isInvited } from './invitation.ts';

/**
 * Deployment model 1 with an ACME server of the service's own: it has the same database, so it asks nobody. It issues to
 * whom the service has invited, if that is the device that is attested.
 */
export function builtInAcme(options: {
  readonly database: Database;
  readonly secrets: readonly ClientIdentifierSecret[];
  readonly store: Store;
}): Pick<AcmeServerOptions, 'identify' | 'evaluate' | 'acceptIdentifier'> {
  const { database, secrets, store } = options;
  // Who was invited may have been struck off since.
  const evaluate: Evaluate = async ({ properties }, { identifier, at }) => {
    const { serialNumber } = properties;
    const attested = serialNumber.status === 'attested' ? serialNumber.value : undefined;
    const invitation = await findInvitation({ database, secrets, at }, identifier.value);
    return { allowed: invitation !== undefined && isInvited(database, invitation, attested), reasons: [] };
  };
  return { identify: identifierIsTicket({ secrets, store }), evaluate, acceptIdentifier: acceptTickets(secrets) };
}
