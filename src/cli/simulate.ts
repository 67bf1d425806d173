import { toBase64, toBase64Url } from '../index.ts';
import type { AcmeEvent, AcmeOutcome, AcmeTamper, Fault, SimulatedDevice } from '../testing/index.ts';
import { readAuthorityFile } from './authority-file.ts';
import { ACCEPTED, type ExitCode, NO_VERDICT, type Outcome, REFUSED } from './exit-codes.ts';
import { createHttpsFetch } from './https-fetch.ts';
import { jsonText } from './json-text.ts';
import { type NewFile, requireNone, writeNewFiles } from './new-files.ts';
import { OperatorError } from './operator-error.ts';
import { readSimulateArguments, type SimulateArguments } from './simulate-arguments.ts';
import { simulateJson } from './simulate-json.ts';
import { renderSimulation, waitNote } from './simulate-text.ts';
import { layoutOfStdout } from './terminal.ts';

/** What `mda simulate acme` did, before it is written for people or programs. */
export interface Simulation {
  readonly args: SimulateArguments;
  readonly device: SimulatedDevice;
  readonly outcome: AcmeOutcome;
  readonly events: readonly AcmeEvent[];
}

const EXIT_CODES: Readonly<Record<AcmeOutcome['status'], ExitCode>> = {
  issued: ACCEPTED,
  refused: REFUSED,
  undecided: NO_VERDICT,
};

/** Somebody is waiting at a terminal: less patience than a device has. */
const RETRY = { attempts: 4, maxWaitMilliseconds: 60_000 };

/** Enrolls a simulated device with an ACME server. */
export async function simulate([what, ...rest]: readonly string[]): Promise<Outcome> {
  if (what !== 'acme') throw new OperatorError('say mda simulate acme; see mda help simulate');
  const args = await readSimulateArguments(rest);
  const { out, json } = args;
  if (out !== undefined) requireNone(out, ['certificate.pem', 'csr.pem', 'attestation.json']);
  const simulation = await enroll(args);
  if (out !== undefined) await writeNewFiles(out, filesOf(simulation.outcome));
  return {
    exitCode: EXIT_CODES[simulation.outcome.status],
    text: json ? jsonText(simulateJson(simulation)) : renderSimulation(simulation, layoutOfStdout()),
  };
}

async function enroll(args: SimulateArguments): Promise<Simulation> {
  const { createSimulatedDevice, enrollByAcme } = await import('../testing/index.ts');
  const { fault } = args;
  const honest = await readAuthorityFile(args.authority);
  const authority = isOf(fault, 'chain') ? honest.withFault(fault.name) : honest;
  const clock = () => new Date();
  const device = createSimulatedDevice(authority, { clock, ...args.device });
  const events: AcmeEvent[] = [];
  const outcome = await enrollByAcme(device, {
    ...args.enrollment,
    fetch: createHttpsFetch(args.ca),
    clock,
    retry: RETRY,
    tamper: await tamperOf(fault, device),
    observe(event) {
      if (event.event === 'wait') process.stderr.write(waitNote(event.milliseconds, events.at(-1)));
      events.push(event);
    },
  });
  return { args, device, outcome, events };
}

type AnyFault = SimulateArguments['fault'];

/** Whether the fault lies in the chain, or in the attestation object around it. */
const isOf = <Of extends Fault['of']>(fault: AnyFault, of: Of): fault is Extract<Fault, { of: Of }> =>
  fault !== undefined && 'of' in fault && fault.of === of;

async function tamperOf(fault: AnyFault, device: SimulatedDevice): Promise<AcmeTamper> {
  if (fault === undefined || isOf(fault, 'chain')) return {};
  if (!isOf(fault, 'object')) return fault.tamper(device);
  const { encodeAttestationObject } = await import('../testing/index.ts');
  return { attestationObject: (_, { x5c }) => encodeAttestationObject(x5c, { fault: fault.name }) };
}

/** What there is to look at afterwards; the key stays in the process, as it would in an enclave. */
function filesOf(outcome: AcmeOutcome): readonly NewFile[] {
  const { attestationObject, csr } = outcome.sent;
  return [
    ...(outcome.status === 'issued' ? [{ name: 'certificate.pem', content: outcome.certificateChainPem }] : []),
    ...(csr === undefined ? [] : [{ name: 'csr.pem', content: pemOfRequest(csr) }]),
    ...(attestationObject === undefined
      ? []
      : [{ name: 'attestation.json', content: jsonText({ attObj: toBase64Url(attestationObject) }) }]),
  ];
}

/** RFC 7468, 7. */
function pemOfRequest(csr: Uint8Array): string {
  const lines = toBase64(csr).match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}
