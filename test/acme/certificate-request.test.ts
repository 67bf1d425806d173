import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { Utf8String } from 'asn1js';
import { AttributeTypeAndValue, CertificationRequest } from 'pkijs';
import { describe, expect, it, vi } from 'vitest';
import {
  csrProblem,
  encodeHardwareModuleName,
  encodePermanentIdentifier,
  MAX_CERTIFICATE_REQUEST_BYTES,
  verifyCertificateRequest,
} from '../../src/acme/index.ts';
import { AttestationError } from '../../src/index.ts';
import {
  bytes,
  concat,
  hex,
  integer,
  name,
  oid,
  printable,
  sequence,
  set,
  tlv,
  utf8,
} from '../../src/testing/der-writer.ts';
import {
  CHALLENGE_PASSWORD,
  EXTENSION_REQUEST,
  extensionRequest,
  KEY,
  mintRequest,
  type RequestSpec,
  SUBJECT,
  subjectAltName,
} from '../support/certificate-request.ts';
import { attribute, attributes, type CsrParts } from '../support/csr.ts';
import { encodeExtensions, extension, keyFrom, keyUsage } from '../support/mint.ts';
import { rejectionOf } from '../support/refusal.ts';

const attestedKeys = [KEY.spki];
const verify = (csr: Uint8Array, keys: readonly Uint8Array[] = attestedKeys) =>
  verifyCertificateRequest(csr, { attestedKeys: keys });
const codeOf = async (csr: Uint8Array, keys?: readonly Uint8Array[]) => (await rejectionOf(verify(csr, keys))).code;
const MICROSOFT_EXTENSION_REQUEST = '1.3.6.1.4.1.311.2.1.14';
const dns = (text: string) => tlv(0x82, bytes(text));

describe('a certificate request', () => {
  it('of the attested key is read, and handed over', async () => {
    const der = await mintRequest();
    const request = await verify(der);
    expect(request.der).toEqual(der);
    expect(request.publicKey).toMatchObject({ curve: 'P-256', spki: KEY.spki });
    expect(request.subject.text).toBe('O=Not Apple,CN=SIMULATED1');
    expect(request.subject.der).toEqual(SUBJECT);
    expect(request.subjectAlternativeNames).toEqual([{ kind: 'dns', value: 'device.example' }]);
    expect(request.extensions).toEqual([{ oid: '2.5.29.17', critical: false, value: sequence(dns('device.example')) }]);
  });

  it('is handed over in copies', async () => {
    const der = Buffer.from(await mintRequest());
    const pending = verify(der);
    der.fill(0);
    const request = await pending;
    for (const copy of [request.der, request.publicKey.spki, request.subject.der, request.extensions[0]!.value]) {
      expect(copy.buffer.byteLength).toBe(copy.length);
      copy.fill(0);
    }
  });

  it.each([
    ['P-256', 'SHA-256'],
    ['P-256', 'SHA-512'],
    ['P-384', 'SHA-384'],
    ['P-521', 'SHA-512'],
  ] as const)('may be of a key on %s, signed with %s', async (curve, hash) => {
    const key = keyFrom('a key', curve);
    const request = await verify(await mintRequest({ key, hash }), [key.spki]);
    expect(request.publicKey.curve).toBe(curve);
  });

  it('may ask for nothing: no subject, no attributes', async () => {
    const request = await verify(await mintRequest({ replace: { subject: sequence(), attributes: attributes() } }));
    expect(request.subject.text).toBe('');
    expect(request.extensions).toEqual([]);
    expect(request.subjectAlternativeNames).toEqual([]);
  });

  it('may have attributes that nobody here knows', async () => {
    const password = attribute(CHALLENGE_PASSWORD, printable('secret'));
    const replace = { attributes: attributes(password, extensionRequest(keyUsage(0x80))) };
    const { extensions, subjectAlternativeNames } = await verify(await mintRequest({ replace }));
    expect(extensions.map((item) => item.oid)).toEqual(['2.5.29.15']);
    expect(subjectAlternativeNames).toEqual([]);
  });

  it('does not ask in the attribute of Microsoft, from which others read the extensions', async () => {
    const asked = attribute(MICROSOFT_EXTENSION_REQUEST, encodeExtensions([subjectAltName(dns('victim.example'))]));
    for (const list of [[asked], [asked, extensionRequest(keyUsage(0x80))], [attribute(MICROSOFT_EXTENSION_REQUEST)]]) {
      const replace = { attributes: attributes(...list.toSorted((a, b) => Buffer.compare(a, b))) };
      expect(await codeOf(await mintRequest({ replace }))).toBe('ERR_MDA_CSR_ATTRIBUTES');
    }
  });

  it('may name what it likes: permanent identifier, hardware module, whatever else', async () => {
    const names = [
      encodePermanentIdentifier({ identifierValue: 'SIMULATED1' }),
      encodeHardwareModuleName({ type: '1.2.3', serialNumber: bytes('SIMULATED1') }),
      tlv(0x81, bytes('a@example.com')),
    ];
    const replace = { attributes: attributes(extensionRequest(subjectAltName(...names))) };
    const { subjectAlternativeNames } = await verify(await mintRequest({ replace }));
    expect(subjectAlternativeNames).toEqual([
      { kind: 'permanentIdentifier', identifierValue: 'SIMULATED1' },
      { kind: 'hardwareModuleName', type: '1.2.3', serialNumber: bytes('SIMULATED1') },
      { kind: 'email', value: 'a@example.com' },
    ]);
  });

  it('is for every authorization: each attested key is this one', async () => {
    const der = await mintRequest();
    expect((await verify(der, [KEY.spki, KEY.spki.slice(), Buffer.from(KEY.spki)])).publicKey.spki).toEqual(KEY.spki);
    const other = keyFrom('another', 'P-256').spki;
    for (const keys of [[other], [other, KEY.spki], [KEY.spki, other], [KEY.spki, KEY.spki, other]])
      expect(await codeOf(der, keys)).toBe('ERR_MDA_CSR_PUBLIC_KEY');
  });

  it('is read as pkijs and @peculiar/x509 write it', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', keys.publicKey));
    const written = await Pkcs10CertificateRequestGenerator.create({
      name: 'CN=SIMULATED1, O=Not Apple',
      keys,
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'device.example' }])],
    });
    const request = await verify(new Uint8Array(written.rawData), [spki]);
    expect(request.subjectAlternativeNames).toEqual([{ kind: 'dns', value: 'device.example' }]);
    expect(request.subject.text).toContain('CN=SIMULATED1');
    const other = new CertificationRequest();
    await other.subjectPublicKeyInfo.importKey(keys.publicKey);
    other.attributes = [];
    other.subject.typesAndValues.push(
      new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: 'SIMULATED1' }) }),
    );
    await other.sign(keys.privateKey, 'SHA-384');
    expect((await verify(new Uint8Array(other.toSchema().toBER()), [spki])).subject.text).toBe('CN=SIMULATED1');
    // And read by them as it is written here.
    expect(await CertificationRequest.fromBER(await mintRequest()).verify()).toBe(true);
  });
});

describe('the key', () => {
  it('is not any point with the same x: its negative is another key', async () => {
    const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
    const y = BigInt(`0x${Buffer.from(KEY.point.subarray(33)).toString('hex')}`);
    const negated = concat(KEY.spki.subarray(0, -32), hex((prime - y).toString(16).padStart(64, '0')));
    expect(await codeOf(await mintRequest(), [negated])).toBe('ERR_MDA_CSR_PUBLIC_KEY');
    expect(await codeOf(await mintRequest({ replace: { publicKey: negated } }), [KEY.spki])).toBe(
      'ERR_MDA_CSR_PUBLIC_KEY',
    );
    // Its owner has not signed.
    expect(await codeOf(await mintRequest({ replace: { publicKey: negated } }), [negated])).toBe(
      'ERR_MDA_CSR_SIGNATURE',
    );
  });

  it('is not one of another curve', async () => {
    for (const curve of ['P-384', 'P-521'] as const)
      expect(await codeOf(await mintRequest(), [keyFrom('certificate request', curve).spki])).toBe(
        'ERR_MDA_CSR_PUBLIC_KEY',
      );
  });

  it('is compared as a whole: not its beginning, its end, its point', async () => {
    const der = await mintRequest();
    for (const key of [KEY.spki.subarray(0, -1), KEY.spki.subarray(1), KEY.point, concat(KEY.spki, hex('00'))])
      expect(await codeOf(der, [key])).toBe('ERR_MDA_CSR_PUBLIC_KEY');
  });

  it.each<[string, Uint8Array, string]>([
    [
      'RSA',
      sequence(
        sequence(oid('1.2.840.113549.1.1.1'), hex('0500')),
        tlv(0x03, hex('00'), sequence(integer(2n ** 2047n + 1n), integer(65_537))),
      ),
      'ERR_MDA_KEY_ALGORITHM',
    ],
    [
      'Ed25519',
      sequence(sequence(oid('1.3.101.112')), tlv(0x03, hex('00'), new Uint8Array(32))),
      'ERR_MDA_KEY_ALGORITHM',
    ],
    [
      'compressed',
      sequence(
        sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
        tlv(0x03, hex('00'), hex('02'), KEY.point.subarray(1, 33)),
      ),
      'ERR_MDA_KEY_POINT',
    ],
    ['off its curve', concat(KEY.spki.subarray(0, -1), Uint8Array.of(KEY.spki.at(-1)! ^ 1)), 'ERR_MDA_KEY_OFF_CURVE'],
  ])('is refused: %s', async (_, publicKey, code) => {
    expect(await codeOf(await mintRequest({ replace: { publicKey } }), [publicKey])).toBe(code);
  });
});

describe('the signature', () => {
  it.each<[string, RequestSpec, string]>([
    ['of another key', { signer: keyFrom('another', 'P-256') }, 'ERR_MDA_CSR_SIGNATURE'],
    [
      'with another hash than it says',
      { replace: { algorithm: sequence(oid('1.2.840.10045.4.3.3')) } },
      'ERR_MDA_CSR_SIGNATURE',
    ],
    ['of nothing', { signature: () => new Uint8Array() }, 'ERR_MDA_CSR_SIGNATURE_ENCODING'],
    ['with a byte behind it', { signature: (value) => concat(value, hex('00')) }, 'ERR_MDA_CSR_SIGNATURE_ENCODING'],
    ['of zeros', { signature: () => sequence(integer(0), integer(0)) }, 'ERR_MDA_CSR_SIGNATURE_ENCODING'],
    ['raw, as in a JWS', { signature: () => new Uint8Array(64).fill(1) }, 'ERR_MDA_CSR_SIGNATURE_ENCODING'],
    [
      'by RSA',
      { replace: { algorithm: sequence(oid('1.2.840.113549.1.1.11'), hex('0500')) } },
      'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    ],
    [
      'with SHA-1',
      { replace: { algorithm: sequence(oid('1.2.840.10045.4.1')) } },
      'ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM',
    ],
    [
      'with parameters',
      { replace: { algorithm: sequence(oid('1.2.840.10045.4.3.2'), hex('0500')) } },
      'ERR_MDA_DER_TRAILING',
    ],
  ])('is refused: %s', async (_, spec, code) => {
    expect(await codeOf(await mintRequest(spec))).toBe(code);
  });

  it('of a platform that cannot verify it says so', async () => {
    const der = await mintRequest();
    const failure = new Error('no P-256 here');
    const spy = vi.spyOn(crypto.subtle, 'verify').mockRejectedValue(failure);
    const error = await rejectionOf(verify(der));
    expect(error).toMatchObject({ code: 'ERR_MDA_CSR_UNSUPPORTED', cause: failure });
    spy.mockRestore();
  });
});

describe('attributes', () => {
  const a = attribute('1.2.3', integer(1));
  const b = attribute('1.2.4', integer(1));
  const withAttributes = async (field: Uint8Array) => codeOf(await mintRequest({ replace: { attributes: field } }));

  it('stand in the order of their encodings, shorter ones first', async () => {
    const replace: Partial<CsrParts> = { attributes: attributes(a, b, attribute('1.2.3.4', integer(1))) };
    await verify(await mintRequest({ replace }));
    const values = { attributes: attributes(attribute('1.2.3', integer(1), integer(2), integer(256), printable('x'))) };
    await verify(await mintRequest({ replace: values }));
  });

  it.each<[string, Uint8Array, string]>([
    ['that are left out', new Uint8Array(), 'ERR_MDA_CSR_ATTRIBUTES'],
    ['of another tag', tlv(0xa1), 'ERR_MDA_CSR_ATTRIBUTES'],
    ['in a SET', set(), 'ERR_MDA_CSR_ATTRIBUTES'],
    ['without a value', attributes(attribute('1.2.3')), 'ERR_MDA_CSR_ATTRIBUTES'],
    ['that come twice', attributes(a, a), 'ERR_MDA_CSR_ATTRIBUTE_DUPLICATE'],
    [
      'that come twice with different values',
      attributes(a, attribute('1.2.3', integer(2))),
      'ERR_MDA_CSR_ATTRIBUTE_DUPLICATE',
    ],
    ['in the wrong order', attributes(b, a), 'ERR_MDA_DER_ORDER'],
    ['with values in the wrong order', attributes(attribute('1.2.3', integer(2), integer(1))), 'ERR_MDA_DER_ORDER'],
    ['with the same value twice', attributes(attribute('1.2.3', integer(1), integer(1))), 'ERR_MDA_DER_ORDER'],
    ['with an extensionRequest of nothing', attributes(attribute(EXTENSION_REQUEST)), 'ERR_MDA_DER_TRUNCATED'],
    [
      'with an extensionRequest of no extension',
      attributes(attribute(EXTENSION_REQUEST, sequence())),
      'ERR_MDA_CERTIFICATE_EXTENSION_COUNT',
    ],
    [
      'with two lists of extensions',
      attributes(attribute(EXTENSION_REQUEST, encodeExtensions([keyUsage(0x80)]), encodeExtensions([keyUsage(0x40)]))),
      'ERR_MDA_CSR_ATTRIBUTES',
    ],
    [
      'with an extension twice',
      attributes(extensionRequest(keyUsage(0x80), keyUsage(0x80))),
      'ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE',
    ],
    [
      'with a malformed standard extension',
      attributes(extensionRequest(extension('2.5.29.15', bytes('x')))),
      'ERR_MDA_CERTIFICATE_EXTENSION',
    ],
    [
      'with a subjectAltName of nothing',
      attributes(extensionRequest(extension('2.5.29.17', new Uint8Array()))),
      'ERR_MDA_DER_TRUNCATED',
    ],
    ['with an empty subjectAltName', attributes(extensionRequest(subjectAltName())), 'ERR_MDA_NAME_COUNT'],
    [
      'with bytes behind the subjectAltName',
      attributes(extensionRequest(extension('2.5.29.17', concat(sequence(dns('a')), hex('00'))))),
      'ERR_MDA_DER_TRAILING',
    ],
    ['with a field more', attributes(sequence(oid('1.2.3'), set(integer(1)), integer(1))), 'ERR_MDA_DER_TRAILING'],
    ['that are no SEQUENCE', attributes(set(oid('1.2.3'), set(integer(1)))), 'ERR_MDA_DER_TAG'],
  ])('are refused: %s', async (_, field, code) => {
    expect(await withAttributes(field)).toBe(code);
  });

  it('are refused by number: 17 of them', async () => {
    const list = Array.from({ length: 17 }, (_, index) => attribute(`1.2.${index + 3}`, integer(1)));
    await verify(await mintRequest({ replace: { attributes: attributes(...list.slice(1)) } }));
    expect(await withAttributes(attributes(...list))).toBe('ERR_MDA_CSR_ATTRIBUTE_COUNT');
  });

  it('say which is at fault', async () => {
    const error = await rejectionOf(verify(await mintRequest({ replace: { attributes: attributes(a, a) } })));
    expect(error).toMatchObject({ oid: '1.2.3' });
  });
});

describe('the rest of the form', () => {
  it.each<[string, Partial<CsrParts>, string]>([
    ['version 1', { version: integer(1) }, 'ERR_MDA_CSR_VERSION'],
    ['version 2', { version: integer(2) }, 'ERR_MDA_CSR_VERSION'],
    ['version -1', { version: integer(-1) }, 'ERR_MDA_DER_INTEGER'],
    ['no version', { version: new Uint8Array() }, 'ERR_MDA_DER_TAG'],
    ['a tagged version, as in a certificate', { version: tlv(0xa0, integer(0)) }, 'ERR_MDA_DER_TAG'],
    ['a name with an empty value', { subject: name({ CN: '' }) }, 'ERR_MDA_CERTIFICATE_NAME'],
    [
      'a relative name of two attributes',
      { subject: sequence(set(sequence(oid('2.5.4.3'), utf8('a')), sequence(oid('2.5.4.10'), utf8('b')))) },
      'ERR_MDA_CERTIFICATE_NAME',
    ],
    ['no subject', { subject: new Uint8Array() }, 'ERR_MDA_DER_TAG'],
  ])('is refused: %s', async (_, replace, code) => {
    expect(await codeOf(await mintRequest({ replace }))).toBe(code);
  });

  it('is refused: bytes behind it, in it, and missing', async () => {
    const der = await mintRequest();
    expect(await codeOf(concat(der, hex('00')))).toBe('ERR_MDA_DER_TRAILING');
    expect(await codeOf(concat(der, der))).toBe('ERR_MDA_DER_TRAILING');
    expect(await codeOf(sequence(der.subarray(4), hex('0500')))).toBe('ERR_MDA_DER_TRAILING');
    expect(await codeOf(der.subarray(0, -1))).toBe('ERR_MDA_DER_TRUNCATED');
    expect(await codeOf(new Uint8Array())).toBe('ERR_MDA_DER_TRUNCATED');
    expect(await codeOf(bytes('-----BEGIN CERTIFICATE REQUEST-----'))).toBe('ERR_MDA_DER_TAG');
  });

  it('is refused by size before it is read', async () => {
    const padding = (size: number) => attributes(attribute('1.2.3', tlv(0x04, new Uint8Array(size))));
    const size = async (length: number) => mintRequest({ replace: { attributes: padding(length) } });
    const overhead = (await size(16_000)).length - 16_000;
    // The signature has 70 to 72 bytes: the largest that fits, within two.
    await verify(await size(MAX_CERTIFICATE_REQUEST_BYTES - overhead - 3));
    expect(await codeOf(await size(MAX_CERTIFICATE_REQUEST_BYTES - overhead + 3))).toBe('ERR_MDA_CSR_TOO_LARGE');
    expect(await codeOf(new Uint8Array(50_000_000))).toBe('ERR_MDA_CSR_TOO_LARGE');
    expect(await codeOf(new Uint8Array(MAX_CERTIFICATE_REQUEST_BYTES + 1))).toBe('ERR_MDA_CSR_TOO_LARGE');
    expect(await codeOf(new Uint8Array(MAX_CERTIFICATE_REQUEST_BYTES))).toBe('ERR_MDA_DER_TAG');
  });
});

describe('a mistake is a TypeError', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['base64', 'MIIB'],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a list of numbers', [48, 0]],
  ])('a request that is %s', async (_, csr) => {
    await expect(verify(csr as never)).rejects.toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['no options', undefined],
    ['no keys', {}],
    ['undefined keys', { attestedKeys: undefined }],
    ['an empty list of keys', { attestedKeys: [] }],
    ['one key alone', { attestedKeys: KEY.spki }],
    ['a hole', { attestedKeys: [KEY.spki, ...(new Array(1) as never[])] }],
    ['a key in base64', { attestedKeys: ['MFkw'] }],
    ['an empty key', { attestedKeys: [new Uint8Array()] }],
    ['a huge key', { attestedKeys: [new Uint8Array(16_385)] }],
    ['an unknown option', { attestedKeys, at: new Date() }],
  ])('%s', async (_, options) => {
    await expect(verifyCertificateRequest(await mintRequest(), options as never)).rejects.toThrow(TypeError);
  });
});

describe('a TypeError names the mistake', () => {
  it.each<[string, unknown, unknown]>([
    ['csr', 'MIIB', { attestedKeys }],
    ['attestedKeys', new Uint8Array(1), { attestedKeys: [] }],
    ['attestedKeys[1]', new Uint8Array(1), { attestedKeys: [KEY.spki, new Uint8Array()] }],
  ])('%s', async (name, csr, options) => {
    await expect(verifyCertificateRequest(csr as never, options as never)).rejects.toThrow(name);
  });
});

describe('the problem document', () => {
  it('is badCSR, with the code in words', () => {
    expect(csrProblem(new AttestationError('ERR_MDA_CSR_PUBLIC_KEY'))).toEqual({
      type: 'urn:ietf:params:acme:error:badCSR',
      status: 400,
      detail: 'the certificate request was refused: csr public key',
    });
  });

  it('is not made of a failure of the server', () => {
    for (const error of [new TypeError('x'), undefined, { message: 'x' }])
      expect(() => csrProblem(error as never)).toThrow(TypeError);
  });
});
