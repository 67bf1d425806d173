import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  encodeHardwareModuleName,
  encodePermanentIdentifier,
  MAX_CERTIFICATE_REQUEST_BYTES,
  parseSubjectAlternativeNames,
  verifyCertificateRequest,
} from '../../src/acme/index.ts';
import { readCertificateRequest } from '../../src/acme/certificate-request-record.ts';
import {
  bitString,
  bytes,
  concat,
  explicit,
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
  extensionRequest,
  KEY,
  mintRequest,
  subjectAltName,
} from '../support/certificate-request.ts';
import { attribute, attributes } from '../support/csr.ts';
import { keyUsage, signatureValue } from '../support/mint.ts';
import { BER, type Forms, LIES, NEIGHBOURS, TRAILING } from './ber-forms.ts';
import { anyBytes, mutatedTree, runs, SEED, settings } from './generators.ts';
import { codeOf, refusalOf } from './judge.ts';
import { contentOf, encodeTlv, nodeAt, parseTlv, pathsOf, spliceAt, type Tlv } from './tlv.ts';

/** Certificate requests made to do harm: spoilt at every value, and signed anew where they parse. */

console.log(`FUZZ_SEED=${SEED}`);

const verify = async (csr: Uint8Array) => verifyCertificateRequest(csr, { attestedKeys: [KEY.spki] });
const outcomeOf = (csr: Uint8Array): Promise<string> => verify(csr).then(() => 'accepted', codeOf);
const parses = (csr: Uint8Array): boolean => refusalOf(() => readCertificateRequest(csr)) === undefined;

/** With everything that is read. */
let request: Uint8Array;
let plain: Uint8Array;

beforeAll(async () => {
  const names = [
    encodePermanentIdentifier({ identifierValue: 'SIMULATED1', assigner: '1.2.3' }),
    encodeHardwareModuleName({ type: '1.2.3', serialNumber: bytes('SIMULATED1') }),
    tlv(0xa0, oid('1.3.6.1.4.1.311.20.2.3'), explicit(0, utf8('a@example.com'))),
    tlv(0x81, bytes('a@example.com')),
    tlv(0x82, bytes('device.example')),
    tlv(0xa4, name({ CN: 'SIMULATED1' })),
    tlv(0x86, bytes('urn:x')),
    tlv(0x87, Uint8Array.of(127, 0, 0, 1)),
  ];
  const anything = sequence(
    integer(300),
    hex('0101ff'),
    hex('0500'),
    oid('1.2.3'),
    bitString(hex('f0'), 4),
    set(utf8('a')),
  );
  const unknown = attribute('1.2.3', anything, explicit(1, printable('x')));
  const list = [
    attribute(CHALLENGE_PASSWORD, printable('secret')),
    extensionRequest(keyUsage(0x80), subjectAltName(...names)),
    unknown,
  ];
  list.sort((a, b) => Buffer.compare(a, b));
  request = await mintRequest({ replace: { attributes: attributes(...list) } });
  plain = await mintRequest();
  expect(await outcomeOf(request)).toBe('accepted');
});

/** What is spoilt into DER of another meaning, and who may read it so. */
const IS_DER_STILL: readonly RegExp[] = [
  // Twice the same relative name or alternative name: a name of one more, and one name more.
  /^0\.(?:1\.\d|3\.2\.1\.0\.1\.1\.0\.(?:\d|5\.0\.0)) itself behind it$/,
  // Within an attribute that nobody knows: one value more, a value of another kind.
  /^0\.3\.[01]\.1\.[\d.]* (?:itself behind it|a NULL before it|a NULL inside, at the end)$/,
  /^0\.3\.1\.1\.1 (?:the constructed bit turned over|pieces of a constructed string)$/,
  /^0\.3\.1\.1\.0\.(?:3 a length one too small|5 a length of 0)$/,
  // The value of an otherName that nobody knows.
  /^0\.3\.2\.1\.0\.1\.1\.0\.2\.1 pieces of a constructed string$/,
];

describe('every value of a certificate request', () => {
  const spoil = (forms: Forms, wanted: (node: Tlv) => boolean) => {
    const tree = parseTlv(request);
    const paths = pathsOf(tree).filter((path) => wanted(nodeAt(tree, path)));
    return paths.flatMap((path) =>
      Object.entries(forms).map(([form, make]) => ({
        what: `${path.join('.')} ${form}`,
        csr: spliceAt(tree, path, (node) => make(node, contentOf(node))),
      })),
    );
  };
  it.each([
    ['in a form of BER', BER, () => true],
    ['with a neighbour', NEIGHBOURS, () => true],
    ['with trailing bytes inside', TRAILING, ({ children }: Tlv) => children !== undefined],
    ['with a length that lies', LIES, () => true],
  ] as const)('is refused %s', async (_, forms, wanted) => {
    const spoilt = spoil(forms, wanted);
    expect(spoilt.length).toBeGreaterThan(100);
    for (const { what, csr } of spoilt) {
      if (!parses(csr)) continue;
      // The signature is read when it is verified.
      if (what.startsWith('2')) expect(await outcomeOf(csr), what).toBe('ERR_MDA_CSR_SIGNATURE_ENCODING');
      else
        expect(
          IS_DER_STILL.some((still) => still.test(what)),
          what,
        ).toBe(true);
      // What is DER still is not what was signed.
      expect(await outcomeOf(csr), what).toMatch(/^ERR_MDA_CSR_SIGNATURE/);
    }
  });
});

describe('any change to a certificate request', () => {
  it('is refused: every bit turned over', async () => {
    for (const csr of [plain, request])
      for (let bit = 0; bit < 8 * csr.length; bit++) {
        const changed = csr.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(await outcomeOf(changed), `bit ${bit}`).toMatch(/^ERR_MDA_/);
      }
  });

  it('is refused: every byte taken out, doubled, and all that follows cut off', async () => {
    for (let at = 0; at < request.length; at++)
      for (const changed of [
        concat(request.subarray(0, at), request.subarray(at + 1)),
        concat(request.subarray(0, at + 1), request.subarray(at)),
        request.subarray(0, at),
      ])
        expect(await outcomeOf(changed), `byte ${at}`).toMatch(/^ERR_MDA_/);
  });

  it('is refused, or the request is the one that was signed', async () => {
    let parsed = 0;
    await fc.assert(
      fc.asyncProperty(mutatedTree([request, plain]), async ([, tree]) => {
        const csr = encodeTlv(tree);
        if (!parses(csr)) return;
        parsed++;
        const outcome = await outcomeOf(csr);
        if (outcome === 'accepted')
          expect([request, plain].some((minted) => Buffer.compare(minted, csr) === 0)).toBe(true);
      }),
      settings(1500),
    );
    console.log(`parsed: ${parsed}`);
    expect(parsed).toBeGreaterThan(runs(1500) / 100);
  });
});

describe('a request that its own key has signed', () => {
  /** Signed anew, so that the form alone is judged. */
  async function signed(tree: Tlv): Promise<Uint8Array> {
    const [info, algorithm] = tree.children ?? [];
    if (info === undefined || algorithm === undefined) return encodeTlv(tree);
    const signature = signatureValue(await KEY.sign(encodeTlv(info), 'SHA-256'));
    return sequence(encodeTlv(info), encodeTlv(algorithm), bitString(signature));
  }

  it('gives nothing but an AttestationError, or what is in it: the key attested, copies, DER', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(mutatedTree([request, plain], 2), async ([, tree]) => {
        const csr = await signed(tree);
        const result = await verify(csr).catch(codeOf);
        if (typeof result === 'string') return;
        accepted++;
        expect(result.publicKey.spki).toEqual(KEY.spki);
        expect(result.der).toEqual(new Uint8Array(csr));
        const oids = result.extensions.map((extension) => extension.oid);
        expect(new Set(oids).size).toBe(oids.length);
        expect(JSON.stringify(result.subjectAlternativeNames)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
      settings(600),
    );
    console.log(`accepted: ${accepted}`);
    expect(accepted).toBeGreaterThan(runs(600) / 30);
  });

  it('may be any bytes: nothing but an AttestationError comes of it', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes([request, plain]), async (csr) => {
        await outcomeOf(csr);
        refusalOf(() => parseSubjectAlternativeNames(csr));
      }),
      settings(1500),
    );
  });
});

describe('work', () => {
  it('grows no faster than the request: whatever fills it', async () => {
    const times: string[] = [];
    const fill = (make: (count: number) => Uint8Array, unit: number) => make(Math.floor(16_000 / unit));
    const nested = (count: number): Uint8Array => {
      let value: Uint8Array = new Uint8Array();
      for (let level = 0; level < count; level++) value = sequence(value);
      return value;
    };
    const repeated = (part: Uint8Array) => (count: number) => concat(...Array.from({ length: count }, () => part));
    const csrs = {
      'nested values': attributes(attribute('1.2.3', fill(nested, 4))),
      'many empty values': attributes(attribute('1.2.3', sequence(fill(repeated(hex('3000')), 2)))),
      'many small values of a set': attributes(
        attribute('1.2.3', ...Array.from({ length: 5000 }, (_, index) => integer(index)).slice(0, 3000)),
      ),
      'many names': attributes(extensionRequest(subjectAltName(fill(repeated(tlv(0x82, bytes('a'))), 3)))),
      'a long name': attributes(extensionRequest(subjectAltName(tlv(0x82, bytes('a'.repeat(15_900)))))),
      'a long OID': attributes(attribute(`1.2${'.1'.repeat(7000)}`, integer(1))),
      'values that differ at their end': attributes(
        attribute('1.2.3', ...[1, 2].map((last) => tlv(0x04, concat(new Uint8Array(7_900), Uint8Array.of(last))))),
      ),
    };
    for (const [what, field] of Object.entries(csrs)) {
      const csr = await mintRequest({ replace: { attributes: field } });
      expect(csr.length, what).toBeLessThanOrEqual(MAX_CERTIFICATE_REQUEST_BYTES);
      const start = performance.now();
      const outcome = await outcomeOf(csr);
      const time = performance.now() - start;
      times.push(`${what}: ${outcome}`);
      // A verification takes less than one; a machine under load takes longer for anything.
      expect(time, what).toBeLessThan(500);
    }
    expect(times).toEqual([
      'nested values: ERR_MDA_DER_DEPTH',
      'many empty values: accepted',
      'many small values of a set: accepted',
      'many names: ERR_MDA_NAME_COUNT',
      'a long name: accepted',
      'a long OID: ERR_MDA_DER_OID',
      'values that differ at their end: accepted',
    ]);
  });
});
