import { describe, expect, it } from 'vitest';
import { encodeHardwareModuleName, encodePermanentIdentifier } from '../../src/acme/index.ts';
import { alternativeNamesText } from '../../src/cli/alternative-names-text.ts';
import { extension, keyUsage, mintCertificate } from '../../src/testing/certificate-writer.ts';
import { bytes, explicit, name, sequence, tlv, utf8 } from '../../src/testing/der-writer.ts';
import { encodeSubjectAltName, otherName } from '../../src/testing/general-name-writer.ts';
import { keyFrom } from '../../src/testing/key.ts';

const key = keyFrom('names', 'P-256');

const certificate = (names: readonly Uint8Array[]) =>
  mintCertificate({
    subject: name({ CN: 'names' }),
    issuer: name({ CN: 'names' }),
    key,
    issuerKey: key,
    notBefore: new Date('2026-06-01T12:00:00Z'),
    notAfter: new Date('2026-06-02T12:00:00Z'),
    extensions: [keyUsage(0x80), ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))])],
  });

describe('alternative names', () => {
  it('are written in one line, each with its kind', async () => {
    const names = [
      ...encodeSubjectAltName({
        dNSName: 'a.example',
        rfc822Name: 'a@b.example',
        uniformResourceIdentifier: 'urn:a:1',
      }),
      tlv(0x87, Uint8Array.of(127, 0, 0, 1)),
      explicit(4, name({ CN: 'directory' })),
      encodePermanentIdentifier({ identifierValue: 'SIMULATED1' }),
      encodePermanentIdentifier({}),
      encodeHardwareModuleName({ type: '1.2.3', serialNumber: bytes('S') }),
      otherName('1.2.4', utf8('x')),
      tlv(0x88, Uint8Array.of(0x2a, 3)),
    ];
    expect(alternativeNamesText(await certificate(names))?.split(', ')).toEqual([
      'dns a.example',
      'email a@b.example',
      'uri urn:a:1',
      'IP 7f000001',
      'directory CN=directory',
      'permanentIdentifier SIMULATED1',
      'permanentIdentifier (that of the subject)',
      'hardwareModuleName 1.2.3 53',
      'other 1.2.4 0c0178',
      'other 8 2a03',
    ]);
  });

  it('may be none, or not for this library to read', async () => {
    expect(alternativeNamesText(await certificate([]))).toBe('');
    expect(alternativeNamesText(bytes('no certificate'))).toBeUndefined();
  });
});
