import { bytes, hex, integer } from '../../../src/testing/der-writer.ts';
import { extension, type ExtensionSpec, property } from '../../support/mint.ts';
import { withExtensions, withoutExtensions } from '../support.ts';
import { ABSENT, followedBy, type Row, SOURCES } from './row.ts';

const ARC = '1.2.840.113635.100.8';

/** The leaf without its serial number, and with something else before all that it states. */
const without = (more: ExtensionSpec) => ({
  extensions: [more, ...withoutExtensions('leaf', `${ARC}.9.1`)],
});

/** What stands below Apple’s arc, or close to it, and has no name here. */
export const OTHER: readonly Row[] = [
  {
    name: 'other-known-to-apple',
    title: 'Two properties have no public meaning, and are handed on in their order.',
    flags: ['property', 'future'],
    source: SOURCES.form,
    leaf: followedBy(property('13.4', integer(1)), property('9.3', bytes('x'))),
    says: {
      other: [
        { oid: `${ARC}.13.4`, bytes: '020101' },
        { oid: `${ARC}.9.3`, bytes: '78' },
      ],
    },
  },
  {
    name: 'other-first',
    title: 'A property without a public meaning stands before all of the others.',
    flags: ['property', 'future'],
    source: SOURCES.form,
    leaf: { extensions: [property('9.3', bytes('x')), ...withExtensions('leaf')] },
    says: { other: [{ oid: `${ARC}.9.3`, bytes: '78' }] },
  },
  {
    name: 'other-arcs',
    title: 'Three properties are below arcs that Apple has not used so far.',
    flags: ['property', 'future'],
    source: SOURCES.form,
    leaf: followedBy(property('14.1', hex('00ff')), property('1', bytes('y')), property('9.0', bytes('z'))),
    says: {
      other: [
        { oid: `${ARC}.14.1`, bytes: '00ff' },
        { oid: `${ARC}.1`, bytes: '79' },
        { oid: `${ARC}.9.0`, bytes: '7a' },
      ],
    },
  },
  {
    name: 'other-blank',
    title: 'A property without a public meaning is blank.',
    flags: ['property', 'undetermined', 'future'],
    source: SOURCES.form,
    leaf: followedBy(property('13.4', new Uint8Array())),
    says: { other: [{ oid: `${ARC}.13.4`, bytes: '' }] },
  },
  {
    name: 'other-below-serial-number',
    title: 'An extension is below the OID of the serial number, and is no serial number.',
    flags: ['property', 'identity'],
    source: SOURCES.form,
    leaf: without(property('9.1.1', bytes('SIMULATED1'))),
    says: { serialNumber: ABSENT, other: [{ oid: `${ARC}.9.1.1`, bytes: '53494d554c4154454431' }] },
  },
  {
    name: 'other-begins-alike',
    title: 'An OID begins with the digits of the serial number’s, and is another.',
    flags: ['property', 'identity'],
    source: SOURCES.form,
    leaf: without(property('9.10', bytes('SIMULATED1'))),
    says: { serialNumber: ABSENT, other: [{ oid: `${ARC}.9.10`, bytes: '53494d554c4154454431' }] },
  },
  {
    name: 'other-large-arcs',
    title: 'The last arcs of three OIDs are that of the serial number plus 2^8, 2^32 and 2^64.',
    flags: ['property', 'identity', 'limits'],
    source: SOURCES.form,
    leaf: followedBy(
      property('9.257', bytes('x')),
      property('9.4294967297', bytes('y')),
      property('9.18446744073709551617', bytes('z')),
    ),
    says: {
      other: [
        { oid: `${ARC}.9.257`, bytes: '78' },
        { oid: `${ARC}.9.4294967297`, bytes: '79' },
        { oid: `${ARC}.9.18446744073709551617`, bytes: '7a' },
      ],
    },
  },
  {
    name: 'other-beside-the-arc',
    title: 'The digits of an OID begin like those of Apple’s arc, which it is not below.',
    flags: ['property', 'identity'],
    source: SOURCES.form,
    leaf: without(extension('1.2.840.113635.100.80.9.1', bytes('SIMULATED1'))),
    says: { serialNumber: ABSENT },
  },
  {
    name: 'other-above-the-arc',
    title: 'The OID that Apple’s arc is below, and one of another arc of Apple’s, are no properties.',
    flags: ['property'],
    source: SOURCES.form,
    leaf: followedBy(extension('1.2.840.113635.100', bytes('x')), extension('1.2.840.113635.100.6.1', bytes('y'))),
    says: {},
  },
];
