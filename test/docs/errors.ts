import { ERROR_GUIDE } from '../../src/cli/error-guide.ts';
import type { AttestationErrorCode } from '../../src/core/error-codes.ts';

/** The stages in the order in which evidence passes them. */
const STAGES = {
  ENCODING: 'Text that carries bytes: `fromPem`, `fromBase64`, `fromBase64Url`.',
  DER: 'The encoding of a certificate, a certificate request or a signature (X.690). `offset` is where the parser stopped in it.',
  CBOR: 'The encoding of an attestation object (RFC 8949). `offset` is where the parser stopped. `./acme` only.',
  OBJECT: 'The shape of an attestation object. `./acme` only.',
  PLIST: 'The encoding of a property list: XML, in the form of a device. `./mdm` only.',
  RESPONSE: 'What a device answers to a command. `field` is the key at fault. `./mdm` only.',
  CERTIFICATE:
    'The fields of one certificate (RFC 5280, 4.1 and 4.2), and those that a certificate request shares with it.',
  KEY: 'A public key in a certificate or a certificate request (RFC 5480). Every key is judged here before WebCrypto sees it.',
  CHAIN:
    'The path from the leaf to a trust anchor (RFC 5280, 6). `certificate` is the index of the certificate at fault.',
  FRESHNESS: 'The freshness code of the leaf.',
  ATTESTATION: 'What else the caller expected of the leaf.',
  CHALLENGE: 'The response to a challenge, as a whole: reasons of a `createDeviceAttestValidator`. `./acme` only.',
  IDENTIFIER: 'The ordered identifier, held against the attested device. `./acme` only.',
  CLIENT: 'A client identifier that this library issued, or did not. `./acme` only.',
  CSR: 'The certificate request that finalizes an order (RFC 2986). `./acme` only.',
  NAME: 'A subjectAltName (RFC 5280, 4.2.1.6). `./acme` and `./identity`.',
  IDENTITY: 'What else the caller expected of an issued certificate. `./identity` only.',
  EVIDENCE:
    'A record for an audit, or what an issued certificate says of the attestation behind it. `field` is the path of the member at fault. `./identity` only.',
  POLICY:
    'A policy that cannot be read. `field` is the path of the member at fault. `./policy` only; a decision is never an error.',
  PROFILE:
    "A profile or a declaration that a device would refuse, by Apple's rules. `field` is the key at fault, by Apple's name. `./mdm` only.",
  HEADER:
    'The headers in which a proxy hands on a client certificate. `field` is the name of the header. `./relying-party` only.',
  CONNECTION: 'The TLS connection that a client certificate comes from. `./relying-party` only.',
} as const;

const INTRODUCTION = `<!-- Rendered from src/cli/error-guide.ts by test/docs/errors.ts: UPDATE_DOCS=1 npx vitest run test/docs/errors.test.ts -->

# Error codes

Evidence that is refused gives an \`AttestationError\`, and nothing else does. Its parts:

| part | what it is |
|---|---|
| \`code\` | One of the codes below. Branch on it: a released code never changes its meaning. |
| \`message\` | The code in words. It never echoes the input, so it is safe to log. The wording may change. |
| \`certificate\` | Index of the certificate at fault, leaf first; the trust anchor has the index after the last certificate. Undefined where no chain is in play. |
| \`offset\` | Where a parser stopped, in bytes from the start of the value that it read. |
| \`oid\` | The extension or the algorithm at fault, in dotted form. |
| \`field\` | The key at fault, or its path, made of names that the library knows and of indexes. |
| \`cause\` | The error underneath, where there is one. |

A mistake of the caller (a missing option, a string instead of bytes, an empty list of trust anchors) gives a \`TypeError\` that names the argument. It is a fault of the program and says nothing about the device.

Of several faults the first is reported, in the order of the checks. A code says which check refused; it does not say that the evidence is otherwise sound.
`;

/** The page `docs/errors.md`. */
export function renderErrors(): string {
  const entries = Object.entries(ERROR_GUIDE);
  const sections = Object.entries(STAGES).map(([stage, what]) => {
    const rows = entries
      .filter(([code]) => stageOf(code) === stage)
      .map(([code, { meaning, action }]) => `| \`${code}\` | ${meaning} | ${action} |`);
    return [`## ERR_MDA_${stage}`, '', what, '', '| code | meaning | what to do |', '|---|---|---|', ...rows, ''].join(
      '\n',
    );
  });
  return [INTRODUCTION, ...sections].join('\n');
}

export const stages: readonly string[] = Object.keys(STAGES);

export function stageOf(code: string): string {
  return code.split('_')[2]!;
}

export const codes = Object.keys(ERROR_GUIDE) as readonly AttestationErrorCode[];
