import type { CaseReport, ConformanceReport } from '../../src/conformance/index.ts';

const INTRODUCTION = `<!-- Rendered from a run of the vectors by test/docs/node-crypto.test.ts: UPDATE_DOCS=1 npx vitest run test/docs/node-crypto.test.ts -->

# What a verifier on node:crypto gets wrong

The suite was tried on a verifier as a careful author would write it today: 267 lines of JavaScript on \`X509Certificate\` and \`verify\` of \`node:crypto\`, with a small CBOR reader. It compares names, checks both signatures, validity, CA flags, pathLen and critical extensions, asks for the freshness code, and compares the keys. It is \`test/conformance/foreign/node-crypto-verifier.mjs\` of the repository, and speaks the [protocol](conformance.md):

\`\`\`sh
mda conformance --verifier 'node test/conformance/foreign/node-crypto-verifier.mjs'
\`\`\`
`;

const REASONS = `
Where it fails, and why it matters:

- **The platform's parser reads more than DER.** Trailing bytes, indefinite and padded lengths, BER booleans, days that do not exist, version 1 with extensions: whoever reads the certificate next may read something else in it. \`Buffer.from\` skips what is not base64 at all.
- **The first of two equal extensions wins, the last of two equal CBOR keys.** Another component that takes the other one sees another device.
- **Announced lengths are believed.** Ten bytes of CBOR announce four billion certificates; without a limit the process is lost.
- **Values are passed on as they are.** A serial number with a zero-width space, a line feed or an escape sequence is not the serial number that it looks like in a log or an inventory.
- **A certificate request is read field by field**, so whatever stands beside the fields passes.
- **What it refuses and should not** is rare: a root that was renewed with its key, because the first anchor of the name was taken for the only one.

Cases whose source is the profile of this project are stricter than the standards on purpose; their flags say so.
`;

/** The parser of certificates is the platform's: another version judges a few cases in another way. */
export const PLATFORM = `Node ${process.versions.node.split('.')[0]!} with OpenSSL ${process.versions.openssl.split('.').slice(0, 2).join('.')}`;

/** The page: the counts, the reasons, and every case that failed. */
export function renderNodeCrypto({ passed, failed, folders, cases }: ConformanceReport): string {
  return [
    INTRODUCTION,
    `On ${PLATFORM}, of ${passed + failed} cases it passes ${passed} and fails ${failed}:`,
    '',
    '| folder | passed | failed |',
    '|---|---|---|',
    ...folders.map((counts) => `| ${counts.folder} | ${counts.passed} | ${counts.failed} |`),
    REASONS,
    '## Every case that fails',
    '',
    '| case | what it is about | expected | got |',
    '|---|---|---|---|',
    ...cases.filter(({ outcome }) => outcome === 'failed').map(row),
    '',
  ].join('\n');
}

function row({ id, title, because, kind, expected, got }: CaseReport): string {
  const cells = [
    `\`${id}\``,
    because ?? title,
    ...(kind === 'crashed' ? ['reject', 'the process ends'] : [expected, got]),
  ];
  return `| ${cells.map((cell) => escaped(cell ?? '')).join(' | ')} |`;
}

function escaped(text: string): string {
  return text.replace(/[|\\]/g, '\\$&');
}
