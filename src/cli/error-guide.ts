import type { AttestationErrorCode } from '../core/error-codes.ts';

export interface ErrorGuideEntry {
  /** One sentence: what is wrong in the evidence. */
  readonly meaning: string;
  /** One sentence: what an operator does about it next. */
  readonly action: string;
}

const KEEP = 'Treat it as forged or altered in transport, keep the bytes and run `mda inspect` on them';
const MALFORMED = `${KEEP}.`;
const BAD_STATEMENT = 'Answer the challenge with `badAttestationStatement`';
const BAD_TICKET = 'Answer with `rejectedIdentifier`';
const BAD_CSR = 'Answer with `badCSR`';
const NOT_APPLE = "Refuse it: no certificate of Apple's attestation authority is known to look like this";
const NO_DEVICE = 'Refuse it: no device writes its property lists like this, so find out what does.';
const NO_DEVICE_LIMIT = 'Refuse it, and limit the size of request bodies in front of the service.';
const ENTITIES =
  'Treat it as an attack on the reader of the XML: refuse the message, and look at what else came from there.';

/**
 * What each code means and what to do about it, at length. Here and not in the core, because a server that
 * branches on codes need not carry the sentences; `docs/errors.md` is rendered from it.
 */
export const ERROR_GUIDE: Readonly<Record<AttestationErrorCode, ErrorGuideEntry>> = {
  ERR_MDA_ENCODING_PEM: {
    meaning:
      'The text holds no certificate block, a block of another kind, a block without its end line, or a block whose base64 does not decode.',
    action:
      'Look at the text at `offset`: pass certificates only (a key or a request in the same text is refused), and use `fromBase64` if there are no BEGIN and END lines.',
  },
  ERR_MDA_ENCODING_BASE64: {
    meaning:
      'The text is not canonical, padded base64 (RFC 4648, section 4), or white space stands between its characters.',
    action:
      'Read property lists with a plist parser, or remove white space before decoding; refuse the text if it still does not decode.',
  },
  ERR_MDA_ENCODING_BASE64URL: {
    meaning:
      'The text is not canonical, unpadded base64url (RFC 4648, section 5): another character, padding, white space, or stray bits at the end.',
    action: 'Check that `attObj` itself was decoded; if it was, answer the request with the ACME problem `malformed`.',
  },

  ERR_MDA_DER_TRUNCATED: {
    meaning: 'The bytes end before the value that they announce, or where a required field should begin.',
    action: `Check that nothing on the way cuts the message off; otherwise ${lowerFirst(KEEP)}.`,
  },
  ERR_MDA_DER_TRAILING: {
    meaning: 'Bytes are left over after the last field of a structure, or after the certificate.',
    action: `Check that each element holds one certificate and not several in a row; otherwise ${lowerFirst(KEEP)}.`,
  },
  ERR_MDA_DER_TAG: {
    meaning: 'A field has another ASN.1 type than its place in the certificate demands.',
    action:
      'Check that the bytes are a DER certificate at all (not PEM text, base64 or PKCS #7); if they are, treat them as forged.',
  },
  ERR_MDA_DER_LENGTH: {
    meaning: 'A length is indefinite, wider than four bytes, or not written in the fewest bytes (X.690, 10.1).',
    action: MALFORMED,
  },
  ERR_MDA_DER_BOOLEAN: {
    meaning: 'A BOOLEAN is neither 00 nor FF, or not one byte long (X.690, 11.1).',
    action: MALFORMED,
  },
  ERR_MDA_DER_INTEGER: {
    meaning:
      'An INTEGER is empty, padded, or out of the range of its field: a version or pathLen above 2^31 - 1 or below zero, or r or s of a signature outside of 1 to n - 1.',
    action: MALFORMED,
  },
  ERR_MDA_DER_BIT_STRING: {
    meaning:
      'A key or a signature is not made of whole bytes, or the bits of a keyUsage are empty or carry zero bits at their end (X.690, 11.2).',
    action: MALFORMED,
  },
  ERR_MDA_DER_OID: {
    meaning: 'An OBJECT IDENTIFIER is empty, longer than 64 bytes, cut off in an arc, or padded (X.690, 8.19).',
    action: MALFORMED,
  },
  ERR_MDA_DER_TIME: {
    meaning:
      'A time is not written to the second and in UTC, does not exist in the calendar, or is a GeneralizedTime of a year before 2050 (RFC 5280, 4.1.2.5).',
    action: MALFORMED,
  },
  ERR_MDA_DER_DEFAULT: {
    meaning: 'A flag spells out its default, FALSE, which DER leaves out (X.690, 11.5).',
    action: MALFORMED,
  },
  ERR_MDA_DER_ORDER: {
    meaning:
      'The elements of a set in a certificate request do not stand in the order of their encodings, or one occurs twice (X.690, 11.6).',
    action: `Check what wrote the request, for DER sorts a SET OF; otherwise ${lowerFirst(BAD_CSR)}.`,
  },
  ERR_MDA_DER_DEPTH: {
    meaning: 'A value in a certificate request or a subjectAltName is nested deeper than 16 levels.',
    action: `Treat it as an attack; ${lowerFirst(BAD_CSR)}.`,
  },

  ERR_MDA_CBOR_TRUNCATED: {
    meaning: 'The attestation object ends before the items that it announces, or is empty.',
    action: `Check that the body of the request arrives whole; otherwise ${lowerFirst(BAD_STATEMENT)}.`,
  },
  ERR_MDA_CBOR_TRAILING: {
    meaning: 'Bytes are left over after the attestation object.',
    action: `${BAD_STATEMENT} and keep the bytes.`,
  },
  ERR_MDA_CBOR_LENGTH: {
    meaning:
      'A length is not written in the fewest bytes, is wider than four bytes, or uses a reserved value (RFC 8949, 3 and 4.2.1).',
    action: `${BAD_STATEMENT}, keep the bytes, and report them if a genuine device sent them.`,
  },
  ERR_MDA_CBOR_INDEFINITE: {
    meaning: 'An item is of indefinite length.',
    action: `${BAD_STATEMENT}, keep the bytes, and report them if a genuine device sent them.`,
  },
  ERR_MDA_CBOR_TYPE: {
    meaning:
      "An item is a number, a tag, a float, a boolean or null, none of which occurs in an attestation object of Apple's.",
    action: `Check that the client is an Apple device and not one of another attestation format; ${lowerFirst(BAD_STATEMENT)}.`,
  },
  ERR_MDA_CBOR_KEY: {
    meaning: 'A key of a map is not a text string.',
    action: `Check that the client is an Apple device and not one of another attestation format; ${lowerFirst(BAD_STATEMENT)}.`,
  },
  ERR_MDA_CBOR_DUPLICATE_KEY: {
    meaning: 'A map holds the same key twice, so that two readers could see two different objects.',
    action: `Treat it as an attack; ${lowerFirst(BAD_STATEMENT)} and keep the bytes.`,
  },
  ERR_MDA_CBOR_UTF8: {
    meaning: 'A text string is not valid UTF-8.',
    action: `${BAD_STATEMENT} and keep the bytes.`,
  },
  ERR_MDA_CBOR_DEPTH: {
    meaning: 'Items are nested deeper than the four levels of an attestation object.',
    action: `Treat it as an attack; ${lowerFirst(BAD_STATEMENT)} and keep the bytes.`,
  },
  ERR_MDA_CBOR_COUNT: {
    meaning: 'The attestation object holds more items than an attestation needs.',
    action:
      'Treat it as forged or as the answer of another kind of client; keep the bytes and run `mda inspect` on them.',
  },

  ERR_MDA_OBJECT_TOO_LARGE: {
    meaning: 'The attestation object has more than 82,176 bytes.',
    action: `${BAD_STATEMENT}, and limit the size of request bodies in front of the server.`,
  },
  ERR_MDA_OBJECT_SHAPE: {
    meaning:
      'The object is not a map of `fmt`, `attStmt` and an absent or empty `authData`: a key is missing, unknown or of another type, or `authData` has content.',
    action: `Check that it is not a WebAuthn attestation, whose \`authData\` is full; ${lowerFirst(BAD_STATEMENT)}.`,
  },
  ERR_MDA_OBJECT_FORMAT: {
    meaning: 'The format `fmt` is not `apple`.',
    action:
      'The client attests by another format, such as `tpm` or `step`: answer with `badAttestationStatement`, or hand it to a verifier of that format.',
  },
  ERR_MDA_OBJECT_STATEMENT: {
    meaning: 'The statement `attStmt` is not a map that holds `x5c`, an array of byte strings, and nothing else.',
    action: `Check that the client is an Apple device; ${lowerFirst(BAD_STATEMENT)} and keep the bytes.`,
  },

  ERR_MDA_PLIST_TOO_LARGE: {
    meaning: 'The property list has more than 196,608 bytes.',
    action: NO_DEVICE_LIMIT,
  },
  ERR_MDA_PLIST_BINARY: {
    meaning: 'The property list is a binary one.',
    action:
      'Refuse it, for devices talk to an MDM service in XML; convert a file of your own with `plutil -convert xml1`.',
  },
  ERR_MDA_PLIST_UTF8: {
    meaning: 'The property list is not valid UTF-8.',
    action: NO_DEVICE,
  },
  ERR_MDA_PLIST_DOCTYPE: {
    meaning: "The property list has another document type than Apple's, or one with a subset of its own.",
    action: ENTITIES,
  },
  ERR_MDA_PLIST_MARKUP: {
    meaning:
      'The property list has a comment, a CDATA section, a processing instruction, an attribute besides the version, a byte order mark, or a declaration of another encoding.',
    action:
      'Refuse what a device sent, for no device writes that; take it out of a profile of your own before you pass it.',
  },
  ERR_MDA_PLIST_ENTITY: {
    meaning: 'The property list refers to an entity other than the five of XML.',
    action: ENTITIES,
  },
  ERR_MDA_PLIST_COUNT: {
    meaning: 'The property list has more than 12,288 tags, a `<` that begins none included.',
    action: NO_DEVICE_LIMIT,
  },
  ERR_MDA_PLIST_DEPTH: {
    meaning: 'The elements of the property list are nested deeper than 16 levels.',
    action: NO_DEVICE_LIMIT,
  },
  ERR_MDA_PLIST_XML: {
    meaning: 'The text is no well-formed XML.',
    action:
      'Check that the body of the request arrives whole and is a property list and nothing else; refuse it if so.',
  },
  ERR_MDA_PLIST_TYPE: {
    meaning: 'An element is none of a property list, stands where it may not stand, or has text around what it holds.',
    action: NO_DEVICE,
  },
  ERR_MDA_PLIST_KEY: {
    meaning: 'The keys and the values of a dictionary do not take turns.',
    action: NO_DEVICE,
  },
  ERR_MDA_PLIST_DUPLICATE_KEY: {
    meaning: 'A dictionary has the same key twice, so that two readers could see two different values.',
    action: 'Treat it as an attack: refuse the message, and look at what else the device has sent.',
  },
  ERR_MDA_PLIST_VALUE: {
    meaning: 'A number, a date, a boolean or the base64 of data is not in the form of a property list.',
    action: NO_DEVICE,
  },

  ERR_MDA_RESPONSE_SHAPE: {
    meaning: 'The key in `field` is missing from the answer, or its value is of another type.',
    action:
      'Check that the message is one to the server URL and not a check-in; otherwise refuse it, and report the key if a genuine device sent it.',
  },
  ERR_MDA_RESPONSE_STATUS: {
    meaning: 'The status is none of Acknowledged, Error, CommandFormatError, Idle and NotNow.',
    action: NO_DEVICE,
  },
  ERR_MDA_RESPONSE_ATTESTATION: {
    meaning: 'The attestation in the answer is not an array of data.',
    action: 'Treat the device as not attested, and ask what stands between it and the service.',
  },
  ERR_MDA_RESPONSE_COMMAND: {
    meaning: 'The answer is to another command than the one that it is judged for.',
    action: 'Look the command up by the UUID of the answer, among those that were sent to this device.',
  },

  ERR_MDA_CERTIFICATE_TOO_LARGE: {
    meaning: 'A certificate has more than 16,384 bytes; a leaf has about 860.',
    action: 'Refuse it, and limit the size of request bodies in front of the server.',
  },
  ERR_MDA_CERTIFICATE_VERSION: {
    meaning: 'The certificate is not of version 3.',
    action: `${NOT_APPLE}.`,
  },
  ERR_MDA_CERTIFICATE_SERIAL_NUMBER: {
    meaning: 'The serial number is zero, negative, or longer than 20 octets (RFC 5280, 4.1.2.2).',
    action: `${NOT_APPLE}, and a test authority must be made to write a positive one.`,
  },
  ERR_MDA_CERTIFICATE_SIGNATURE_ALGORITHM: {
    meaning:
      'The certificate is signed with something other than ECDSA with SHA-256, SHA-384 or SHA-512; `oid` says what.',
    action:
      'Check where the chain comes from: Apple signs attestations with ECDSA and SHA-384, so an RSA chain is something else (a SCEP identity, a web server); an `oid` below 2.16.840.1.101.3.4.3 is an algorithm that this version does not support (ML-DSA, SLH-DSA, SHA-3), so look for a newer one.',
  },
  ERR_MDA_CERTIFICATE_SIGNATURE_MISMATCH: {
    meaning: 'The signature algorithm inside the signed part differs from the one outside of it (RFC 5280, 4.1.1.2).',
    action: MALFORMED,
  },
  ERR_MDA_CERTIFICATE_NAME: {
    meaning:
      'A name has an empty value, two attributes in one relative name, or a value that is no well-formed PrintableString, UTF8String or IA5String.',
    action: `${NOT_APPLE}; a test authority must write its names as UTF8String or PrintableString.`,
  },
  ERR_MDA_CERTIFICATE_ISSUER_EMPTY: {
    meaning: 'The name of the issuer is empty (RFC 5280, 4.1.2.4).',
    action: `${NOT_APPLE}.`,
  },
  ERR_MDA_CERTIFICATE_VALIDITY: {
    meaning: 'The certificate ends before it begins: notBefore is later than notAfter.',
    action: `${NOT_APPLE}; correct the clock or the dates of a test authority.`,
  },
  ERR_MDA_CERTIFICATE_EXTENSION: {
    meaning:
      'The content of the standard extension named by `oid` is malformed; `cause` is the DER error, with an offset in the certificate.',
    action: MALFORMED,
  },
  ERR_MDA_CERTIFICATE_EXTENSION_DUPLICATE: {
    meaning: 'The extension named by `oid` occurs twice, so that two readers could see two different values.',
    action: `Treat it as an attack, keep the bytes and run \`mda inspect\` on them.`,
  },
  ERR_MDA_CERTIFICATE_EXTENSION_COUNT: {
    meaning: 'The certificate has more than 64 extensions, or the field is there and empty.',
    action: `${NOT_APPLE}.`,
  },

  ERR_MDA_KEY_ALGORITHM: {
    meaning:
      'A public key is not an elliptic curve key (id-ecPublicKey), for instance RSA, Ed25519 or ML-DSA; `oid` says what.',
    action:
      "Check where the chain comes from: keys of the Secure Enclave and of Apple's attestation authority are elliptic curve keys; for an `oid` below 2.16.840.1.101.3.4.3, which is post-quantum, look for a newer version of this library.",
  },
  ERR_MDA_KEY_PARAMETERS: {
    meaning:
      'The parameters of a public key are not the name of a curve: missing, implicit, or spelled out (RFC 5480, 2.1.1).',
    action: 'Treat it as an attack: spelled out parameters are how CVE-2020-0601 forged certificates; keep the bytes.',
  },
  ERR_MDA_KEY_CURVE: {
    meaning: 'A public key is on another curve than P-256, P-384 or P-521.',
    action:
      'Check where the chain comes from: an ACME payload can ask for P-256 or P-384 only, and DeviceInformation attests P-384.',
  },
  ERR_MDA_KEY_POINT: {
    meaning:
      'The point of a public key is not in the uncompressed form and length of its curve: compressed, hybrid, at infinity, or cut off.',
    action: MALFORMED,
  },
  ERR_MDA_KEY_OFF_CURVE: {
    meaning: 'The coordinates of a public key are no point of its curve.',
    action: MALFORMED,
  },
  ERR_MDA_KEY_MODULUS: {
    meaning: 'The modulus of an RSA key is even, shorter than 2048 bits or longer than 8192.',
    action: 'Give the authority a key of 2048 to 8192 bits, or of an elliptic curve. `./identity` only.',
  },
  ERR_MDA_KEY_EXPONENT: {
    meaning: 'The exponent of an RSA key is even, below 65,537 or above 32 bits.',
    action: 'Give the authority a key with the exponent 65,537, as every tool makes it today. `./identity` only.',
  },

  ERR_MDA_CHAIN_EMPTY: {
    meaning: 'The chain has no certificate.',
    action:
      'The device or the message has no attestation: look for an error next to it, and ask whether the device supports attestation.',
  },
  ERR_MDA_CHAIN_TOO_LONG: {
    meaning: 'The chain has more than five certificates; Apple sends two.',
    action: 'Check that one chain was passed and not several; otherwise refuse it.',
  },
  ERR_MDA_CHAIN_DUPLICATE: {
    meaning: 'The chain holds the same certificate twice.',
    action: 'Check how the chain was put together; Apple sends the leaf and its issuer, once each.',
  },
  ERR_MDA_CHAIN_TRUST_ANCHOR: {
    meaning: 'The last certificate of the chain was not issued by a trust anchor, going by the name of its issuer.',
    action:
      'Run `mda inspect` to see the issuer: a test authority needs its root in `trustAnchors`, a missing Sub CA or a reversed order needs the chain as the device sent it, and anything else is no Managed Device Attestation.',
  },
  ERR_MDA_CHAIN_NAME: {
    meaning: 'The issuer named by a certificate is not, byte for byte, the subject of the next one.',
    action: 'Check that the chain is leaf first, complete and from one device; otherwise treat it as forged.',
  },
  ERR_MDA_CHAIN_NOT_YET_VALID: {
    meaning: 'A certificate of the chain, or the trust anchor, is not valid yet at the time `at`.',
    action: 'Check the clock of the server, or the `at` that was passed: it lies before notBefore.',
  },
  ERR_MDA_CHAIN_EXPIRED: {
    meaning: 'A certificate of the chain, or the trust anchor, is no longer valid at the time `at`.',
    action:
      'Check the clock of the server, or the `at` that was passed; then ask the device for a new attestation, or judge stored evidence at the time of its receipt.',
  },
  ERR_MDA_CHAIN_CRITICAL_EXTENSION: {
    meaning: 'A certificate marks the extension named by `oid` as critical, and this library does not understand it.',
    action: 'Do not work around it: see whether a newer release knows the extension, and report the OID if none does.',
  },
  ERR_MDA_CHAIN_NOT_A_CA: {
    meaning:
      'A certificate issued another one and is no certification authority: a leaf that was used to sign, for instance.',
    action: 'Treat it as an attack and keep the bytes.',
  },
  ERR_MDA_CHAIN_PATH_LENGTH: {
    meaning: 'More certification authorities follow below an issuer than its pathLenConstraint allows.',
    action: 'Treat it as an attack and keep the bytes; a test authority must keep to its own pathLenConstraint.',
  },
  ERR_MDA_CHAIN_KEY_USAGE: {
    meaning: 'An issuer has a keyUsage that does not allow it to sign certificates.',
    action: 'Treat it as an attack and keep the bytes; a test authority must set keyCertSign.',
  },
  ERR_MDA_CHAIN_LEAF_IS_CA: {
    meaning:
      "The first certificate is a certification authority, such as Apple's Sub CA itself, and attests no device.",
    action: 'Check that the chain is leaf first and that the leaf is in it; otherwise treat it as an attack.',
  },
  ERR_MDA_CHAIN_LEAF_KEY_USAGE: {
    meaning: 'The keyUsage of the leaf lacks digitalSignature, or allows it to sign certificates.',
    action: `${NOT_APPLE}.`,
  },
  ERR_MDA_CHAIN_KEY_IDENTIFIER: {
    meaning:
      'The authority key identifier of a certificate is not the subject key identifier of its issuer, where both have one.',
    action:
      'Check that the issuer in the chain is the one that signed: two authorities of one name differ in their key; otherwise treat it as forged.',
  },
  ERR_MDA_CHAIN_EXTENDED_KEY_USAGE: {
    meaning:
      'The device certificate does not name clientAuth among its extended key usages, or an authority names what it issues for and client authentication is not in it. anyExtendedKeyUsage counts for an authority and not for the device.',
    action: 'Have the authority issue device certificates with clientAuth. `./identity` only.',
  },
  ERR_MDA_CHAIN_NAME_CONSTRAINTS: {
    meaning: 'An authority of the path has name constraints, which this library neither keeps nor ignores.',
    action: 'Trust an authority without them, for devices alone. `./identity` only.',
  },
  ERR_MDA_CHAIN_SIGNATURE_ENCODING: {
    meaning: 'A signature is not strict DER, or r or s is out of range; `cause` is the DER error.',
    action: MALFORMED,
  },
  ERR_MDA_CHAIN_SIGNATURE: {
    meaning: 'A signature does not verify with the key of the issuer.',
    action:
      'Treat the certificate as forged or altered and keep the bytes; with anchors of your own, check that the anchor is the one that signed and not another of its name.',
  },
  ERR_MDA_CHAIN_UNSUPPORTED: {
    meaning: 'WebCrypto of this runtime refused the key or the algorithm, so that nothing is known of the signature.',
    action: 'Read `cause`, and judge the evidence on a runtime that has the curve, the hash or the size of the key.',
  },

  ERR_MDA_FRESHNESS_MISSING: {
    meaning: 'The leaf has no freshness code, or a blank one, and one was expected.',
    action:
      'In ACME refuse the challenge, for the code is always there; in DeviceInformation send a `DeviceAttestationNonce` and ask again.',
  },
  ERR_MDA_FRESHNESS_MALFORMED: {
    meaning: 'The freshness code of the leaf has more than 32 bytes.',
    action: `${NOT_APPLE}.`,
  },
  ERR_MDA_FRESHNESS_MISMATCH: {
    meaning: 'The freshness code of the leaf is not the expected one: the attestation was made for another request.',
    action:
      "In ACME compare with SHA-256 of the challenge's token, then refuse it as a replay; in DeviceInformation it may be a cached attestation, which a device keeps for up to 7 days, so look for the nonce among those that you issued.",
  },
  ERR_MDA_ATTESTATION_PUBLIC_KEY: {
    meaning: 'The attested key is not the expected one.',
    action:
      'At finalize answer with `badCSR`; where the key of an earlier attestation was expected, find out whether the device was erased or enrolled anew before you trust the new one.',
  },
  ERR_MDA_ATTESTATION_DEVICE: {
    meaning:
      'The attestation is of another device than the expected one: it does not have the identifier in `field`, or has one where none was expected.',
    action:
      'Refuse it as an attestation that was borrowed from another device; for a User Enrollment, which names no device, pass `unnamedDevice`.',
  },

  ERR_MDA_CHALLENGE_PAYLOAD: {
    meaning: 'The payload of the response is not a JSON object, or its `attObj` is not a string.',
    action: `Check that the payload was parsed and passed as it came; otherwise ${lowerFirst(BAD_STATEMENT)}.`,
  },
  ERR_MDA_CHALLENGE_CLIENT_ERROR: {
    meaning: 'The client sent an `error` in the place of an attestation.',
    action:
      'Read the `error` in the payload and the log of the device: Apple may be out of reach, or the device may have been refused.',
  },
  ERR_MDA_CHALLENGE_NOT_ATTESTED: {
    meaning: 'The payload has no `attObj`: the client did not attest its key.',
    action:
      'Check that the payload of the profile has `Attest` and `HardwareBound`, and that the device supports attestation.',
  },
  ERR_MDA_CHALLENGE_POLICY: {
    meaning: 'The function `evaluate` does not allow the device, and gave no reason.',
    action: 'Look at the properties of the `attestation` in the outcome, and let `evaluate` give its reasons.',
  },
  ERR_MDA_CHALLENGE_KEY_REUSED: {
    meaning: 'The attested key was attested before, for another identifier.',
    action:
      'Find out which two enrollments share the key: a device makes a new one for each order, so treat it as an attack unless you restored a store.',
  },

  ERR_MDA_IDENTIFIER_TYPE: {
    meaning: 'The ordered identifier is not of the type `permanent-identifier`.',
    action:
      'Refuse other types at `newOrder` with `unsupportedIdentifier`, or identify them by a function of your own.',
  },
  ERR_MDA_IDENTIFIER_NOT_ATTESTED: {
    meaning: 'The property that the ordered identifier is compared with is absent, blank or malformed in the leaf.',
    action:
      'Expect it in a User Enrollment, which has neither serial number nor UDID, and identify it by a client identifier (`identifierIsTicket`).',
  },
  ERR_MDA_IDENTIFIER_MISMATCH: {
    meaning:
      'The ordered identifier is not the attested one: the order is for one device and the attestation of another.',
    action:
      'Compare the `ClientIdentifier` of the profile with the device that got it; if the profile is right, treat it as an attack.',
  },
  ERR_MDA_IDENTIFIER_REFUSED: {
    meaning: 'The function `identify` does not know the device, and gave no reason.',
    action: 'Look at the identifier and the `attestation` in the outcome, and let `identify` give its reasons.',
  },
  ERR_MDA_IDENTIFIER_CLAIMED: {
    meaning: 'What identified the device could be claimed once, and another order was quicker.',
    action: 'Issue a new client identifier for the device that lost; find out who else has the profile.',
  },

  ERR_MDA_CLIENT_IDENTIFIER_FORMAT: {
    meaning: 'The text has not the form of a client identifier, or has more than 100 characters.',
    action: `Check the \`ClientIdentifier\` of the profile: another system may have written it; otherwise ${lowerFirst(BAD_TICKET)}.`,
  },
  ERR_MDA_CLIENT_IDENTIFIER_SECRET: {
    meaning: 'The client identifier names a secret that is not among `secrets`.',
    action: `Check whether the secret was removed before what it issued had expired, or belongs to another system; ${lowerFirst(BAD_TICKET)}.`,
  },
  ERR_MDA_CLIENT_IDENTIFIER_FORGED: {
    meaning: 'The authentication code of the client identifier is wrong.',
    action: `Check that every server has the same key under this id; otherwise it was made up or altered, and ${lowerFirst(BAD_TICKET)}.`,
  },
  ERR_MDA_CLIENT_IDENTIFIER_EXPIRED: {
    meaning: 'The client identifier is authentic and has expired.',
    action: 'Send the device a profile with a new one; if many expire, let them live longer.',
  },
  ERR_MDA_CLIENT_IDENTIFIER_DEVICE: {
    meaning: 'The client identifier is bound to another device, or to a property that is not attested.',
    action:
      'Find out how the profile came to this device; for a Mac, check that it was bound to the provisioning UDID and not to the UDID of MDM.',
  },
  ERR_MDA_CLIENT_IDENTIFIER_CLAIMED: {
    meaning: 'The client identifier was claimed by another challenge, was revoked, or the store does not know it.',
    action:
      'Send the device a profile with a new one; if nobody else had it, check that all servers share a store and that it did not lose it.',
  },

  ERR_MDA_CSR_TOO_LARGE: {
    meaning: 'The certificate request has more than 16,384 bytes; a request of Apple has about 400.',
    action: `${BAD_CSR}, and limit the size of request bodies in front of the server.`,
  },
  ERR_MDA_CSR_VERSION: {
    meaning: 'The certificate request is not of version 0, which is the only one (RFC 2986, 4.1).',
    action: `${BAD_CSR}.`,
  },
  ERR_MDA_CSR_ATTRIBUTES: {
    meaning:
      'The attributes are left out (RFC 2986 asks for the field even if it is empty), one has no value, the extensionRequest has several, or one is the extension request of Microsoft, from which other readers take extensions.',
    action: `${BAD_CSR}; a client of your own must write the attributes as its library does.`,
  },
  ERR_MDA_CSR_ATTRIBUTE_COUNT: {
    meaning: 'The certificate request has more than 16 attributes.',
    action: `${BAD_CSR}.`,
  },
  ERR_MDA_CSR_ATTRIBUTE_DUPLICATE: {
    meaning: 'The attribute named by `oid` occurs twice, so that two readers could see two different values.',
    action: `Treat it as an attack; ${lowerFirst(BAD_CSR)}.`,
  },
  ERR_MDA_CSR_PUBLIC_KEY: {
    meaning: 'The key of the certificate request is not the attested key of every authorization.',
    action: `${BAD_CSR}; the client may try again with the key that was attested.`,
  },
  ERR_MDA_CSR_SIGNATURE_ENCODING: {
    meaning:
      'The signature of the certificate request is not strict DER, or r or s is out of range; `cause` is the DER error.',
    action: `${BAD_CSR}.`,
  },
  ERR_MDA_CSR_SIGNATURE: {
    meaning: 'The signature of the certificate request does not verify with its own key: nobody has shown to hold it.',
    action: `${BAD_CSR}, and treat it as an attack if it comes again.`,
  },
  ERR_MDA_CSR_UNSUPPORTED: {
    meaning: 'WebCrypto of this runtime refused the key or the algorithm, so that nothing is known of the signature.',
    action: 'Read `cause`, and judge the request on a runtime that has the curve and the hash.',
  },

  ERR_MDA_NAME_COUNT: {
    meaning: 'A subjectAltName is empty, has more than 64 names, or has more than 16,384 bytes.',
    action: `${BAD_CSR}, or refuse the certificate that holds it.`,
  },
  ERR_MDA_NAME_KIND: {
    meaning: 'A name in a subjectAltName is of no kind that RFC 5280 knows.',
    action: `${BAD_CSR}, or refuse the certificate that holds it.`,
  },
  ERR_MDA_NAME_VALUE: {
    meaning:
      'A name in a subjectAltName is empty, has characters that cannot be seen or are not of its alphabet, has spaces where they do not belong, or is an address that has neither 4 nor 16 bytes.',
    action: `${BAD_CSR}, or refuse the certificate that holds it; look at the \`SubjectAltName\` of the profile.`,
  },

  ERR_MDA_NAME_DEVICE: {
    meaning:
      'A name that is to stand beside the attested ones is a permanent identifier or a hardware module name, and not that of the attested device.',
    action:
      'Take it out of the names that you pass: a certificate names the device that is attested, whatever the certificate request asks for.',
  },

  ERR_MDA_IDENTITY_PUBLIC_KEY: {
    meaning: 'The device certificate is for another key than the one that was expected.',
    action: "Treat the request as somebody else's: the certificate was not presented by whoever holds that key.",
  },

  ERR_MDA_REVOCATION_TOO_LARGE: {
    meaning:
      'The document is larger than a limit: 4 MiB for a list, 64 KiB, 64 answers or 8 certificates for a response.',
    action: 'Have the authority split its list by distribution points, or ask its responder.',
  },
  ERR_MDA_REVOCATION_UNSUPPORTED: {
    meaning:
      'The document is of a kind that cannot be judged: a list of version 1, of changes, of other issuers or of some reasons alone; one without a time of the next; a critical extension at `oid` that is not understood.',
    action: 'Have the authority publish a complete list of its own, or a plain OCSP response.',
  },
  ERR_MDA_REVOCATION_STATUS: {
    meaning: 'The OCSP responder had no answer: it was busy, or did not understand the question.',
    action: 'Ask again; an answer like this is not signed and says nothing.',
  },
  ERR_MDA_REVOCATION_ISSUER: {
    meaning:
      'No authority of the path issued the list, by its name and its key identifier, or the one that did may not sign lists.',
    action: 'Fetch the list of the authority that issued the certificate.',
  },
  ERR_MDA_REVOCATION_SCOPE: {
    meaning: 'The document is about other certificates than those of the path.',
    action:
      'Fetch the list or the answer that the certificate names; a stapled answer has to be that of its certificate.',
  },
  ERR_MDA_REVOCATION_NOT_YET_VALID: {
    meaning: 'The document says that it was made after the time that is judged at.',
    action: 'Check your clock; for an audit, pass the documents of that time.',
  },
  ERR_MDA_REVOCATION_SIGNATURE: {
    meaning: 'The signature of the document does not verify with the key of the authority or of its responder.',
    action: 'Treat the document as forged.',
  },
  ERR_MDA_REVOCATION_RESPONDER: {
    meaning:
      'The response is neither of the authority itself nor of a responder that the authority certified for OCSP: valid, named for OCSP signing, and not revoked.',
    action: 'Treat the response as forged, unless the certificate of the responder has expired.',
  },

  ERR_MDA_EVIDENCE_TOO_LARGE: {
    meaning: 'The record of evidence has more than 524,288 characters.',
    action: 'Refuse it: a record of this library has a few kilobytes for each certificate.',
  },
  ERR_MDA_EVIDENCE_JSON: {
    meaning: 'The record of evidence is no JSON, nests too deep to be read, or has a member twice.',
    action: 'Refuse it, and look for another copy: two readers could see two records in it.',
  },
  ERR_MDA_EVIDENCE_SHAPE: {
    meaning: 'A member of the record is missing or unknown, or is of another type, at `field`.',
    action: 'Refuse it; docs/evidence.schema.json says what a record is made of.',
  },
  ERR_MDA_EVIDENCE_VERSION: {
    meaning: 'The record, or the extension of a certificate, is of a version that this library does not know.',
    action: 'Update the library if whoever wrote it is ahead of you, and refuse it otherwise.',
  },
  ERR_MDA_EVIDENCE_VALUE: {
    meaning: 'A field of the record, or of the extension of a certificate, has a value that it cannot have.',
    action: 'Refuse it: nothing that this library writes has such a value.',
  },
  ERR_MDA_EVIDENCE_KIND: {
    meaning: 'The record is about an issued identity, and no authorities were given to judge one by.',
    action: 'Pass the authorities of the identity if you audit issued identities, and refuse the record otherwise.',
  },
  ERR_MDA_EVIDENCE_FUTURE: {
    meaning: 'The record says that it was made after the time of the audit.',
    action: 'Check the clock of the audit, then that of the server that made the record; refuse it if both are right.',
  },
  ERR_MDA_EVIDENCE_MISMATCH: {
    meaning: 'The record says something else, at `field`, than the certificates in it.',
    action: 'Treat the record as altered: keep it, and compare it with other copies and with the log of that time.',
  },

  ERR_MDA_POLICY_JSON: {
    meaning:
      'The policy holds something that is no plain JSON: an accessor, a symbol, a hidden member, an instance of a class, a hole in an array, or a proxy that fails; `cause` is the error of the proxy.',
    action: 'Pass what `JSON.parse` returns, or a literal of plain objects and arrays.',
  },
  ERR_MDA_POLICY_TYPE: {
    meaning: 'The member named by `field` has another type than its rule demands, or the policy itself is no object.',
    action:
      'Correct the member: docs/policy.md has every rule with its members, and docs/policy.schema.json is the schema for an editor.',
  },
  ERR_MDA_POLICY_MISSING: {
    meaning: 'The member named by `field` is not there.',
    action: 'Add it, or remove the rule: no rule has a default for what it demands.',
  },
  ERR_MDA_POLICY_UNKNOWN: {
    meaning: 'The object at `field` has a member that its rule does not know, which may be a misspelt demand.',
    action: 'Compare the names with docs/policy.md; a policy that was written for a newer release needs that release.',
  },
  ERR_MDA_POLICY_RULE: {
    meaning: 'No rule has the name at `field`.',
    action:
      'Compare it with the rules in docs/policy.md; a policy that was written for a newer release needs that release.',
  },
  ERR_MDA_POLICY_VERSION: {
    meaning: 'The text is no version as Apple writes them: `26.4.1`, `15.5`, `17.2 (a)`.',
    action:
      'Write up to three numbers without leading zeros, and for a rapid response its letter in brackets after a space.',
  },
  ERR_MDA_POLICY_RANGE: {
    meaning: 'The version in `below` is not above the one in `minimum`, so that no version is in between.',
    action: 'Correct one of the two.',
  },
  ERR_MDA_POLICY_PLATFORM: {
    meaning:
      'A platform is unknown, or has not what the rule is about, such as System Integrity Protection on an iPhone.',
    action: 'Use `macos`, `ios`, `ipados`, `tvos`, `watchos` or `visionos`, and `macos` alone for what only Macs have.',
  },
  ERR_MDA_POLICY_VALUE: {
    meaning: 'The value at `field` is not among those that its rule allows, or a list is empty or holds a value twice.',
    action: 'Correct it by docs/policy.md.',
  },
  ERR_MDA_POLICY_COUNT: {
    meaning: 'The policy has more than 256 rules and groups, or a list has more than 256 items.',
    action: 'Split the policy by resource, or turn a long list of devices into a question to the inventory.',
  },
  ERR_MDA_POLICY_DEPTH: {
    meaning: 'Groups of rules are nested deeper than eight levels, or contain themselves.',
    action: 'Flatten the policy: the items of `all` within `all` can stand side by side.',
  },

  ERR_MDA_PROFILE_VALUE: {
    meaning: 'The key in `field` is missing or has a value that Apple does not allow.',
    action:
      'Correct the option that the key is made from; https, a UUID and a reverse-DNS identifier are the usual ones.',
  },
  ERR_MDA_PROFILE_CONFLICT: {
    meaning: 'The key in `field` does not go with another one.',
    action:
      'Attest needs HardwareBound, which needs KeyType ECSECPrimeRandom and KeySize 256 or 384; a right to change needs the right to look; an upgrade adds no right; account-driven enrollment needs EnrollmentMode; pinning needs trust anchors.',
  },
  ERR_MDA_PROFILE_DUPLICATE: {
    meaning: 'Two payloads of the profile have the same value for the key in `field`.',
    action: 'Leave the certificate out that is there twice, or give the profile a UUID and an identifier of its own.',
  },
  ERR_MDA_PROFILE_HARDWARE: {
    meaning: 'The model that the settings are for cannot attest.',
    action: 'Enroll it without an attested identity, by a decision of your own, or not at all.',
  },
  ERR_MDA_PROFILE_INSTALLED: {
    meaning: 'The installed profile is no enrollment profile that can be upgraded: the key in `field` says why.',
    action:
      'Pass the profile as the device has it, without its signature, with one MDM payload and the identity that it names.',
  },

  ERR_MDA_HEADER_UNTRUSTED: {
    meaning: 'The request is not from the proxy whose headers are to be believed.',
    action:
      'Refuse the request; if it came through the proxy, look at how it is recognized, and never believe the header alone.',
  },
  ERR_MDA_HEADER_MISSING: {
    meaning: 'The proxy handed on no certificate: the header in `field`, or the certificate in it, is not there.',
    action: 'Answer that a client certificate is needed, and look at whether the proxy asks for one and hands it on.',
  },
  ERR_MDA_HEADER_DOUBLED: {
    meaning: 'The header in `field`, or a key in it, is there more than once.',
    action: 'Refuse the request, and have the proxy remove the header from what clients send before it sets it itself.',
  },
  ERR_MDA_HEADER_TOO_LARGE: {
    meaning: 'The header in `field` is longer than any chain of certificates needs.',
    action: 'Refuse the request; a chain that was left out for its size can be given as `issuers`.',
  },
  ERR_MDA_HEADER_SYNTAX: {
    meaning: 'The header in `field` is not of the form that the proxy writes; `cause` says more where there is more.',
    action: 'Look at whether `forwarded.form` is that of the proxy; if it is, treat the header as forged.',
  },
  ERR_MDA_HEADER_COUNT: {
    meaning: 'The header in `field` has another number of certificates, or of elements, than it may have.',
    action:
      'Refuse the request; with Envoy look at `elements`, and at whether the outermost proxy replaces what clients send.',
  },
  ERR_MDA_HEADER_NOT_VERIFIED: {
    meaning: 'The proxy says that the certificate did not verify, or does not say that it did.',
    action: 'Refuse the request, and look at the log of the proxy for the reason.',
  },
  ERR_MDA_HEADER_MISMATCH: {
    meaning: 'The header in `field` contradicts itself, or names another certificate than the connection has.',
    action: 'Refuse the request: somebody wrote a part of the header who should not.',
  },

  ERR_MDA_CONNECTION_NOT_TLS: {
    meaning: 'The connection is not TLS, so it has no client certificate.',
    action: 'Serve over TLS with `requestCert`, or read the headers of the proxy that terminates it.',
  },
  ERR_MDA_CONNECTION_NO_CERTIFICATE: {
    meaning: 'The client sent no certificate, or the connection was closed meanwhile.',
    action: 'Answer that a client certificate is needed, and look at whether the server asks for one (`requestCert`).',
  },
  ERR_MDA_CONNECTION_CERTIFICATE_COUNT: {
    meaning: 'The client sent more certificates than any chain needs.',
    action: 'Refuse the connection.',
  },
};

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
