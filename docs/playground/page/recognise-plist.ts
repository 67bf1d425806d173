import { AttestationError } from '../../../src/core/errors.ts';
import { parsePlist } from '../../../src/mdm/plist-reader.ts';
import { isDictionary } from '../../../src/mdm/plist-value.ts';
import { parseCommandResponse } from '../../../src/mdm/response.ts';
import type { Evidence } from './evidence.ts';
import { NEEDED, nothing } from './foreign.ts';

const PLIST = { format: 'property list', reference: 'Apple, property lists' };
const ANSWER = { format: 'answer of a device (property list)', reference: 'Apple, DeviceInformationResponse' };
const SIGNED = { format: 'signed configuration profile', reference: 'RFC 5652' };

export function recognisePlist(bytes: Uint8Array, text: string): Evidence {
  if (/^<(?:!doctype html|html|svg)/i.test(text))
    return nothing(
      'This is a web page',
      'It may be what a proxy or a login page sent in the place of the evidence.',
      NEEDED,
    );
  try {
    // A clipboard adds white space around a text, which a property list must not begin with.
    const body = bytes[0] === 0x3c ? bytes : new TextEncoder().encode(text);
    return recogniseValues(body, false);
  } catch (error) {
    if (error instanceof AttestationError)
      return { kind: 'broken', ...(error.code.startsWith('ERR_MDA_RESPONSE') ? ANSWER : PLIST), error };
    throw error;
  }
}

function recogniseValues(body: Uint8Array, isSigned: boolean): Evidence {
  const values = parsePlist(body);
  if (!isDictionary(values))
    return nothing('No dictionary in this property list', 'An answer of a device is a dictionary.', NEEDED);
  if (values.has('PayloadContent') || values.get('PayloadType') === 'Configuration')
    return { kind: 'profile', format: isSigned ? SIGNED.format : 'configuration profile', isSigned, values };
  if (values.has('Command'))
    return nothing('A command to a device', 'This is what a service asks. Put in what the device answers.');
  if (values.has('MessageType'))
    return nothing('A check-in message', 'A device enrolls, or leaves, with it. There is no attestation in it.');
  const response = parseCommandResponse(body);
  return response.status === 'Acknowledged' && response.reported !== undefined
    ? { kind: 'answer', format: ANSWER.format, response }
    : { kind: 'message', format: ANSWER.format, response };
}

/** What is signed is looked for as text: for a page that shows a profile that will do, and says so. */
export function recogniseSignedProfile(bytes: Uint8Array): Evidence {
  const text = new TextDecoder('latin1').decode(bytes);
  const start = [text.indexOf('<?xml'), text.indexOf('<plist')].find((at) => at !== -1);
  const end = text.lastIndexOf('</plist>');
  const title = 'A signed container (CMS, PKCS #7)';
  if (start === undefined || end < start)
    return nothing(
      title,
      'No property list was found in it. If it is a configuration profile that is encrypted, it cannot be read here.',
      'If it holds certificates, take them out first: openssl pkcs7 -inform der -print_certs',
    );
  try {
    return recogniseValues(bytes.subarray(start, end + '</plist>'.length), true);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return nothing(
      'A signed configuration profile',
      'What is signed could not be taken out of its container: it is cut into pieces, or is no property list as Apple writes it.',
      'Take it out first: openssl smime -verify -noverify -inform der -in FILE',
    );
  }
}
