import { parseSubjectAlternativeNames, type SubjectAlternativeName } from '../acme/index.ts';
import { toHex } from '../core/bytes.ts';
import { AttestationError, parseCertificate } from '../index.ts';

/** The names of a certificate, for people; undefined if this library does not read it: an RSA signature, say. */
export function alternativeNamesText(der: Uint8Array): string | undefined {
  try {
    const extension = parseCertificate(der).extensions.find(({ oid }) => oid === '2.5.29.17');
    return extension === undefined ? '' : parseSubjectAlternativeNames(extension.value).map(textOf).join(', ');
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function textOf(name: SubjectAlternativeName): string {
  switch (name.kind) {
    case 'dns':
    case 'email':
    case 'uri':
      return `${name.kind} ${name.value}`;
    case 'ip':
      return `IP ${toHex(name.address)}`;
    case 'directory':
      return `directory ${name.name.text}`;
    case 'permanentIdentifier':
      return `permanentIdentifier ${name.identifierValue ?? '(that of the subject)'}`;
    case 'hardwareModuleName':
      return `hardwareModuleName ${name.type} ${toHex(name.serialNumber)}`;
    case 'other':
      return `other ${name.oid ?? name.tag} ${toHex(name.bytes)}`;
  }
}
