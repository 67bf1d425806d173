import { type Effort, measureHere, type Packed, prepareBlocks, runBlock } from '../../bench/runtime-lanes.ts';
import { runSuite } from './suite.ts';
import { probeWebCrypto } from './web-crypto.ts';

/** What a runtime can be asked to do; input and output are JSON. */
export const TASKS = {
  suite: runSuite,
  'web-crypto': probeWebCrypto,
  measure: ({ evidence, effort }: { readonly evidence: Packed; readonly effort: Effort }) =>
    measureHere(evidence, effort),
  'prepare-blocks': prepareBlocks,
  'run-block': ({ name, count }: { readonly name: string; readonly count: number }) => runBlock(name, count),
};

export type TaskName = keyof typeof TASKS;
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>;
export type TaskOutput<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>;

export interface Order {
  readonly task: TaskName;
  readonly input: unknown;
}

/** Does what is asked; a failure is text, so that it arrives wherever the runtime is. */
export async function perform({
  task,
  input,
}: Order): Promise<{ readonly output: unknown } | { readonly failure: string }> {
  try {
    const run = TASKS[task] as (input: unknown) => Promise<unknown>;
    return { output: await run(input) };
  } catch (error) {
    return { failure: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) };
  }
}
