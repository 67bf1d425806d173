import type { AcmeEvent } from './acme-events.ts';
import { requirePlainObject } from '../core/options.ts';

/** How long a device keeps trying. */
export interface AcmeRetry {
  /** How often one request, or one answer to a challenge, is sent before the device gives up; 6 unless given. */
  readonly attempts?: number;
  /** The wait after the first failure, doubled after each that follows; 250 unless given. */
  readonly firstDelayMilliseconds?: number;
  /** What a wait grows to, unless `Retry-After` asks for more; 10,000 unless given. */
  readonly maxDelayMilliseconds?: number;
  /** All waits of an enrollment together; 300,000 unless given. */
  readonly maxWaitMilliseconds?: number;
}

const DEFAULTS: Required<AcmeRetry> = {
  attempts: 6,
  firstDelayMilliseconds: 250,
  maxDelayMilliseconds: 10_000,
  maxWaitMilliseconds: 300_000,
};

/** What is left of it during one enrollment. */
export interface Patience {
  /** Whether another try is worth it after so many failures in a row; waits until it is time, as asked if it was. */
  readonly retry: (failures: number, askedMilliseconds: number | undefined) => Promise<boolean>;
  /** The same, after so many looks at something that was not ready. */
  readonly poll: (looks: number, askedMilliseconds: number | undefined) => Promise<boolean>;
  /** Whether a request may be sent again without a wait. */
  readonly again: (failures: number) => boolean;
}

export function createPatience(
  retry: AcmeRetry,
  sleep: (milliseconds: number) => Promise<void>,
  observe: (event: AcmeEvent) => void,
): Patience {
  const { attempts, firstDelayMilliseconds, maxDelayMilliseconds, maxWaitMilliseconds } = readRetry(retry);
  let left = maxWaitMilliseconds;
  const wait = async (milliseconds: number): Promise<boolean> => {
    if (milliseconds > left) return false;
    left -= milliseconds;
    observe({ event: 'wait', milliseconds });
    await sleep(milliseconds);
    return true;
  };
  const again = (failures: number): boolean => failures < attempts;
  const delay = (count: number): number => Math.min(firstDelayMilliseconds * 2 ** (count - 1), maxDelayMilliseconds);
  return {
    again,
    retry: async (failures, asked) => again(failures) && (await wait(asked ?? delay(failures))),
    // A server that asks for no wait at all would be asked for ever.
    poll: (looks, asked = 0) => wait(Math.max(asked, delay(looks), 1)),
  };
}

function readRetry(retry: AcmeRetry): Required<AcmeRetry> {
  requirePlainObject(retry, 'retry');
  const limits = { ...DEFAULTS, ...retry };
  for (const [name, value] of Object.entries(limits))
    if (!(name in DEFAULTS) || !Number.isFinite(value) || value < 0)
      throw new TypeError(`retry.${name} must be a number of ${Object.keys(DEFAULTS).join(', ')}`);
  return limits;
}

/** RFC 9110, 10.2.3: seconds, or the time of a clock. In milliseconds from now; undefined if it cannot be read. */
export function readRetryAfter(text: string | null, now: Date): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now.getTime());
}
