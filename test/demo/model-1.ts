import type { AttestedFact } from '../../src/policy/index.ts';
import type { MdmInstallOutcome, MdmPollOutcome } from '../../src/testing/index.ts';
import { PROFILE_IDENTIFIER } from '../harness/mdm-server/profiles.ts';
import { createWorld, DAY, type Managed, type World } from '../mdm-server/world.ts';
import { requireNoErrors, sayProblem } from './said.ts';
import { announce, event, part, step } from './stage.ts';

/** Deployment model 1: the management channel is attested, and the MDM service decides what a device gets. */
export async function showModel1(): Promise<void> {
  part(
    'Model 1: secure the management channel',
    'Who decides: the MDM service. A device gets a certificate for the management channel if its attestation shows',
    'that it is one of ours. What it may have comes later, and goes again, by what it attests and reports.',
  );
  const world = await createWorld();
  try {
    const mac = await enroll(world);
    await refuseStranger(world);
    await giveWhatIsWithheld(world, mac);
    await takeItAway(world, mac);
    await giveItBack(world, mac);
    requireNoErrors(world.errors);
  } finally {
    await world.stop();
  }
}

async function enroll(world: World): Promise<Managed> {
  step(
    'A Mac of the organisation enrolls',
    'The service knows its serial number. The profile that it hands out has a ticket for this one device; the',
    'device orders a certificate with it, and has the key for it attested by Apple for the token of the challenge.',
  );
  const mac = world.device();
  const outcome = await mac.client.installProfile(await world.profileForDevice());
  sayOutcome(outcome);
  const [enrollment] = world.mdm.enrollments();
  event('MDM service', `${enrollment?.serialNumber ?? 'nobody'} is ${enrollment?.state ?? 'not there'}`);
  event('device', `has ${listOf(held(mac))}`);
  announce(
    'enrolled, and has nothing yet',
    outcome.status === 'installed' && enrollment?.identity === 'attested' && held(mac).length === 0,
  );
  return mac;
}

async function refuseStranger(world: World): Promise<void> {
  step(
    'A stranger uses the profile of that Mac',
    'Its attestation is genuine. It names another device than the ticket.',
  );
  const stranger = world.device({ serialNumber: 'STRANGER01', udid: '5A3C0002-0000-4000-8000-000000000002' });
  const before = world.issued.length;
  const outcome = await stranger.client.installProfile(await world.profileForDevice());
  sayOutcome(outcome);
  announce(
    'the ACME server refuses the challenge, and no certificate is issued',
    outcome.status === 'no-identity' &&
      outcome.acme?.status === 'refused' &&
      outcome.acme.step === 'challenge' &&
      world.issued.length === before,
  );
}

async function giveWhatIsWithheld(world: World, mac: Managed): Promise<void> {
  step(
    'The Mac shows that it complies',
    'The service asks for a report (FileVault: nobody attests that) and for an attestation that is made for a nonce',
    'of its own. The policy wants macOS 26.4, System Integrity Protection, full security and FileVault.',
  );
  const decision = await poll(world, mac);
  announce('allowed; Wi-Fi and mail are installed', decision === 'allowed' && held(mac).length === 2);
}

async function takeItAway(world: World, mac: Managed): Promise<void> {
  step(
    'A day later System Integrity Protection (SIP) is off, and the Mac hides it',
    'It reports that it is on. A device makes a new attestation every seven days at most, and the last one was made',
    'when all was well: so the service believes it, for now.',
  );
  mac.device.update({ systemIntegrityProtection: 'disabled' });
  mac.client.lie({ systemIntegrityProtection: 'enabled' });
  world.wait(DAY);
  announce('still allowed', (await poll(world, mac)) === 'allowed' && held(mac).length === 2);

  step(
    'On the seventh day it has to attest again',
    'What it says of itself does not matter any more: Apple says what the Secure Enclave saw when it booted.',
  );
  world.wait(6 * DAY);
  announce(
    'the two contradict each other, that is no yes, and Wi-Fi and mail are removed',
    (await poll(world, mac)) === 'system-integrity-protection contradicted' && held(mac).length === 0,
  );
}

async function giveItBack(world: World, mac: Managed): Promise<void> {
  step('It is switched on again, and the next attestation shows it');
  mac.device.update({ systemIntegrityProtection: 'enabled' });
  mac.client.lie({});
  world.wait(7 * DAY);
  announce('allowed again', (await poll(world, mac)) === 'allowed' && held(mac).length === 2);
}

/** What is on the device, besides the enrollment profile. */
const held = ({ client }: Managed): readonly string[] =>
  client
    .profiles()
    .map(({ identifier }) => identifier)
    .filter((identifier) => identifier !== PROFILE_IDENTIFIER);

const listOf = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(' and '));

function sayOutcome(outcome: MdmInstallOutcome): void {
  if (outcome.status === 'installed') event('ACME server', 'the attestation is of this device: issues a certificate');
  else if (outcome.status === 'no-identity' && outcome.acme?.status === 'refused') sayProblem(outcome.acme);
  else event('MDM service', outcome.status);
}

const valueOf = (fact: AttestedFact<unknown> | undefined): string =>
  fact?.status === 'known' ? String(fact.value) : (fact?.status ?? 'unknown');

/** The device asks for its commands; returns `allowed`, or the reason of the service in short. */
async function poll({ mdm }: World, mac: Managed): Promise<string> {
  const { exchanges }: MdmPollOutcome = await mac.client.poll();
  for (const { requestType = 'a command', status } of exchanges)
    event('MDM service', `${requestType.padEnd(18)} -> device: ${status}`);
  const { decision, attested, security } = mdm.enrollments()[0]!;
  event('attested', `macOS ${valueOf(attested?.osVersion)}, SIP ${valueOf(attested?.systemIntegrityProtection)}`);
  const { systemIntegrityProtection, fileVault } = security ?? {};
  event('reported', `SIP ${systemIntegrityProtection ?? 'unknown'}, FileVault ${fileVault === true ? 'on' : 'off'}`);
  const reasons = decision?.reasons.map(({ rule, code }) => `${rule} ${code}`) ?? [];
  const said = decision?.allowed === true ? 'allowed' : reasons.join(', ');
  event('MDM service', decision?.allowed === true ? 'the policy is met' : `the policy is not met: ${said}`);
  event('device', `has ${listOf(held(mac))}`);
  return said;
}
