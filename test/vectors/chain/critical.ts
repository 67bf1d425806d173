import { bytes, explicit, name, sequence, tlv } from '../../../src/testing/der-writer.ts';
import { extension } from '../../support/mint.ts';
import { withExtensions } from '../support.ts';
import { type Row, SOURCES } from './row.ts';

const unknown = (critical: boolean, id = '1.2.3.4') => extension(id, bytes('x'), critical);

/** GeneralSubtrees that permit one other name and nothing else (RFC 5280, 4.2.1.10). */
const NAME_CONSTRAINTS = sequence(explicit(0, sequence(explicit(4, name({ CN: 'Somebody else' })))));

/** Critical extensions: one that is not understood is refused. */
export const CRITICAL: readonly Row[] = [
  {
    name: 'leaf-critical-extension',
    title: 'The leaf has a critical extension that nobody knows.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.5 (f)',
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    fault: 'the unknown extension of the leaf is critical',
    chain: { leaf: { extensions: withExtensions('leaf', unknown(true)) } },
    undone: { leaf: { extensions: withExtensions('leaf', unknown(false)) } },
  },
  {
    name: 'leaf-critical-apple-extension',
    title: 'The leaf has a critical extension of Apple’s that has no public meaning.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.5 (f)',
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    fault: 'the unknown extension of the leaf is critical',
    chain: { leaf: { extensions: withExtensions('leaf', unknown(true, '1.2.840.113635.100.6.9999')) } },
    undone: { leaf: { extensions: withExtensions('leaf', unknown(false, '1.2.840.113635.100.6.9999')) } },
  },
  {
    name: 'leaf-critical-property',
    title: 'The serial number of the device is in a critical extension; Apple’s are not critical.',
    flags: ['path', 'property', 'profile'],
    source: SOURCES.departures,
    reason: 'the profile refuses what Apple never sent; a verifier that reads the property may call it processed',
    chain: {
      leaf: { extensions: withExtensions('leaf', extension('1.2.840.113635.100.8.9.1', bytes('SIMULATED1'), true)) },
    },
  },
  {
    name: 'sub-ca-critical-extension',
    title: 'The Sub CA has a critical extension that nobody knows.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 6.1.4 (o)',
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    fault: 'the unknown extension of the Sub CA is critical',
    chain: { subCa: { extensions: withExtensions('subCa', unknown(true)) } },
    undone: { subCa: { extensions: withExtensions('subCa', unknown(false)) } },
  },
  {
    name: 'sub-ca-name-constraints',
    title: 'The Sub CA is held to subjects of another name, by a critical extension of RFC 5280.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 4.2.1.10 and 6.1.3 (b)',
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    fault: 'the subject of the leaf is outside of the name constraints of the Sub CA',
    chain: { subCa: { extensions: withExtensions('subCa', extension('2.5.29.30', NAME_CONSTRAINTS, true)) } },
  },
  {
    name: 'sub-ca-policy-constraints',
    title: 'The Sub CA requires a policy in every certificate, by a critical extension of RFC 5280.',
    flags: ['path', 'known-mistake'],
    source: 'RFC 5280, 4.2.1.11 and 6.1.5 (g)',
    code: 'ERR_MDA_CHAIN_CRITICAL_EXTENSION',
    fault: 'no certificate states the policy that the Sub CA requires',
    chain: {
      subCa: {
        extensions: withExtensions('subCa', extension('2.5.29.36', sequence(tlv(0x80, Uint8Array.of(0))), true)),
      },
    },
  },
];
