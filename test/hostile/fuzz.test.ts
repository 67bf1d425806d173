import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAttestationObject } from '../../src/acme/index.ts';
import { type CborValue, decodeCbor } from '../../src/core/cbor.ts';
import * as der from '../../src/core/der.ts';
import {
  AttestationError,
  decodeProperties,
  explainAttestation,
  fromBase64,
  fromBase64Url,
  fromPem,
  parseAttestationChain,
  parseCertificate,
  toBase64,
  toBase64Url,
  toPem,
} from '../../src/index.ts';
import { bytes, concat } from '../../src/testing/der-writer.ts';
import { AT, FRESHNESS_CODE, mintChain } from '../support/mint.ts';
import { anyBytes, mutatedCertificate, runs, SEED, settings } from './generators.ts';
import { judge, refusalOf } from './judge.ts';

/** Random input, the same on every run: FUZZ_SEED and FUZZ_RUNS change that. */

console.log(`FUZZ_SEED=${SEED}`);

const chain = await mintChain();
const certificates = [chain.leaf, chain.subCa, chain.root];
const anchors = [parseCertificate(chain.root)];

/** The value, or the code of the refusal, in a form that can be compared. */
function resultOf(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { code: error.code, offset: error.offset, oid: error.oid, message: error.message };
  }
}

describe('the DER cursor', () => {
  const readers: readonly ((cursor: der.DerCursor) => unknown)[] = [
    der.readFlag,
    der.readPositiveInteger,
    der.readInteger,
    der.readSmallInteger,
    der.readOctetBitString,
    der.readNamedBits,
    der.readOid,
    der.skipOid,
    (cursor) => der.readContent(cursor, der.OCTET_STRING),
    (cursor) => der.leave(cursor, der.enter(cursor, der.SEQUENCE)),
  ];

  it('throws nothing but an AttestationError and never leaves its window', () => {
    fc.assert(
      fc.property(
        anyBytes(certificates),
        fc.nat({ max: readers.length - 1 }),
        fc.nat(300),
        fc.nat(300),
        (input, index, from, to) => {
          const [start = 0, end = 0] = [from % (input.length + 1), to % (input.length + 1)].sort((a, b) => a - b);
          const cursor = der.derCursor(input, start, end);
          resultOf(() => readers[index]!(cursor));
          expect(cursor.offset >= start && cursor.offset <= end && cursor.end <= end).toBe(true);
        },
      ),
      settings(2500),
    );
  });
});

describe('the CBOR cursor', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      text,
      fc.uint8Array({ maxLength: 300 }).map((item) => new Uint8Array(item)),
      fc.array(tie('value'), { maxLength: 30 }),
      fc.array(fc.tuple(text, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
    ),
  }));

  function head(major: number, argument: number): Uint8Array {
    if (argument < 24) return Uint8Array.of((major << 5) | argument);
    if (argument < 256) return Uint8Array.of((major << 5) | 24, argument);
    return Uint8Array.of((major << 5) | 25, argument >> 8, argument & 0xff);
  }
  function encode(item: CborValue): Uint8Array {
    if (typeof item === 'string') return concat(head(3, bytes(item).length), bytes(item));
    if (item instanceof Uint8Array) return concat(head(2, item.length), item);
    if (item instanceof Map) {
      const entries = [...(item as ReadonlyMap<string, CborValue>)];
      return concat(head(5, entries.length), ...entries.flatMap(([key, entry]) => [encode(key), encode(entry)]));
    }
    const items = item as readonly CborValue[];
    return concat(head(4, items.length), ...items.map(encode));
  }

  it('reads what was written, up to 32 items', () => {
    const count = (item: CborValue): number =>
      typeof item === 'string' || item instanceof Uint8Array
        ? 1
        : [...(item as readonly CborValue[]).values()].reduce((sum, part) => sum + count(part), 1);
    fc.assert(
      fc.property(value, (item) => {
        const expected = count(item) > 32 ? { code: 'ERR_MDA_CBOR_COUNT' } : { value: item };
        expect(resultOf(() => decodeCbor(encode(item)))).toMatchObject(expected);
      }),
      settings(500),
    );
  });

  it('throws nothing but an AttestationError, and what it reads is written the same', () => {
    const near = fc.tuple(value, fc.nat(2000), fc.nat(255), fc.boolean()).map(([item, at, byte, cut]) => {
      const encoded = encode(item).slice();
      encoded[at % encoded.length]! ^= byte;
      return cut ? encoded.subarray(0, at % encoded.length) : encoded;
    });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 100 })), (input) => {
        const result = resultOf(() => decodeCbor(input)) as { readonly value?: CborValue };
        if (result.value === undefined) return;
        read++;
        expect(encode(result.value)).toEqual(new Uint8Array(input));
      }),
      settings(2500),
    );
    expect(read).toBeGreaterThan(runs(2500) / 100);
  });
});

describe('parseCertificate', () => {
  it('throws nothing but an AttestationError, keeps every byte and says the same twice', () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.oneof(anyBytes(certificates), mutatedCertificate(certificates)), (input) => {
        const before = input.slice();
        const first = resultOf(() => parseCertificate(input));
        expect(resultOf(() => parseCertificate(input))).toEqual(first);
        expect(input).toEqual(before);
        if (refusalOf(() => parseCertificate(input)) !== undefined) return;
        parsed++;
        const certificate = parseCertificate(input);
        expect(certificate.der).toEqual(new Uint8Array(input));
        // What is described is in the bytes, and can be read again.
        const text = Buffer.from(input).toString('latin1');
        for (const part of [
          certificate.tbsCertificate,
          certificate.signature,
          certificate.publicKey.spki,
          certificate.subject.der,
        ])
          expect(text).toContain(Buffer.from(part).toString('latin1'));
        expect(certificate.notBefore.getTime()).toBeLessThanOrEqual(certificate.notAfter.getTime());
        expect(new Set(certificate.extensions.map(({ oid }) => oid)).size).toBe(certificate.extensions.length);
        expect(certificate.subject.text + certificate.issuer.text).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/,
        );
        decodeProperties(certificate);
      }),
      settings(1200),
    );
    console.log(`parsed: ${parsed}`);
    expect(parsed).toBeGreaterThan(runs(1200) / 50);
  });
});

describe('a chain', () => {
  it('with a mutated certificate is not accepted, unless it is the one that was signed', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedCertificate(certificates), fc.nat(2), async (mutant, place) => {
        const x5c = [
          [mutant, chain.subCa],
          [chain.leaf, mutant],
          [chain.leaf, chain.subCa, mutant],
        ][place]!;
        const outcome = await judge(x5c, anchors);
        if ('accepted' in outcome)
          for (const { der: accepted } of outcome.accepted.certificates)
            expect(certificates.some((minted) => Buffer.compare(minted, accepted) === 0)).toBe(true);
        // Explained, the verdict is the same.
        const options = { at: AT, expectedFreshnessCode: FRESHNESS_CODE, trustAnchors: anchors };
        const explanation = await explainAttestation(x5c, options);
        if (explanation.accepted) expect(outcome).toHaveProperty('accepted');
        else expect(outcome).toEqual({ code: explanation.error.code });
      }),
      settings(600),
    );
  });

  it('of any bytes throws nothing but an AttestationError', () => {
    fc.assert(
      fc.property(fc.array(anyBytes(certificates), { maxLength: 7 }), (x5c) => {
        resultOf(() => parseAttestationChain(x5c));
      }),
      settings(500),
    );
  });
});

describe('parseAttestationObject', () => {
  const text = (value: string) => concat(Uint8Array.of(0x60 + value.length), bytes(value));
  const byteString = (value: Uint8Array) => concat(Uint8Array.of(0x59, value.length >> 8, value.length & 0xff), value);
  const objectOf = (x5c: readonly Uint8Array[]) =>
    concat(
      ...[Uint8Array.of(0xa2), text('fmt'), text('apple'), text('attStmt'), Uint8Array.of(0xa1), text('x5c')],
      ...[Uint8Array.of(0x80 + x5c.length), ...x5c.map(byteString)],
    );
  const valid = objectOf(chain.x5c);

  it('throws nothing but an AttestationError, and reads the certificates that are there', () => {
    const edited = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.constantFrom('set', 'insert', 'delete')), {
        minLength: 1,
        maxLength: 4,
      })
      .map((edits) =>
        edits.reduce<Uint8Array>((input, [at, byte, how]) => {
          // The first bytes are the structure, so most edits go there.
          const offset = (byte % 3 === 0 ? at : at % 32) % input.length;
          const middle = how === 'delete' ? new Uint8Array() : Uint8Array.of(byte);
          return concat(input.subarray(0, offset), middle, input.subarray(how === 'insert' ? offset : offset + 1));
        }, valid),
      );
    const structured = fc
      .array(
        anyBytes(certificates).filter(({ length }) => length > 255),
        { maxLength: 6 },
      )
      .map(objectOf);
    fc.assert(
      fc.property(fc.oneof(edited, structured, fc.uint8Array({ maxLength: 200 }), fc.constant(valid)), (input) => {
        const result = resultOf(() => parseAttestationObject(input).x5c) as { readonly value?: readonly Uint8Array[] };
        if (result.value !== undefined && input === valid) expect(result.value).toEqual(chain.x5c);
        for (const certificate of result.value ?? [])
          expect(Buffer.from(input).includes(Buffer.from(certificate))).toBe(true);
      }),
      settings(1200),
    );
  });
});

describe('text', () => {
  it('is read from PEM as it was written, and refused otherwise', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 3 }), (list) => {
        expect(fromPem(toPem(list)).map((item) => [...item])).toEqual(list.map((item) => [...item]));
      }),
      settings(500),
    );
    const pieces = fc.constantFrom(
      '-----BEGIN CERTIFICATE-----',
      '-----END CERTIFICATE-----',
      '-----BEGIN ',
      '-----',
      '\n',
      ' ',
      'AAAA',
      'AA==',
      '=',
      '\ufeff',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
        resultOf(() => fromPem(parts.join('')));
      }),
      settings(2500),
    );
  });

  it('is base64 in one form only', () => {
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('AQgwZ019+/-_= \n\u0100')), maxLength: 12 });
    fc.assert(
      fc.property(fc.oneof(letters, fc.string()), (input) => {
        const plain = resultOf(() => fromBase64(input)) as { readonly value?: Uint8Array };
        if (plain.value !== undefined) expect(toBase64(plain.value)).toBe(input);
        const url = resultOf(() => fromBase64Url(input)) as { readonly value?: Uint8Array };
        if (url.value !== undefined) expect(toBase64Url(url.value)).toBe(input);
      }),
      settings(2500),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
        expect(toBase64(input)).toBe(Buffer.from(input).toString('base64'));
        expect(toBase64Url(input)).toBe(Buffer.from(input).toString('base64url'));
        expect([...fromBase64(toBase64(input))]).toEqual([...input]);
        expect([...fromBase64Url(toBase64Url(input))]).toEqual([...input]);
      }),
      settings(500),
    );
  });
});
