import Sqlite from 'libsql';
import { SCHEMA } from './schema.ts';

/** What SQLite keeps: texts, whole numbers, nothing. Bytes are kept as text, so that a dump can be read. */
export type SqlValue = string | number | null;

export interface Database {
  /** How many rows it changed. */
  readonly run: (sql: string, ...values: readonly SqlValue[]) => number;
  readonly get: (sql: string, ...values: readonly SqlValue[]) => unknown;
  readonly all: (sql: string, ...values: readonly SqlValue[]) => readonly unknown[];
  /** All of it or none; nobody sees half of it. */
  readonly atomically: <Result>(work: () => Result) => Result;
  readonly close: () => void;
}

type Statement = Sqlite.Statement<SqlValue[]>;

/**
 * Opens the database of a service, and makes its tables if they are not there.
 *
 * @param path a file, which outlives the process; or `:memory:`
 */
export function openDatabase(path: string): Database {
  const sqlite = new Sqlite(path);
  // Readers do not wait for a writer; a second process waits this long for its turn.
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;');
  sqlite.exec(SCHEMA);
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const statement = statements.get(sql) ?? sqlite.prepare<SqlValue[]>(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => prepare(sql).run(...values).changes,
    get: (sql, ...values) => prepare(sql).get(...values),
    all: (sql, ...values) => prepare(sql).all(...values),
    atomically: (work) => sqlite.transaction(work).immediate(),
    close: () => void sqlite.close(),
  };
}
