import { name, oid, printable, sequence, set } from '../../../src/testing/der-writer.ts';
import { authorityKeyIdentifier, basicConstraints, keyUsage, LEAF_NAME } from '../../support/mint.ts';
import { AT, chainWith, keyOf, withExtensions, withoutExtensions } from '../support.ts';
import { pathTo } from './evidence.ts';
import { type Row, SOURCES } from './row.ts';

const BASIC_CONSTRAINTS = '2.5.29.19';
const STRANGER = name({ CN: 'Somebody else' });

const SUB_CA_CN = 'Simulated Enterprise Attestation Sub CA 1';
const named = (CN: string, O = 'Not Apple'): Uint8Array => name({ CN, O, C: 'US' });

const withPathLength = (pathLength?: number) => ({ extensions: [basicConstraints(true, pathLength), keyUsage(0x06)] });

/** What binds one certificate to the next, and what either may be. */
export const AUTHORITIES: readonly Row[] = [
  {
    name: 'leaf-issuer-other',
    title: 'The leaf names another issuer than the Sub CA, whose key has signed it.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.3 (a)(4)',
    code: 'ERR_MDA_CHAIN_NAME',
    fault: 'the issuer of the leaf is not the subject of the Sub CA',
    chain: { leaf: { issuer: STRANGER } },
  },
  {
    name: 'leaf-issuer-common-name',
    title: 'The leaf names an issuer with the common name of the Sub CA and another organization.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.3 (a)(4)',
    code: 'ERR_MDA_CHAIN_NAME',
    fault: 'the organization in the issuer of the leaf is not that of the Sub CA',
    chain: { leaf: { issuer: named(SUB_CA_CN, 'Somebody else') } },
  },
  {
    name: 'leaf-issuer-case',
    title: 'The leaf names its issuer in other letters, small for capital.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_NAME',
    fault: 'the issuer of the leaf is not the subject of the Sub CA byte for byte',
    chain: { leaf: { issuer: named('simulated enterprise attestation sub CA 1') } },
  },
  {
    name: 'leaf-issuer-string-type',
    title: 'The leaf names its issuer in PrintableString, and the Sub CA has its name in UTF8String.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_NAME',
    fault: 'the issuer of the leaf is not the subject of the Sub CA byte for byte',
    chain: {
      leaf: {
        issuer: sequence(
          set(sequence(oid('2.5.4.3'), printable(SUB_CA_CN))),
          set(sequence(oid('2.5.4.10'), printable('Not Apple'))),
          set(sequence(oid('2.5.4.6'), printable('US'))),
        ),
      },
    },
  },
  {
    name: 'sub-ca-not-a-ca',
    title: 'The Sub CA says that it is no certification authority.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.4 (k)',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    fault: 'basicConstraints of the Sub CA say that it is no authority',
    chain: { subCa: { extensions: withExtensions('subCa', basicConstraints(false)) } },
  },
  {
    name: 'sub-ca-without-basic-constraints',
    title: 'The Sub CA does not say that it is a certification authority.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.4 (k)',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    fault: 'the Sub CA has no basicConstraints',
    chain: { subCa: { extensions: withoutExtensions('subCa', BASIC_CONSTRAINTS) } },
  },
  {
    name: 'sub-ca-key-usage',
    title: 'The key of the Sub CA may sign lists but no certificates.',
    flags: ['path'],
    source: 'RFC 5280, 6.1.4 (n)',
    code: 'ERR_MDA_CHAIN_KEY_USAGE',
    fault: 'keyUsage of the Sub CA lacks keyCertSign',
    chain: { subCa: { extensions: withExtensions('subCa', keyUsage(0x02)) } },
  },
  {
    name: 'leaf-as-issuer',
    title: 'A genuine leaf, as every device has one, signs one more leaf in Apple’s shape.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.4 (k)',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    fault: 'the issuer of the first certificate is a leaf',
    chain: async () => {
      const { x5c, root } = await chainWith();
      const forged = { key: keyOf('attacker'), subject: STRANGER, issuer: LEAF_NAME, issuerKey: keyOf('chain leaf') };
      const { leaf } = await chainWith({ leaf: forged });
      return { x5c: [leaf, ...x5c], anchors: [root], at: AT };
    },
  },
  {
    name: 'path-length-zero',
    title: 'An authority stands below one that allows none.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.4 (l) and (m)',
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    fault: 'one authority too many for a pathLenConstraint of 0',
    chain: pathTo({ authorities: [withPathLength(0), withPathLength()] }),
    undone: pathTo({ authorities: [withPathLength(1), withPathLength()] }),
  },
  {
    name: 'path-length-one',
    title: 'Two authorities stand below one that allows one.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.4 (l) and (m)',
    code: 'ERR_MDA_CHAIN_PATH_LENGTH',
    fault: 'one authority too many for a pathLenConstraint of 1',
    chain: pathTo({ authorities: [withPathLength(1), {}, {}] }),
    undone: pathTo({ authorities: [withPathLength(2), {}, {}] }),
  },
  {
    name: 'path-length-self-issued',
    title: 'The certificate below an authority that allows none is its own, self-issued, with another key.',
    flags: ['path', 'profile'],
    source: 'RFC 5280, 6.1.4 (l)',
    reason: 'the RFC does not count self-issued certificates, and the profile does, for no attestation needs one',
    chain: pathTo({
      authorities: [withPathLength(0), { subject: name({ CN: 'Authority 1' }), issuer: name({ CN: 'Authority 1' }) }],
      leaf: { issuer: name({ CN: 'Authority 1' }) },
    }),
  },
  {
    name: 'leaf-is-ca',
    title: 'The leaf is a certification authority.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    fault: 'basicConstraints of the leaf say that it is an authority',
    chain: { leaf: { extensions: withExtensions('leaf', basicConstraints(true)) } },
  },
  {
    name: 'sub-ca-as-leaf',
    title: 'The Sub CA stands alone, where the leaf should.',
    flags: ['path', 'known-mistake', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    fault: 'the first certificate is a certification authority',
    chain: async () => {
      const { subCa, root } = await chainWith();
      return { x5c: [subCa], anchors: [root], at: AT };
    },
  },
  {
    name: 'root-as-leaf',
    title: 'The root stands alone, where the leaf should.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_LEAF_IS_CA',
    fault: 'the first certificate is a certification authority',
    chain: async () => {
      const { root } = await chainWith();
      return { x5c: [root], anchors: [root], at: AT };
    },
  },
  {
    name: 'path-length-256',
    title: 'The root allows 256 authorities below it, a number whose last byte is 0.',
    flags: ['path', 'limits', 'future'],
    source: 'RFC 5280, 4.2.1.9: INTEGER (0..MAX)',
    chain: { root: { extensions: withExtensions('root', basicConstraints(true, 256)) } },
  },
  {
    name: 'leaf-key-usage-no-signature',
    title: 'The attested key may not make signatures.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_LEAF_KEY_USAGE',
    fault: 'keyUsage of the leaf lacks digitalSignature',
    chain: { leaf: { extensions: withExtensions('leaf', keyUsage(0x70)) } },
  },
  {
    name: 'leaf-key-usage-certificates',
    title: 'The attested key may sign certificates.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_LEAF_KEY_USAGE',
    fault: 'keyUsage of the leaf has keyCertSign',
    chain: { leaf: { extensions: withExtensions('leaf', keyUsage(0x84)) } },
    undone: { leaf: { extensions: withExtensions('leaf', keyUsage(0x80)) } },
  },
  {
    name: 'leaf-authority-key-identifier-other',
    title: 'The leaf names another key of its issuer than the Sub CA has.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_KEY_IDENTIFIER',
    fault: 'authorityKeyIdentifier of the leaf is not subjectKeyIdentifier of the Sub CA',
    chain: { leaf: { extensions: withExtensions('leaf', authorityKeyIdentifier(new Uint8Array(20))) } },
  },
  {
    name: 'sub-ca-authority-key-identifier-other',
    title: 'The Sub CA names another key of its issuer than the root has.',
    flags: ['path', 'profile'],
    source: SOURCES.departures,
    code: 'ERR_MDA_CHAIN_KEY_IDENTIFIER',
    fault: 'authorityKeyIdentifier of the Sub CA is not subjectKeyIdentifier of the root',
    chain: { subCa: { extensions: withExtensions('subCa', authorityKeyIdentifier(Uint8Array.of(1, 2, 3))) } },
  },
];
