import {
  type AttestedProperties,
  type CheckReport,
  explainAttestation,
  freshnessCodeForToken,
  isVerifiedAttestation,
  parseCertificate,
} from '../../src/index.ts';
import { bytes, integer } from '../../src/testing/der-writer.ts';
import {
  AT,
  authorityKeyIdentifier,
  basicConstraints,
  type Key,
  keyFrom,
  keyIdentifierOf,
  keyUsage,
  LEAF_NAME,
  mintCertificate,
  mintChain,
  type MintedChain,
  property,
  PROPERTIES,
  subjectKeyIdentifier,
} from '../support/mint.ts';

import { announce, bold, green, part, red, say } from './stage.ts';

/** What the server asked each device for: the token of an ACME challenge, new each time. */
const TOKEN_A = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const TOKEN_B = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';

interface Device {
  readonly serialNumber: string;
  readonly systemIntegrityProtection: 'enabled' | 'disabled';
  readonly token: string;
}

/** The properties of a device as a leaf carries them: the project's sample, with what this device has of its own. */
async function extensionsFor(device: Device) {
  const own = [
    property('9.1', bytes(device.serialNumber)),
    property('11.1', await freshnessCodeForToken(device.token)),
    property('13.1', integer(device.systemIntegrityProtection === 'enabled' ? 0 : 1)),
  ];
  const sample = PROPERTIES.filter(({ oid }) => !own.some((other) => other.oid === oid));
  return [basicConstraints(false), keyUsage(0xf0), ...own, ...sample];
}

const authority = { root: keyFrom('demo root'), subCa: keyFrom('demo sub CA') };

/** What the authority sends to a device that asks for an attestation of its key. */
async function attest(device: Device, leaf: Key): Promise<MintedChain> {
  return mintChain({ keys: { ...authority, leaf }, leaf: { extensions: await extensionsFor(device) } });
}

/** The server's side: it sent `token`, and judges what came back. */
async function judge(x5c: readonly Uint8Array[], root: Uint8Array, token: string) {
  return explainAttestation(x5c, {
    at: AT,
    expectedFreshnessCode: await freshnessCodeForToken(token),
    trustAnchors: [parseCertificate(root)],
  });
}

async function accepted(root: Uint8Array, chain: MintedChain, token: string): Promise<void> {
  say(bold('A device attests itself'));
  say('  The server sends a token. Device A answers with two certificates: a leaf with what the authority');
  say('  vouches for, and the Sub CA that signed it. The server knows the root and the token, nothing else.');
  say();
  const verdict = await judge(chain.x5c, root, token);
  if (verdict.accepted) printProperties(verdict.attestation.properties);
  printChecks(verdict.checks);
  announce('accepted', verdict.accepted && isVerifiedAttestation(verdict.attestation));
}

interface Attack {
  readonly title: string;
  readonly story: readonly string[];
  readonly x5c: readonly Uint8Array[];
  readonly token: string;
  /** The check that stops it, and the code that a program sees. */
  readonly check: CheckReport['name'];
  readonly code: string;
  /** Whether the cryptography is sound, so that nothing but this check stands in the way. */
  readonly signaturesVerify: boolean;
}

async function refused(
  root: Uint8Array,
  { title, story, x5c, token, check, code, signaturesVerify }: Attack,
): Promise<void> {
  say(bold(title));
  for (const line of story) say(`  ${line}`);
  const verdict = await judge(x5c, root, token);
  const first = verdict.checks.find(({ outcome }) => outcome === 'failed');
  const where = first?.certificate === undefined ? '' : `, certificate ${first.certificate} of the chain`;
  say(
    first === undefined
      ? red('  accepted')
      : `  ${red('refused')} by the check ${bold(first.name)}: ${first.code}${where} (${first.reference})`,
  );
  const signatures = verdict.checks.some(({ name, outcome }) => name === 'signatures' && outcome === 'passed');
  if (signatures) say('  (every signature of this chain verifies)');
  announce(
    `refused by ${check} with ${code}`,
    !verdict.accepted && verdict.error.code === code && first?.name === check && signatures === signaturesVerify,
  );
}

function printProperties(properties: AttestedProperties): void {
  const { other, ...named } = properties;
  for (const [name, judged] of Object.entries(named)) {
    const value = judged.status === 'attested' ? judged.value : judged.status;
    say(`  ${spaced(name).padEnd(30)} ${typeof value === 'string' ? value : Buffer.from(value).toString('hex')}`);
  }
  if (other.length > 0) say(`  ${other.length} more without a public meaning`);
  say();
}

/** `osVersion` as `os version`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
}

function printChecks(checks: readonly CheckReport[]): void {
  const marks = { passed: green('✓'), failed: red('✗'), 'not run': '-' };
  for (const { name, outcome, detail } of checks) say(`  ${marks[outcome]} ${name.padEnd(28)} ${detail}`);
  say();
}

/** Authorities of the attacker's own: every name and identifier as in the real ones, and other keys. */
async function lookAlike(device: Device): Promise<MintedChain> {
  return mintChain({
    keys: { root: keyFrom('attacker root'), subCa: keyFrom('attacker sub CA'), leaf: keyFrom('attacker leaf') },
    subCa: {
      extensions: [
        basicConstraints(true, 0),
        authorityKeyIdentifier(keyIdentifierOf(authority.root)),
        subjectKeyIdentifier(keyIdentifierOf(authority.subCa)),
        keyUsage(0x06),
      ],
    },
    leaf: { extensions: await extensionsFor(device) },
  });
}

/** A leaf below a leaf, signed with the attested key of an owner who would rather look better. */
async function signedByLeaf(owner: Key, device: Device) {
  return mintCertificate({
    subject: LEAF_NAME,
    issuer: LEAF_NAME,
    key: keyFrom('better looking leaf'),
    issuerKey: owner,
    serialNumber: 7,
    notBefore: new Date('2026-05-01T00:00:00Z'),
    notAfter: new Date('2026-07-31T00:00:00Z'),
    extensions: await extensionsFor(device),
  });
}

/** A server verifies what a device attests, and three attackers fail. */
export async function showAttestation(): Promise<void> {
  part(
    'What an attestation is',
    'One server, one answer of a device, and three attackers. Everything is made here, by an authority in the',
    "shape of Apple's.",
  );
  const deviceA: Device = { serialNumber: 'DEMODEVICEA', systemIntegrityProtection: 'enabled', token: TOKEN_A };
  const deviceB: Device = { serialNumber: 'DEMODEVICEB', systemIntegrityProtection: 'disabled', token: TOKEN_B };
  const keyB = keyFrom('device B');
  const chainA = await attest(deviceA, keyFrom('device A'));
  const chainB = await attest(deviceB, keyB);
  const { root } = chainA;

  await accepted(root, chainA, TOKEN_A);

  await refused(root, {
    title: 'Attack 1: an attestation of another device, replayed',
    story: [
      'The server sent device A a token. What comes back is genuine, signed by the real authority, and for',
      'device B: it was made for the token that device B got.',
    ],
    x5c: chainB.x5c,
    token: TOKEN_A,
    check: 'freshness',
    code: 'ERR_MDA_FRESHNESS_MISMATCH',
    signaturesVerify: true,
  });

  await refused(root, {
    title: 'Attack 2: a look-alike authority',
    story: [
      'The attacker sets up authorities with the same names and key identifiers, and lets them attest the',
      'right device for the right token. By its names the chain ends at the root that the server trusts.',
    ],
    x5c: (await lookAlike(deviceA)).x5c,
    token: TOKEN_A,
    check: 'signatures',
    code: 'ERR_MDA_CHAIN_SIGNATURE',
    signaturesVerify: false,
  });

  await refused(root, {
    title: 'Attack 3: a device that attests itself',
    story: [
      'Device B is genuine and its System Integrity Protection is off. Its owner signs one more leaf with the',
      'attested key, saying that it is on, for the right token.',
    ],
    x5c: [await signedByLeaf(keyB, { ...deviceB, systemIntegrityProtection: 'enabled' }), ...chainB.x5c],
    token: TOKEN_B,
    check: 'certification-authorities',
    code: 'ERR_MDA_CHAIN_NOT_A_CA',
    signaturesVerify: true,
  });
}
