import type { IssuerMemory } from '../core/issuer-memory.ts';
import type { IdentityRecord } from './identity-certificate.ts';

/** The issuers of identities, apart from those of attestations: neither verifies what the other does. */
export const identityIssuers: IssuerMemory<IdentityRecord> = [];
