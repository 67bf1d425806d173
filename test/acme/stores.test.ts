import { beforeAll, describe, expect, it } from 'vitest';
import { claimClientIdentifier, createSeenKeys, issueClientIdentifier, type Store } from '../../src/acme/index.ts';
import type { VerifiedAttestation } from '../../src/index.ts';
import { permanentIdentifier, SERIAL_NUMBER, verifiedAttestation } from '../support/acme.ts';
import { AT } from '../support/mint.ts';
import { storesOfThisFile } from '../support/stores.ts';

/** The claims of this entry on the stores that docs/acme.md says they were run on. */

const secret = { id: '2026b', key: new Uint8Array(32).fill(7) };

let attestation: VerifiedAttestation;
beforeAll(async () => {
  attestation = await verifiedAttestation();
});

describe.each(storesOfThisFile())('on a store in %s', (name, isHere, open) => {
  it.skipIf(!isHere)('a client identifier is claimed by one of many, and by that one again', async () => {
    const stores = open();
    for (let round = 0; round < 10; round++) {
      const expiresAt = new Date(AT.getTime() + 60_000);
      const device = { serialNumber: SERIAL_NUMBER };
      const text = await issueClientIdentifier({ secret, store: stores[0], device, user: 'alice', at: AT, expiresAt });
      const claim = (claimant: number) => {
        const options = { secrets: [secret], store: stores[claimant % 2]!, attestation, at: AT };
        return claimClientIdentifier(text, { ...options, claimant: `token ${claimant}` });
      };
      const claims = await Promise.allSettled(Array.from({ length: 10 }, (_, claimant) => claim(claimant)));
      const winners = claims.flatMap(({ status }, claimant) => (status === 'fulfilled' ? [claimant] : []));
      expect(winners).toHaveLength(1);
      expect(await claim(winners[0]!)).toMatchObject({ user: 'alice' });
      await expect(claim(10)).rejects.toHaveProperty('code', 'ERR_MDA_CLIENT_IDENTIFIER_CLAIMED');
    }
  });

  it.skipIf(!isHere)('a key is remembered', async () => {
    const stores = open();
    const seen = async (store: Store, value: string): Promise<boolean> => {
      const context = { identifier: permanentIdentifier(value), attestation, at: AT };
      const answer = await createSeenKeys({ store, ttlMilliseconds: 60_000 })(name, context);
      if (typeof answer === 'boolean') return answer;
      await answer.remember();
      return answer.seen;
    };
    expect(await seen(stores[0], 'A')).toBe(false);
    expect(await seen(stores[1], 'A')).toBe(false);
    expect(await seen(stores[1], 'B')).toBe(true);
  });
});
