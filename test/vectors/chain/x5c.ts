import { name } from '../../../src/testing/der-writer.ts';
import { basicConstraints, keyUsage } from '../../support/mint.ts';
import { AT, chainWith, keyOf } from '../support.ts';
import { pathTo } from './evidence.ts';
import { type Row, SOURCES } from './row.ts';

const STRANGER = name({ CN: 'Somebody else' });

/** Which certificates are sent, and in which order. */
export const SENT: readonly Row[] = [
  {
    name: 'x5c-with-anchor',
    title: 'The root is sent too, at the end, where it says nothing.',
    flags: ['path'],
    source: SOURCES.departures,
    chain: async () => {
      const { x5c, root } = await chainWith();
      return { x5c: [...x5c, root], anchors: [root], at: AT };
    },
  },
  {
    name: 'path-of-one',
    title: 'The anchor issued the leaf directly, and allows no authority below.',
    flags: ['path', 'future'],
    source: 'RFC 5280, 6.1',
    chain: pathTo({ authorities: [], root: { extensions: [basicConstraints(true, 0), keyUsage(0x06)] } }),
    key: keyOf('path leaf', 'P-256'),
  },
  {
    name: 'path-of-five',
    title:
      'Three authorities stand in the path, each at its pathLenConstraint, and the anchor is sent too: five certificates.',
    flags: ['path', 'limits', 'future'],
    source: 'RFC 5280, 6.1.4 (m)',
    chain: pathTo(
      {
        authorities: [2, 1, 0].map((pathLength) => ({ extensions: [basicConstraints(true, pathLength)] })),
        root: { extensions: [basicConstraints(true, 3)] },
      },
      (x5c, root) => [...x5c, root],
    ),
    key: keyOf('path leaf', 'P-256'),
  },
  {
    name: 'path-of-six',
    title: 'Four authorities stand in the path, and the anchor is sent too: six certificates.',
    flags: ['limits', 'known-mistake', 'profile'],
    source: SOURCES.limits,
    code: 'ERR_MDA_CHAIN_TOO_LONG',
    fault: 'six certificates, where Apple sends two and the profile allows five',
    chain: pathTo({ authorities: [{}, {}, {}, {}] }, (x5c, root) => [...x5c, root]),
    undone: pathTo({ authorities: [{}, {}, {}, {}] }),
  },
  {
    name: 'x5c-empty',
    title: 'There is no certificate.',
    flags: ['limits', 'known-mistake'],
    source: 'W3C Web Authentication, 8.8: x5c',
    code: 'ERR_MDA_CHAIN_EMPTY',
    fault: 'x5c is empty',
    chain: async () => ({ x5c: [], anchors: [(await chainWith()).root], at: AT }),
  },
  {
    name: 'sub-ca-left-out',
    title: 'The leaf comes without the Sub CA.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.3 (a)(4)',
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    fault: 'the issuer of the leaf is missing',
    chain: async () => {
      const { leaf, root } = await chainWith();
      return { x5c: [leaf], anchors: [root], at: AT };
    },
  },
  {
    name: 'x5c-reversed',
    title: 'The Sub CA comes first and the leaf second.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    fault: 'the certificates are not in order, leaf first',
    chain: async () => {
      const { leaf, subCa, root } = await chainWith();
      return { x5c: [subCa, leaf], anchors: [root], at: AT };
    },
  },
  {
    name: 'x5c-authorities-swapped',
    title: 'Of two authorities, the upper one comes first.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_TRUST_ANCHOR',
    fault: 'the certificates are not in order, each the issuer of the one before',
    chain: pathTo({ authorities: [{}, {}] }, ([leaf, lower, upper]) => [leaf!, upper!, lower!]),
    undone: pathTo({ authorities: [{}, {}] }),
  },
  {
    name: 'x5c-unasked',
    title: 'A certificate that belongs to no path follows the Sub CA.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_NAME',
    fault: 'the last certificate did not issue the one before',
    chain: async () => {
      const { x5c, root } = await chainWith();
      const { subCa: unasked } = await chainWith({ subCa: { subject: STRANGER } });
      return { x5c: [...x5c, unasked], anchors: [root], at: AT };
    },
  },
  {
    name: 'x5c-twice',
    title: 'The Sub CA comes twice.',
    flags: ['path', 'profile'],
    source: 'profile of this project: docs/errors.md, ERR_MDA_CHAIN_DUPLICATE',
    code: 'ERR_MDA_CHAIN_DUPLICATE',
    fault: 'a certificate is sent twice',
    chain: async () => {
      const { leaf, subCa, root } = await chainWith();
      return { x5c: [leaf, subCa, subCa], anchors: [root], at: AT };
    },
  },
];
