import { describe, expect, it } from 'vitest';
import { checkRevocation, type CheckRevocationOptions } from '../../src/identity/index.ts';
import type { RevocationSource } from '../../src/relying-party/index.ts';
import { AT } from '../support/organisation.ts';
import { mintList, mintResponse, type ListSpec } from '../support/revocation.ts';
import { after, authorizerWith, chain, createTime, issuing, root, said } from './world.ts';

/** Authorization by lists and answers that are signed here and judged by `checkRevocation`. */

const SERIAL_NUMBER = 0xd0e1n;
const DAY_SECONDS = 86_400;
const ofRoot = await mintList(root);
const ofIssuing = async (spec: ListSpec = {}): Promise<Uint8Array[]> => [await mintList(issuing, spec), ofRoot];

type Documents = Pick<CheckRevocationOptions, 'crls' | 'ocspResponses'>;

/** What `checkRevocation` returns is handed on as it is. */
const by = (documents: () => Documents, onUnknown: RevocationSource['onUnknown'] = 'refuse'): RevocationSource => ({
  check: (identity, { at }) => checkRevocation(identity, { at, onUnknown, ...documents() }),
  onUnknown,
  timeoutMilliseconds: 5000,
});
const outcome = async (documents: Documents, onUnknown?: RevocationSource['onUnknown']) =>
  said(await authorizerWith({ revocation: by(() => documents, onUnknown) }).authorize({ chain, at: AT }));

describe('a list of the authority', () => {
  it('lets in who is not in it, and nobody who is', async () => {
    expect(await outcome({ crls: await ofIssuing() })).toBe('yes');
    const crls = await ofIssuing({ entries: [{ serialNumber: SERIAL_NUMBER }] });
    for (const onUnknown of ['refuse', 'accept'] as const) expect(await outcome({ crls }, onUnknown)).toBe('revoked');
  });

  it('that is missing, out of date or forged leaves it to the service', async () => {
    const lists = [
      [ofRoot],
      await ofIssuing({ nextUpdate: after(-1) }),
      await ofIssuing({ signer: root.signer }),
      await ofIssuing({ signature: (value) => value.with(-1, value.at(-1)! ^ 1) }),
    ];
    for (const crls of lists) {
      expect(await outcome({ crls })).toBe('revocation-unknown');
      expect(await outcome({ crls }, 'accept')).toBe('yes');
    }
  });

  it('ends a decision when it ends itself', async () => {
    const nextUpdate = after(100);
    const world = createTime();
    let crls = await ofIssuing({ nextUpdate });
    const revocation = by(() => ({ crls }));
    const { authorize } = authorizerWith({ revocation, cache: { store: world.store(), seconds: DAY_SECONDS } });
    const ask = async (seconds: number) => {
      world.set(seconds);
      return authorize({ chain, at: after(seconds) });
    };
    expect(await ask(0)).toMatchObject({ allowed: true, validUntil: nextUpdate });
    crls = await ofIssuing({ entries: [{ serialNumber: SERIAL_NUMBER }] });
    expect(said(await ask(100))).toBe('yes, cached');
    expect(said(await ask(100.001))).toBe('revoked');
  });
});

describe('an answer of a responder', () => {
  it('lets in who is good, and nobody who is revoked', async () => {
    const good = await mintResponse(issuing, [{ serialNumber: SERIAL_NUMBER, nextUpdate: after(100) }]);
    const other = await mintResponse(issuing, [{ serialNumber: 1n, nextUpdate: after(100) }]);
    expect(await outcome({ crls: [ofRoot], ocspResponses: [good] })).toBe('yes');
    expect(await outcome({ crls: [ofRoot], ocspResponses: [other] })).toBe('revocation-unknown');
  });
});
