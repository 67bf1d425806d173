import { AttestationError } from '../../src/index.ts';
import type { AcmeOutcome, AcmeProblem } from '../../src/testing/index.ts';
import type { Deployment, DeviceIdentity } from '../harness/deployment.ts';
import type { RelyingParty } from '../harness/relying-party/server.ts';
import { announce, event } from './stage.ts';

/** What the servers said, as it came back. */

export function sayProblem(refused: { readonly step: string; readonly problem: AcmeProblem | undefined }): void {
  event('ACME server', `refuses the ${refused.step}: ${refused.problem?.type ?? 'without a word'}`);
  if (refused.problem?.detail !== undefined) event('', `"${refused.problem.detail}"`);
}

export function sayEnrollment(outcome: AcmeOutcome): void {
  if (outcome.status === 'issued') event('ACME server', 'issues a certificate');
  else if (outcome.status === 'refused') sayProblem(outcome);
  else event('ACME server', `gives no answer that counts: ${outcome.reason}`);
}

/** A request over TLS; returns `welcome`, with `kept` if an earlier decision was used, or the code of the refusal: for a certificate that is not accepted, what is wrong with it. */
export async function visit(
  { visit: come, log }: Deployment,
  name: string,
  party: RelyingParty,
  identity: DeviceIdentity | undefined,
  path = '/',
): Promise<string> {
  const { status, body } = await come(identity, party, path);
  const passage = log.at(-1)?.passage;
  const asked = `${name}${path === '/' ? '' : path}`;
  if (status === 200) {
    const isKept = body['cached'] === true;
    // Whose word a name is stands before it, by a hash that a reader of the demo has no use for.
    const device = String(body['device']).replace(/^named:[0-9a-f]{64}:[^:]*:/, 'named by its authority:');
    event(asked, `200 welcome, ${JSON.stringify(device)}${isKept ? '; a decision that was kept' : ''}`);
    return isKept ? 'welcome, kept' : 'welcome';
  }
  const code = typeof body['code'] === 'string' ? body['code'] : 'no code';
  event(asked, `${status} "${code}"`);
  if (passage?.allowed !== false) return code;
  // The device hears the code. The rest is for the log of the service.
  for (const { rule, code: why } of passage.reasons) event('', `in its log: ${rule} ${why}`);
  if (!(passage.error instanceof AttestationError)) return code;
  event('', `in its log: ${passage.error.code}`);
  return passage.error.code;
}

/** What the MDM service answers to those who may ask about a device. */
export async function sayFacts({ askFacts }: Deployment, serialNumber: string): Promise<void> {
  const { enrolled, reported } = await askFacts(serialNumber);
  const { fileVault } = reported;
  const known = fileVault?.status === 'known' ? `; reported: FileVault ${fileVault.value ? 'on' : 'off'}` : '';
  event('MDM service', `on ${serialNumber}: ${enrolled ? 'under management' : 'not under management'}${known}`);
}

/** Ends a model: nothing went wrong that nobody was told of. */
export function requireNoErrors(...lists: readonly (readonly unknown[])[]): void {
  for (const error of lists.flat()) announce(`no server fails: ${String(error)}`, false);
}
