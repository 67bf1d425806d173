import { createMemoryStore } from '../../src/acme/index.ts';
import type { RuleDocument } from '../../src/policy/index.ts';
import { createDeployment, type Deployment, type DeviceIdentity } from '../harness/deployment.ts';
import { DAY, type Managed } from '../mdm-server/world.ts';
import { requireIssued } from './model-2.ts';
import { requireNoErrors, sayEnrollment, sayFacts, visit } from './said.ts';
import { announce, event, part, step } from './stage.ts';

type Decider = Awaited<ReturnType<Deployment['decider']>>;

const policyOf = (...rules: readonly RuleDocument[]) => ({ format: 1, rules }) as const;
const FIVE_MINUTES = 300;

/** Deployment model 3: one certificate with all that was attested, and services with rules of their own. */
export async function showModel3(): Promise<void> {
  part(
    'Model 3: every relying party decides',
    'Who decides: each service. The ACME server only authenticates, and puts what Apple attested into the certificate.',
    'A service reads it there, and asks the MDM service for what nobody attests. It keeps a decision for five minutes.',
  );
  const deployment = await createDeployment({ maximumSeconds: 7 * 86_400 });
  const { decider, world } = deployment;
  try {
    const wiki = await decider({ pages: policyOf({ rule: 'os-version', minimum: '26' }) });
    const payroll = await decider(
      {
        payslips: policyOf({ rule: 'system-integrity-protection' }, { rule: 'file-vault', accept: 'reported' }),
        transfers: policyOf({ rule: 'os-version', minimum: '26.4' }),
      },
      { cache: { store: createMemoryStore({ clock: world.clock }), seconds: FIVE_MINUTES } },
    );
    const mac = world.device({ osVersion: '26.3.2' });
    await deployment.manage(mac);
    await decideDifferently(deployment, mac, wiki, payroll);
    const identity = await followTheUpdate(deployment, mac, payroll);
    await followFileVault(deployment, mac, identity, payroll);
    await withoutMdm(deployment, identity, payroll);
    await loseAndRegain(deployment, mac, identity, payroll);
    requireNoErrors(deployment.errors, world.errors);
  } finally {
    await deployment.stop();
  }
}

async function decideDifferently(deployment: Deployment, mac: Managed, wiki: Decider, payroll: Decider): Promise<void> {
  step(
    'A Mac with macOS 26.3.2 gets a certificate, and goes to three places',
    'The wiki wants macOS 26. Payslips want System Integrity Protection, which is attested, and FileVault, which is',
    'reported. Transfers want macOS 26.4.',
  );
  const identity = await enroll(deployment, mac);
  const answers = [
    await visit(deployment, 'wiki', wiki, identity, '/pages'),
    await visit(deployment, 'payroll', payroll, identity, '/payslips'),
    await visit(deployment, 'payroll', payroll, identity, '/transfers'),
  ];
  announce('the same certificate: welcome, welcome, and not', answers.join() === 'welcome,welcome,policy');

  step('Somebody comes without a certificate');
  const answer = await visit(deployment, 'wiki', wiki, undefined, '/pages');
  announce('refused', answer === 'ERR_MDA_CONNECTION_NO_CERTIFICATE');
}

async function followTheUpdate(deployment: Deployment, mac: Managed, payroll: Decider): Promise<DeviceIdentity> {
  step(
    'The Mac is updated to macOS 26.4.1, and renews its certificate',
    'The new key is attested anew, so the new version is in the new certificate; and the MDM service hears of it. As',
    'long as the two differ, the version counts for nothing.',
  );
  mac.device.update({ osVersion: '26.4.1' });
  deployment.world.wait(DAY);
  await mac.client.poll();
  const identity = await enroll(deployment, mac);
  const answer = await visit(deployment, 'payroll', payroll, identity, '/transfers');
  announce('welcome at the transfers', answer === 'welcome');
  return identity;
}

async function followFileVault(
  deployment: Deployment,
  mac: Managed,
  identity: DeviceIdentity,
  payroll: Decider,
): Promise<void> {
  const { world } = deployment;
  step(
    'FileVault is switched off, and the MDM service hears of it',
    'A moment before, payroll has decided. That decision is kept for five minutes, and not longer.',
  );
  world.wait(DAY);
  const before = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  await report(deployment, mac, false);
  const kept = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  passFiveMinutes(deployment);
  const after = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  announce('welcome, still welcome, and no more', [before, kept, after].join() === 'welcome,welcome, kept,policy');

  step('It is switched on, and the MDM service hears of that');
  world.wait(DAY);
  await report(deployment, mac, true);
  announce('welcome', (await visit(deployment, 'payroll', payroll, identity, '/payslips')) === 'welcome');
}

async function withoutMdm(deployment: Deployment, identity: DeviceIdentity, payroll: Decider): Promise<void> {
  const { world } = deployment;
  step(
    'The MDM service is down',
    'What is kept counts for its time. After that nobody knows, and that is no yes. The 503 says: try again.',
  );
  await world.stopMdm();
  const kept = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  passFiveMinutes(deployment);
  const down = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  await world.startMdm();
  event('MDM service', 'is back');
  const up = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  announce(
    'welcome while it is kept, then refused, then welcome',
    [kept, down, up].join() === 'welcome, kept,dynamic-failed,welcome',
  );
}

async function loseAndRegain(
  deployment: Deployment,
  mac: Managed,
  identity: DeviceIdentity,
  payroll: Decider,
): Promise<void> {
  step(
    'Somebody takes the authorization away',
    'The decision is kept still, and the certificate is valid for days. Neither helps, nor does a new certificate.',
  );
  await payroll.authorizer.deauthorize('device:SIMULATED1');
  const lost = await visit(deployment, 'payroll', payroll, identity, '/payslips');
  const renewed = await enroll(deployment, mac);
  const still = await visit(deployment, 'payroll', payroll, renewed, '/payslips');
  announce('deauthorized, with both', [lost, still].join() === 'deauthorized,deauthorized');

  step('and gives it back');
  await payroll.authorizer.reauthorize('device:SIMULATED1');
  announce('welcome', (await visit(deployment, 'payroll', payroll, identity, '/payslips')) === 'welcome');
}

async function enroll(deployment: Deployment, { device }: Managed): Promise<DeviceIdentity> {
  const outcome = await deployment.enroll(device);
  sayEnrollment(outcome);
  return requireIssued(outcome);
}

async function report(deployment: Deployment, { client }: Managed, fileVault: boolean): Promise<void> {
  client.update({ fileVault });
  await client.poll();
  await sayFacts(deployment, 'SIMULATED1');
}

function passFiveMinutes({ world }: Deployment): void {
  world.wait(1000 * (FIVE_MINUTES + 1));
  event('clock', 'five minutes pass');
}
