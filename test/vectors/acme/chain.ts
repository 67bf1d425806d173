import { name } from '../../../src/testing/der-writer.ts';
import { basicConstraints, keyUsage, mintChain, property } from '../../support/mint.ts';
import type { Draft } from '../draft.ts';
import { type AboutFault, rejected } from '../outcome.ts';
import { acmeCase, codeOfToken, evidenceForToken, leafExtensions, SOURCES, TOKEN } from '../requests.ts';
import { chainWith, type Evidence, keyOf, KEYS } from '../support.ts';

interface Row extends AboutFault {
  readonly evidence: (genuine: Evidence) => Evidence | Promise<Evidence>;
}

const CODE = property('11.1', codeOfToken(TOKEN));
const DEVICE = { subject: name({ CN: 'attested device' }), key: keyOf('attested device') };

/** What is wrong with the chain, all else being as the challenge asks: that the code matches is not enough. */
const ROWS: readonly Row[] = [
  {
    name: 'chain-other-root',
    title: 'The chain ends at a root that has the name of the trust anchor and another key.',
    fault: 'the trust anchor did not sign the Sub CA',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    flags: ['path', 'signature'],
    source: SOURCES.apple,
    evidence: async (genuine) => {
      const { x5c } = await mintChain({
        seed: 'look-alike',
        leaf: { extensions: leafExtensions({ '11.1': codeOfToken(TOKEN) }) },
        subCa: { extensions: [basicConstraints(true, 0), keyUsage(0x06)] },
      });
      return { ...genuine, x5c };
    },
  },
  {
    name: 'chain-leaf-expired',
    title: 'The leaf expired one second before the challenge is answered.',
    fault: 'notAfter lies a second before at',
    code: 'ERR_MDA_CHAIN_EXPIRED',
    flags: ['time'],
    source: 'RFC 5280, 6.1.3 (a)(2)',
    evidence: (genuine) => ({ ...genuine, at: new Date('2026-07-31T00:00:01Z') }),
  },
  {
    name: 'chain-leaf-self-signed',
    title: 'The attested key signed its leaf itself, in the name of the Sub CA.',
    fault: 'the Sub CA did not sign the leaf',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    flags: ['signature'],
    source: 'RFC 5280, 6.1.3 (a)(1)',
    evidence: () => evidenceForToken({}, { leaf: { issuerKey: KEYS.leaf } }),
  },
  {
    name: 'chain-leaf-as-issuer',
    title: 'A device signed a leaf with the key that was attested to it.',
    fault: 'the issuer of the leaf is a leaf',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.4 (k)',
    evidence: async (genuine) => {
      const { leaf: device, subCa } = await chainWith({ leaf: DEVICE });
      const { leaf } = await chainWith({
        leaf: {
          issuer: DEVICE.subject,
          issuerKey: DEVICE.key,
          extensions: leafExtensions({ '11.1': codeOfToken(TOKEN) }),
        },
      });
      return { ...genuine, x5c: [leaf, device, subCa] };
    },
  },
  {
    name: 'chain-authority-as-leaf',
    title: 'The Sub CA stands where the leaf should, and has the right freshness code.',
    fault: 'the first certificate is that of an authority',
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 4.2.1.9',
    evidence: async (genuine) => {
      const extensions = [basicConstraints(true, 0), keyUsage(0x86), CODE];
      const { subCa } = await chainWith({ subCa: { extensions } });
      return { ...genuine, x5c: [subCa] };
    },
  },
  {
    name: 'chain-sub-ca-left-out',
    title: 'The leaf comes without the Sub CA.',
    fault: 'nothing leads from the leaf to the trust anchor',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    flags: ['path'],
    source: 'RFC 5280, 6.1',
    evidence: ({ x5c, ...genuine }) => ({ ...genuine, x5c: x5c.slice(0, 1) }),
  },
];

export async function chainFaults(): Promise<readonly Draft[]> {
  const genuine = await evidenceForToken();
  return Promise.all(
    ROWS.map(async ({ evidence, ...about }) => rejected(about, acmeCase(await evidence(genuine)), acmeCase(genuine))),
  );
}
