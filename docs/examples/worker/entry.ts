import { DurableObject } from 'cloudflare:workers';

interface Written {
  readonly value: string;
  /** Milliseconds since 1970; Infinity for what stays. */
  readonly expiresAt: number;
}

/**
 * One entry of the store, in an object of its own. While an object waits for its storage no other event reaches it, so
 * each of these is one step, wherever in the world it is asked for: of several callers, one hears `true`.
 */
export class Entry extends DurableObject {
  async read(): Promise<string | undefined> {
    const written = (await this.ctx.storage.get('entry')) as Written | undefined;
    return written !== undefined && written.expiresAt > Date.now() ? written.value : undefined;
  }

  async write(value: string, ttlMilliseconds = Infinity): Promise<void> {
    const expiresAt = Date.now() + ttlMilliseconds;
    await this.ctx.storage.put('entry', { value, expiresAt } satisfies Written);
    if (expiresAt === Infinity) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(expiresAt);
  }

  async writeIfAbsent(value: string, ttlMilliseconds?: number): Promise<boolean> {
    if ((await this.read()) !== undefined) return false;
    await this.write(value, ttlMilliseconds);
    return true;
  }

  async remove(): Promise<boolean> {
    const isThere = (await this.read()) !== undefined;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    return isThere;
  }

  /** Its time is up: an object without anything in its storage is none, and costs nothing. */
  async alarm(): Promise<void> {
    if ((await this.read()) === undefined) await this.remove();
  }
}
