/** The help texts. The first is for whoever does not know what to ask for. */
export const HELP = `Usage: mda COMMAND [OPTIONS]

Verify Apple Managed Device Attestation.

  mda verify FILE|-    judge an attestation: chain, freshness, every check with its outcome
  mda inspect FILE|-   show certificates and properties without judging them
  mda verifier         answer JSON requests, one a line, on standard input
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
  {"id": …, "result": "accept", "properties": {…}, "publicKey": base64 SubjectPublicKeyInfo}
  {"id": …, "result": "reject", "code": "ERR_MDA_…"}
trustAnchors may be left out: Apple's root. Freshness is not checked.

Exit codes: 0 at the end of the input, 2 usage or a stream that breaks.
`;

export const COMMAND_HELP: ReadonlyMap<string, string> = new Map([
  ['verify', VERIFY],
  ['inspect', INSPECT],
  ['verifier', VERIFIER],
]);
