/** The help texts. The first is for whoever does not know what to ask for. */
export const HELP = `Usage: mda COMMAND [OPTIONS]

Verify Apple Managed Device Attestation.

  mda verify FILE|-    judge an attestation: chain, freshness, every check with its outcome
  mda inspect FILE|-   show certificates and properties without judging them
  mda verifier         answer JSON requests, one a line, on standard input
  mda conformance      run the test vectors through any verifier, or through this library
  mda authority new    make a simulated attestation authority, to test a server with
  mda simulate acme    enroll a simulated device with an ACME server
  mda help [COMMAND]   show this, or the help of a command
  mda --version        show the version

FILE holds the certificates, leaf first: PEM, DER, base64 (one certificate a line), a JSON array of
base64, the ACME payload {"attObj": …}, or a CBOR attestation object. - is standard input.

Exit codes: 0 accepted, 1 refused, 2 no verdict (usage, unreadable file, unrecognised format).
`;

const VERIFY = `Usage: mda verify FILE|- FRESHNESS [OPTIONS]

Judges an attestation. FRESHNESS is one of:
  --nonce HEX|BASE64   the DeviceAttestationNonce that was sent; what is both is read as hexadecimal,
                       unless hex: or base64: stands before it
  --token TOKEN        the token of the ACME challenge
  --no-freshness       leave the check out: the attestation may be an old one

Options:
  --at TIME            judge at this time: RFC 3339, or a date for its start in UTC; default now
  --trust-anchor PEM   a PEM file of anchors to use instead of Apple's root; may be repeated
  --json               print JSON

Exit codes: 0 accepted, 1 refused, 2 no verdict.
`;

const INSPECT = `Usage: mda inspect FILE|- [--json]

Shows each certificate and the properties of the first. Nothing is verified.

Exit codes: 0 it parsed, 1 something in it does not parse, 2 usage, unreadable or unrecognised.
`;

const VERIFIER = `Usage: mda verifier

Reads one JSON request a line from standard input and writes one JSON answer a line, in order:
  {"id": …, "op": "chain", "x5c": [base64 DER, …], "trustAnchors": [base64 DER, …], "at": "RFC 3339"}
  {"id": …, "op": "properties", "certificate": base64 DER}
  {"id": …, "op": "acme", "attObj": base64url, "token": "…", "trustAnchors": […], "at": "…"}
  {"id": …, "result": "accept", "properties": {…}, "publicKey": base64 SubjectPublicKeyInfo}
  {"id": …, "result": "reject", "code": "ERR_MDA_…"}
trustAnchors may be left out: Apple's root. Only op acme checks freshness.

Exit codes: 0 at the end of the input, 2 usage or a stream that breaks.
`;

const CONFORMANCE = `Usage: mda conformance [OPTIONS]

Runs the test vectors of the package through a verifier, and says where it is wrong.

Options:
  --verifier COMMAND   a program that speaks the protocol of mda verifier, started through the shell;
                       this library itself unless given
  --only FOLDER        only the vectors of this folder, or FOLDER/NAME for those whose id begins so;
                       may be repeated
  --report FORMAT      text (default), json, junit or markdown
  --vectors DIR        the vectors of another folder
  --time-limit SECONDS how long the verifier may take for one case; default 10

Exit codes: 0 nothing failed and something passed, 1 a case failed or nothing passed, 2 no verdict
(usage, a vector that breaks the schema, a verifier that cannot start).
`;

const AUTHORITY = `Usage: mda authority new --out FOLDER [OPTIONS]

Makes a simulated attestation authority: root.pem for the server under test to trust, sub-ca.pem, and
authority.json for mda simulate. That file is a secret, for tests alone. Nothing is overwritten.

Options:
  --out FOLDER         where to write; made if it is not there
  --seed TEXT          the same keys again; random unless given. The seed is the secret
  --at TIME            the instant from which validity is counted: RFC 3339, or a date; default now

Exit codes: 0 written, 2 usage, or it could not be written.
`;

const SIMULATE = `Usage: mda simulate acme --directory URL --identifier TEXT --authority FILE [OPTIONS]

Enrolls a simulated device with an ACME server that trusts the root of a simulated authority.

  --directory URL      the directory of the server; https
  --identifier TEXT    the permanent-identifier to order (ClientIdentifier of a payload)
  --authority FILE     authority.json of mda authority new

Options:
  --ca FILE            PEM of the roots to trust for TLS, in the place of those of Node
  --key-type CURVE     P-384 (default) or P-256
  --eab-key-id ID      external account binding, with
  --eab-hmac-key KEY   its key as base64url
  --short-signatures M as-apple (default), always or never: cut the first byte off R and S where it is zero
  --no-attest          answer the challenge without an attestation, as with Attest false
  --fault NAME         do one thing wrong; a name that there is not lists those that there are
  --seed TEXT          the same device key again; random unless given
  --out FOLDER         write certificate.pem, csr.pem and attestation.json
  --json               print JSON

The device, where it differs from a Mac that is in order:
  --platform P         mac (default) or iphone
  --enrollment KIND    device (default), or user: no serial number, no UDID
  --serial-number S    SIMULATED1 unless given
  --udid S             the UDID that is attested: on a Mac the provisioning UDID
  --os-version V, --sep-os-version V, --llb-version V, --software-update-device-id S
  --sip S              enabled or disabled
  --secure-boot S      full, reduced or permissive
  --kernel-extensions  allowed or not-allowed
  --absent PROPERTY, --blank PROPERTY   what Apple could not determine, such as osVersion; may be repeated
  --attestation-refused  Apple does not attest this device

Exit codes: 0 issued, 1 refused by the server, 2 no verdict (usage, no answer, a server that fails).
`;

export const COMMAND_HELP: ReadonlyMap<string, string> = new Map([
  ['verify', VERIFY],
  ['inspect', INSPECT],
  ['verifier', VERIFIER],
  ['conformance', CONFORMANCE],
  ['authority', AUTHORITY],
  ['simulate', SIMULATE],
]);
