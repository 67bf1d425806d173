import { toBase64, toBase64Url } from '../../src/index.ts';
import type { AcmeOutcome } from '../../src/testing/index.ts';
import { createCertificateAuthority } from '../harness/acme-server/ca.ts';
import { createDeployment, type Deployment } from '../harness/deployment.ts';
import { DAY, type Managed, START } from '../mdm-server/world.ts';
import { requireNoErrors, sayEnrollment, sayFacts, visit } from './said.ts';
import { announce, event, part, step } from './stage.ts';

type Issued = Extract<AcmeOutcome, { readonly status: 'issued' }>;

/** Deployment model 2: the ACME server decides, and what it has issued is worth something until it ends. */
export async function showModel2(): Promise<void> {
  part(
    'Model 2: the ACME server decides',
    'Who decides: the ACME server, when it issues. It asks the MDM service what else is known of the device. Relying',
    'parties only validate the certificate. A device that lost its authorization has it until the certificate ends.',
  );
  const deployment = await createDeployment({
    acmePolicy: {
      format: 1,
      rules: [
        { rule: 'known-device' },
        { rule: 'os-version', minimum: '26.4' },
        { rule: 'system-integrity-protection' },
        { rule: 'file-vault', accept: 'reported' },
      ],
    },
    maximumSeconds: 3 * 86_400,
  });
  try {
    const mac = await refuseAndIssue(deployment);
    await validateAndExpire(deployment, mac);
    await revoke(deployment, mac);
    requireNoErrors(deployment.errors, deployment.world.errors);
  } finally {
    await deployment.stop();
  }
}

async function refuseAndIssue(deployment: Deployment): Promise<Managed> {
  const { world, manage, enroll } = deployment;
  const mac = world.device({ client: { facts: { fileVault: false } } });

  step('A Mac that is not under management asks for a certificate', 'Its attestation is genuine.');
  await sayFacts(deployment, 'SIMULATED1');
  const unmanaged = await enroll(mac.device);
  sayEnrollment(unmanaged);
  announce('unauthorized', problemOf(unmanaged) === 'unauthorized');

  step(
    'It enrolls with the MDM service, and asks again. FileVault is off',
    'Nobody attests FileVault. The MDM service has it from the device, and says so.',
  );
  await manage(mac);
  await sayFacts(deployment, 'SIMULATED1');
  const withoutFileVault = await enroll(mac.device);
  sayEnrollment(withoutFileVault);
  announce('unauthorized', problemOf(withoutFileVault) === 'unauthorized');
  return mac;
}

async function validateAndExpire(deployment: Deployment, mac: Managed): Promise<void> {
  const { world, enroll } = deployment;
  const wiki = await deployment.validator();

  step(
    'FileVault is on, and the Mac asks again',
    'The certificate is for three days. A relying party asks nothing: is it of our authority, and in time?',
  );
  await reportFileVault(deployment, mac, true);
  const outcome = await enroll(mac.device);
  sayEnrollment(outcome);
  const issued = requireIssued(outcome);
  announce('issued, and welcome at the wiki', (await visit(deployment, 'wiki', wiki, issued)) === 'welcome');

  step(
    'Somebody sets up an authority with the same name',
    'It certifies a key for the same serial number. The names are right, the key is not.',
  );
  const other = await createCertificateAuthority({ seed: 'somebody else', at: START });
  const { chain, der } = await other.issue({
    orderId: 'forged',
    identifier: 'SIMULATED1',
    serialNumber: 'SIMULATED1',
    at: world.clock().toISOString(),
    spki: toBase64(issued.key.publicKey),
  });
  const forged = { key: issued.key, certificateChainPem: chain, certificateChain: [der] };
  announce(
    'refused: it is signed with another key',
    (await visit(deployment, 'wiki', wiki, forged)) === 'ERR_MDA_CHAIN_KEY_IDENTIFIER',
  );

  step(
    'A day later FileVault is off again',
    'The ACME server would not issue any more. What it has issued still counts.',
  );
  await reportFileVault(deployment, mac, false);
  const renewal = await enroll(mac.device);
  sayEnrollment(renewal);
  const meanwhile = await visit(deployment, 'wiki', wiki, issued);
  announce(
    'no new certificate; the old one is welcome',
    problemOf(renewal) === 'unauthorized' && meanwhile === 'welcome',
  );

  step('Two days later its lifetime has ended that');
  world.wait(2 * DAY + 1000);
  announce('refused: it has expired', (await visit(deployment, 'wiki', wiki, issued)) === 'ERR_MDA_CHAIN_EXPIRED');
}

async function revoke(deployment: Deployment, mac: Managed): Promise<void> {
  const { world, acme } = deployment;
  step(
    'The Mac is repaired, has a new certificate, and is lost',
    'The certificate is revoked. Of three relying parties one checks nothing, one has a revocation list that it',
    'fetches once a minute, and one asks by OCSP each time.',
  );
  await reportFileVault(deployment, mac, true);
  const outcome = await deployment.enroll(mac.device);
  sayEnrollment(outcome);
  const issued = requireIssued(outcome);
  const parties = {
    'no check': await deployment.validator(),
    list: await deployment.validator(deployment.revocation('lists')),
    OCSP: await deployment.validator(deployment.revocation('OCSP')),
  };
  const visitAll = async (): Promise<string> => {
    const answers: string[] = [];
    for (const [name, party] of Object.entries(parties)) answers.push(await visit(deployment, name, party, issued));
    return answers.join(', ');
  };
  announce('welcome at all three', (await visitAll()) === 'welcome, welcome, welcome');

  step('Revoked');
  const certificate = toBase64Url(issued.certificateChain[0]!);
  const { httpStatus } = await issued.account!.post(new URL('/revoke-cert', acme.directoryUrl).href, {
    certificate,
    reason: 1,
  });
  event('ACME server', `${httpStatus} to revokeCert`);
  announce('OCSP knows it at once', (await visitAll()) === 'welcome, welcome, revoked');

  step('A minute later');
  world.wait(61_000);
  announce(
    'so does the list; who checks nothing waits for the end',
    (await visitAll()) === 'welcome, revoked, revoked',
  );
}

/** A day later the device reports. */
async function reportFileVault(deployment: Deployment, { client }: Managed, fileVault: boolean): Promise<void> {
  client.update({ fileVault });
  deployment.world.wait(DAY);
  await client.poll();
  await sayFacts(deployment, 'SIMULATED1');
}

const problemOf = (outcome: AcmeOutcome): string | undefined =>
  outcome.status === 'refused' ? outcome.problem?.type.replace('urn:ietf:params:acme:error:', '') : undefined;

export function requireIssued(outcome: AcmeOutcome): Issued {
  if (outcome.status !== 'issued') throw new Error(`no certificate: ${outcome.status}`);
  return outcome;
}
