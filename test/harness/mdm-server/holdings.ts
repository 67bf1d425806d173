import { enforcement, type Withheld } from '../../../src/policy/index.ts';
import { installCommand, removeCommand, type WrittenCommand } from './commands.ts';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import type { WithheldItem } from './options.ts';
import { cancel, type Command, enqueue, lastSent, withdraw } from './queue.ts';

/** Where an item is between the service and one device. */
export interface Holding {
  readonly item: string;
  readonly state: 'absent' | 'installing' | 'installed' | 'removing';
  readonly commandUuid: string | undefined;
  /** After the device failed: not before. */
  readonly retryAt: Date | undefined;
}

interface HoldingRow {
  readonly item: string;
  readonly state: Holding['state'];
  readonly command_uuid: string | null;
  readonly retry_at: string | null;
}

const RETRY_MILLISECONDS = 3_600_000;

export function listHoldings(database: Database, enrollmentId: string): readonly Holding[] {
  return (
    database.all('SELECT * FROM holdings WHERE enrollment_id = ? ORDER BY item', enrollmentId) as readonly HoldingRow[]
  ).map(({ item, state, command_uuid, retry_at }) => ({
    item,
    state,
    commandUuid: command_uuid ?? undefined,
    retryAt: retry_at === null ? undefined : new Date(retry_at),
  }));
}

function write(database: Database, enrollmentId: string, { item, state, commandUuid, retryAt }: Holding): void {
  database.run(
    'INSERT OR REPLACE INTO holdings VALUES (?, ?, ?, ?, ?)',
    enrollmentId,
    item,
    state,
    commandUuid ?? null,
    retryAt?.toISOString() ?? null,
  );
}

/**
 * Queues what gives a device what it may have and takes from it what it may not. What may have reached it counts as there,
 * until the device says that it is gone.
 */
export function enforce(context: Context, enrollmentId: string, allowed: boolean): void {
  const { database, withheld } = context;
  const holdings = new Map(listHoldings(database, enrollmentId).map((holding) => [holding.item, holding]));
  const items = withheld.map((item): WithheldItem & Withheld & { readonly holding: Holding } => {
    const holding = holdings.get(item.id) ?? {
      item: item.id,
      state: 'absent',
      commandUuid: undefined,
      retryAt: undefined,
    };
    return { ...item, isReleased: holding.state !== 'absent' && !(allowed && isUncertain(holding)), holding };
  });
  const { release, remove } = enforcement({ allowed }, items);
  const order = (item: (typeof items)[number], state: Holding['state'], written: WriteCommand): void => {
    const { retryAt, commandUuid } = item.holding;
    if (item.holding.state === state && commandUuid !== undefined) return;
    // What failed waits; the contrary of it does not.
    const isAgain = state === (item.holding.state === 'absent' ? 'installing' : item.holding.state);
    if (isAgain && retryAt !== undefined && retryAt > context.clock()) return;
    const uuid = crypto.randomUUID().toUpperCase();
    enqueue(database, { uuid, enrollmentId, item: item.id, ...written(uuid, item) });
    write(database, enrollmentId, { item: item.id, state, commandUuid: uuid, retryAt: undefined });
  };

  for (const item of release) order(item, 'installing', installCommand);
  for (const item of remove) {
    if (takeBack(database, item.holding, 'installing')) setState(database, enrollmentId, item.holding, 'absent');
    else {
      if (item.holding.state === 'installing' && item.holding.commandUuid !== undefined)
        withdraw(database, item.holding.commandUuid);
      order(item, 'removing', removeCommand);
    }
  }
  if (!allowed) return;
  for (const { holding } of items)
    if (takeBack(database, holding, 'removing'))
      setState(
        database,
        enrollmentId,
        holding,
        wasConfirmed(database, enrollmentId, holding) ? 'installed' : 'installing',
      );
}

/** Whether the last that the device was told of the item is done. */
const wasConfirmed = (database: Database, enrollmentId: string, { item }: Holding): boolean =>
  lastSent(database, enrollmentId, item)?.state === 'acknowledged';

/** What failed to go may be gone, and what was never confirmed may not have come: if the device may have it, it is given again. */
const isUncertain = ({ state, commandUuid }: Holding): boolean =>
  (state === 'installing' || state === 'removing') && commandUuid === undefined;

type WriteCommand = (uuid: string, item: WithheldItem) => WrittenCommand;

/** Whether the holding waits for a command that the device has not carried out, and now never will. */
const takeBack = (database: Database, holding: Holding, state: 'installing' | 'removing'): boolean =>
  holding.state === state && holding.commandUuid !== undefined && cancel(database, holding.commandUuid);

const setState = (database: Database, enrollmentId: string, holding: Holding, state: Holding['state']): void =>
  write(database, enrollmentId, { ...holding, state, commandUuid: undefined, retryAt: undefined });

/** What the device answered to a command that gives or takes; `lost`: nothing that could be read. */
export function noteAnswer(context: Context, command: Command, answer: 'succeeded' | 'failed' | 'lost'): void {
  const { database, clock } = context;
  const { enrollmentId } = command;
  const holding = listHoldings(database, enrollmentId).find(({ commandUuid }) => commandUuid === command.uuid);
  // Another command has taken its place since.
  if (holding === undefined) return;
  if (answer === 'succeeded') {
    setState(database, enrollmentId, holding, holding.state === 'removing' ? 'absent' : 'installed');
    return;
  }
  // What could not be installed is not there. What could not be removed may be, and so may what nobody knows about.
  const isAbsent = holding.state === 'installing' && answer === 'failed';
  write(database, enrollmentId, {
    ...holding,
    state: isAbsent ? 'absent' : holding.state,
    commandUuid: undefined,
    retryAt: new Date(clock().getTime() + RETRY_MILLISECONDS),
  });
}
