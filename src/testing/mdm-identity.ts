import { attestationSupport } from '../mdm/index.ts';
import { enrollByAcme } from './acme-client.ts';
import type { AcmePayloadOptions } from './acme-enrollment-options.ts';
import type { AcmeOutcome } from './acme-outcome.ts';
import type { SimulatedDevice } from './device.ts';
import { readIssuedChain } from './issued-chain.ts';
import type { MdmClientOptions } from './mdm-client-options.ts';
import type { MdmIdentity } from './mdm-fetch.ts';
import type { MdmInstallOutcome } from './mdm-outcome.ts';
import type { IdentityPayload } from './mdm-profile.ts';
import type { MdmFacts } from './mdm-report.ts';

/** An identity, or what came in its place. */
export type IdentityOutcome =
  | { readonly status: 'identity'; readonly identity: MdmIdentity }
  | Extract<MdmInstallOutcome, { readonly status: 'no-identity' | 'unreachable' }>;

/** Gets the certificate that an identity payload promises. */
export async function obtainIdentity(
  device: SimulatedDevice,
  { uuid, payload, acme }: IdentityPayload,
  facts: MdmFacts,
  options: MdmClientOptions,
): Promise<IdentityOutcome> {
  if (acme !== undefined) return obtainByAcme(device, uuid, acme, facts, options);
  const key = await device.createKey({ curve: 'P-256' });
  const pem = await options.issueIdentity?.({ payload, key });
  const issued = readIssuedChain(pem ?? '', key.publicKey);
  if (issued?.isForKey !== true) return { status: 'no-identity', payloadUuid: uuid, acme: undefined };
  return { status: 'identity', identity: { key, ...certificatesOf(issued) } };
}

async function obtainByAcme(
  device: SimulatedDevice,
  payloadUuid: string,
  payload: AcmePayloadOptions,
  facts: MdmFacts,
  { acmeFetch, clock, acme: behaviour }: MdmClientOptions,
): Promise<IdentityOutcome> {
  const failures = new Set<unknown>();
  let outcome: AcmeOutcome;
  try {
    outcome = await enrollByAcme(device, {
      ...behaviour,
      ...payload,
      attest: payload.attest === true && canAttest(facts),
      clock,
      fetch: async (url, request) => {
        try {
          return await acmeFetch(url, request);
        } catch (error) {
          failures.add(error);
          throw error;
        }
      },
    });
  } catch (error) {
    // A hook of the caller's may throw, too, and that is no answer of the server.
    if (!failures.has(error)) throw error;
    return { status: 'unreachable', step: 'ACME', error };
  }
  if (outcome.status !== 'issued' || !outcome.isForKey) return { status: 'no-identity', payloadUuid, acme: outcome };
  return { status: 'identity', identity: { key: outcome.key, ...certificatesOf(outcome) } };
}

const certificatesOf = ({ certificateChain, certificateChainPem }: Omit<MdmIdentity, 'key'>) => ({
  certificateChain,
  certificateChainPem,
});

/** Whether the hardware attests: a model that is not known does. */
export function canAttest({ productName = '', isAppleSilicon }: MdmFacts): boolean {
  return attestationSupport({ productName, isAppleSilicon }) !== 'unsupported';
}
