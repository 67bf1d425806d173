import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../harness/mdm-server/database.ts';
import { listEnrollments } from '../harness/mdm-server/enrollment.ts';
import { createSqlStore } from '../harness/mdm-server/sql-store.ts';
import { createWorld } from './world.ts';

/** The database: what is in it outlives the service, and what may happen once happens once. */

const folder = mkdtempSync(join(tmpdir(), 'mdm-server-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a service that is started again knows its enrollments, and everything about them', async () => {
  const path = join(folder, 'service.db');
  const world = await createWorld({ database: openDatabase(path) });
  const { client } = world.device();
  await client.installProfile(await world.profileForDevice());
  expect((await client.poll()).status).toBe('idle');
  const before = world.enrollment();
  expect(before.decision).toMatchObject({ allowed: true });
  await world.stop();

  const database = openDatabase(path);
  expect(listEnrollments(database)).toEqual([before]);
  database.close();
});

describe('the store', () => {
  let now = 0;
  let database: Database;
  const open = (path = ':memory:') => createSqlStore((database = openDatabase(path)), () => new Date(now));
  afterEach(() => database.close());

  it('keeps a value until its time is up', () => {
    const store = open();
    void store.set('a', '1');
    void store.set('b', '2', 1000);
    void store.set('b', '3', 2000);
    now += 1999;
    expect([store.get('a'), store.get('b'), store.get('c')]).toEqual(['1', '3', undefined]);
    now += 1;
    expect([store.get('a'), store.get('b'), store.delete('b')]).toEqual(['1', undefined, false]);
  });

  it('lets one of several processes have what there is once', () => {
    const path = join(folder, 'store.db');
    const first = open(path);
    const other = openDatabase(path);
    const second = createSqlStore(other, () => new Date(now));
    expect([first.setIfAbsent('a', '1'), second.setIfAbsent('a', '2')]).toEqual([true, false]);
    expect(second.get('a')).toBe('1');
    expect([second.delete('a'), first.delete('a')]).toEqual([true, false]);
    other.close();
  });

  it('writes all or nothing', () => {
    const store = open();
    expect(() =>
      database.atomically(() => {
        void store.set('a', '1');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.get('a')).toBeUndefined();
  });
});
