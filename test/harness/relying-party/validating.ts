import { AttestationError } from '../../../src/index.ts';
import { type IdentityTrustAnchor, noAttestingAuthority, verifyIdentity } from '../../../src/identity/index.ts';
import { chainFromTlsSocket, deviceOf, type RefusalCode } from '../../../src/relying-party/index.ts';
import type { Gate, Passage } from './gate.ts';
import type { CheckIdentity } from './revocation.ts';

const refused = (code: RefusalCode, error?: unknown): Passage => ({ allowed: false, code, reasons: [], error });

/**
 * Deployment model 2: the ACME server has decided, so whoever has its certificate may. What it says of the device is of no
 * interest here; whether it was revoked may be.
 */
export function gateByValidation(options: {
  readonly trustAnchors: readonly IdentityTrustAnchor[];
  readonly clock: () => Date;
  readonly checkRevocation?: CheckIdentity;
}): Gate {
  const { trustAnchors, clock, checkRevocation } = options;
  return async (request) => {
    const at = clock();
    try {
      const chain = chainFromTlsSocket(request.socket);
      const identity = await verifyIdentity(chain, { at, trustAnchors, attestingAuthorities: noAttestingAuthority });
      const verdict = await checkRevocation?.(identity, { at });
      if (verdict?.accepted === false) return refused(verdict.status === 'revoked' ? 'revoked' : 'revocation-unknown');
      return { allowed: true, device: deviceOf(identity), cached: false, stale: false };
    } catch (error) {
      if (error instanceof AttestationError) return refused('identity-refused', error);
      throw error;
    }
  };
}
