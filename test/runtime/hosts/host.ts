import type { TaskInput, TaskName, TaskOutput } from '../tasks.ts';

/** A runtime that is running, seen from the tests: an order goes in, its outcome comes out, both JSON. */
export interface Host {
  readonly send: (order: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Has a task done; throws what it threw. */
export async function ask<Name extends TaskName>(
  host: Host,
  task: Name,
  ...[input]: TaskInput<Name>
): Promise<TaskOutput<Name>> {
  const outcome = JSON.parse(await host.send(JSON.stringify({ task, input }))) as
    { readonly output: TaskOutput<Name> } | { readonly failure: string };
  if ('failure' in outcome) throw new Error(outcome.failure);
  return outcome.output;
}
