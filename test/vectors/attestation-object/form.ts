import { array, byteString, head, map, text } from '../../../src/testing/cbor-writer.ts';
import { bytes, concat, hex } from '../../../src/testing/der-writer.ts';
import { acted, FORMAT, genuine, listOf, type Row, statement, x5cEntry } from './row.ts';

const DETERMINISTIC = 'RFC 8949, 4.2.1';
const CANONICAL = 'CTAP 2.0, 6: CTAP2 canonical CBOR';
const WELL_FORMED = 'RFC 8949, 3 and Appendix C';
const TYPES = 'WebAuthn, 6.5.4: the attestation object, and 8.8: the apple statement';

const DEEP = 10_000;

/** CBOR that is broken, or that is not in the one form that RFC 8949 calls deterministic. */
export const FORM: readonly Row[] = [
  acted('object-not-cbor', {
    title: 'JSON stands in the place of CBOR.',
    flags: ['cbor', 'known-mistake'],
    source: WELL_FORMED,
  }),
  acted('object-empty', {
    title: 'The attestation object has no bytes.',
    flags: ['cbor', 'known-mistake'],
    source: WELL_FORMED,
  }),
  acted('object-truncated', {
    title: 'The last byte of the attestation object is cut off.',
    flags: ['cbor', 'known-mistake'],
    source: WELL_FORMED,
  }),
  acted('object-trailing-byte', {
    title: 'A byte follows the attestation object.',
    flags: ['cbor', 'known-mistake'],
    source: 'RFC 8949, 1.2',
  }),
  acted('object-tagged', {
    title: 'The tag of self-described CBOR stands before the attestation object.',
    flags: ['cbor'],
    source: CANONICAL,
  }),
  {
    name: 'statement-tagged',
    title: 'A tag stands before the statement.',
    fault: 'the value of attStmt has a tag',
    code: 'ERR_MDA_CBOR_TYPE',
    flags: ['cbor'],
    source: CANONICAL,
    object: (x5c) => map(FORMAT, ['attStmt', concat(hex('c1'), map(x5cEntry(x5c)))]),
  },

  acted('object-indefinite', {
    title: 'The map of the attestation object has an indefinite length.',
    flags: ['cbor', 'known-mistake'],
    source: DETERMINISTIC,
  }),
  {
    name: 'x5c-list-indefinite',
    title: 'The list of certificates has an indefinite length.',
    fault: 'x5c has no length of its own',
    code: 'ERR_MDA_CBOR_INDEFINITE',
    flags: ['cbor', 'known-mistake'],
    source: DETERMINISTIC,
    object: (x5c) => map(FORMAT, ['attStmt', map(['x5c', concat(hex('9f'), ...x5c.map(byteString), hex('ff'))])]),
  },
  acted('object-x5c-indefinite', {
    title: 'A certificate comes in two pieces.',
    flags: ['cbor', 'known-mistake'],
    source: DETERMINISTIC,
  }),
  {
    name: 'format-indefinite',
    title: 'The value of fmt comes in two pieces.',
    fault: 'fmt is a text of indefinite length',
    code: 'ERR_MDA_CBOR_INDEFINITE',
    flags: ['cbor', 'known-mistake'],
    source: DETERMINISTIC,
    object: (x5c) => map(['fmt', concat(hex('7f'), text('app'), text('le'), hex('ff'))], statement(x5c)),
  },

  acted('object-long-length', {
    title: 'The map of the attestation object says its length in a byte of its own.',
    fault: 'a length of 2 is written in two bytes',
    flags: ['cbor'],
    source: DETERMINISTIC,
  }),
  {
    name: 'certificate-long-length',
    title: 'The length of a certificate is written in four bytes.',
    fault: 'a length that fits in two bytes has four',
    code: 'ERR_MDA_CBOR_LENGTH',
    flags: ['cbor'],
    source: DETERMINISTIC,
    object: (x5c) => {
      const long = x5c.map((certificate) => concat(head(2, certificate.length, 4), certificate));
      return map(FORMAT, ['attStmt', map(['x5c', array(...long)])]);
    },
  },
  {
    name: 'certificate-eight-byte-length',
    title: 'The length of a certificate is written in eight bytes.',
    fault: 'a length that fits in two bytes has eight',
    code: 'ERR_MDA_CBOR_LENGTH',
    flags: ['cbor'],
    source: DETERMINISTIC,
    object: (x5c) => {
      const long = x5c.map((certificate) =>
        concat(hex('5b00000000'), head(2, certificate.length, 4).slice(1), certificate),
      );
      return map(FORMAT, ['attStmt', map(['x5c', array(...long)])]);
    },
  },
  {
    name: 'key-long-length',
    title: 'The key fmt says its length in a byte of its own.',
    fault: 'a length of 3 is written in two bytes',
    code: 'ERR_MDA_CBOR_LENGTH',
    flags: ['cbor'],
    source: DETERMINISTIC,
    object: (x5c) => concat(head(5, 2), head(3, 3, 1), bytes('fmt'), genuine(x5c).slice(5)),
  },
  {
    name: 'reserved-length',
    title: 'A length is announced in a way that RFC 8949 reserves.',
    fault: 'the additional information of a value is 28',
    code: 'ERR_MDA_CBOR_LENGTH',
    flags: ['cbor'],
    source: WELL_FORMED,
    object: (x5c) => map(FORMAT, statement(x5c), ['authData', hex('5c')]),
  },
  {
    name: 'length-that-lies',
    title: 'The list of certificates claims four thousand million of them.',
    fault: 'x5c is announced with 4,294,967,295 values, and two follow',
    code: 'ERR_MDA_CBOR_TRUNCATED',
    flags: ['cbor', 'limits'],
    source: WELL_FORMED,
    object: (x5c) => map(FORMAT, ['attStmt', map(['x5c', concat(hex('9affffffff'), ...x5c.map(byteString))])]),
  },

  {
    name: 'length-that-wraps',
    title: 'The authData claims 2^32 bytes, a length whose lower 32 bits are 0.',
    fault: 'authData is announced with 4,294,967,296 bytes',
    code: 'ERR_MDA_CBOR_LENGTH',
    flags: ['cbor', 'limits'],
    source: WELL_FORMED,
    object: (x5c) => map(['authData', hex('5b0000000100000000')], FORMAT, statement(x5c)),
  },

  acted('object-duplicate-format', {
    title: 'The key fmt stands twice, first with another format and then with apple.',
    flags: ['cbor', 'known-mistake'],
    source: 'RFC 8949, 5.6',
  }),
  acted('object-duplicate-statement', {
    title: 'The key attStmt stands twice, first without certificates.',
    flags: ['cbor', 'known-mistake'],
    source: 'RFC 8949, 5.6',
  }),
  acted('object-duplicate-x5c', {
    title: 'The key x5c stands twice, the second time without certificates.',
    flags: ['cbor', 'known-mistake'],
    source: 'RFC 8949, 5.6',
  }),
  acted('object-number-key', {
    title: 'One more key is a number.',
    flags: ['cbor'],
    source: TYPES,
  }),
  {
    name: 'key-bytes',
    title: 'The key fmt is a byte string.',
    fault: 'a key is no text',
    code: 'ERR_MDA_CBOR_KEY',
    flags: ['cbor'],
    source: TYPES,
    object: (x5c) => concat(head(5, 2), byteString(bytes('fmt')), genuine(x5c).slice(5)),
  },
  {
    name: 'format-not-utf8',
    title: 'The value of fmt ends with a byte that is no UTF-8.',
    fault: 'fmt is apple and the byte ff',
    code: 'ERR_MDA_CBOR_UTF8',
    flags: ['cbor', 'text'],
    source: 'RFC 8949, 3.1 and 5.3.1',
    object: (x5c) => map(['fmt', concat(head(3, 6), bytes('apple'), hex('ff'))], statement(x5c)),
  },

  acted('object-too-deep', {
    title: 'The certificates stand in a list within the list.',
    fault: 'x5c is a list of one list',
    flags: ['cbor', 'limits'],
    source: TYPES,
  }),
  {
    name: 'ten-thousand-levels',
    title: 'Ten thousand lists within each other stand before the certificates.',
    fault: 'the value of authData is nested 10,000 levels deep',
    code: 'ERR_MDA_CBOR_DEPTH',
    flags: ['cbor', 'limits'],
    source: 'RFC 8949, 10',
    object: (x5c) => map(['authData', concat(new Uint8Array(DEEP).fill(0x81), array())], FORMAT, statement(x5c)),
  },
  {
    name: 'ten-thousand-values',
    title: 'Ten thousand empty byte strings stand behind the certificates.',
    fault: 'x5c has 10,002 values',
    code: 'ERR_MDA_CBOR_COUNT',
    flags: ['cbor', 'limits', 'known-mistake'],
    source: 'RFC 8949, 10',
    object: (x5c) => map(FORMAT, statement([...x5c, ...Array.from({ length: 10_000 }, () => new Uint8Array())])),
  },
  {
    name: 'list-of-entries',
    title: 'The attestation object is a list of its keys and values.',
    fault: 'the object is no map',
    code: 'ERR_MDA_OBJECT_SHAPE',
    flags: ['cbor'],
    source: TYPES,
    object: (x5c) => array(text('fmt'), text('apple'), text('attStmt'), map(['x5c', listOf(x5c)])),
  },
];
