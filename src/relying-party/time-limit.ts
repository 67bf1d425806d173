/** `AbortSignal`, where the types of the platform have it. */
export type LookupSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : { readonly aborted: boolean; readonly reason: unknown };

/** The longest that a timer of the platform waits. */
export const MAX_TIMER_MILLISECONDS = 2_147_483_647;

const timeouts = /* @__PURE__ */ new WeakSet<object>();

/** Whether `withinTime` threw this because the time was up, and not the function an error of its own that looks alike. */
export function isTimeout(error: unknown): boolean {
  return timeouts.has(Object(error) as object);
}

/**
 * What a caller's function answers, if it does so in time; otherwise throws an error as `AbortSignal.timeout` has it,
 * and what comes later is dropped. The signal tells the function.
 */
export async function withinTime<Answer>(
  milliseconds: number,
  start: (signal: LookupSignal) => PromiseLike<Answer> | Answer,
): Promise<Answer> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = Object.assign(new Error(`no answer within ${milliseconds} ms`), { name: 'TimeoutError' });
      timeouts.add(error);
      reject(error);
      controller.abort();
    }, milliseconds);
  });
  // A function that throws at once is one that fails.
  const answer = (async () => start(controller.signal))();
  try {
    return await Promise.race([answer, end]);
  } finally {
    clearTimeout(timer);
  }
}

export function requireMilliseconds(value: unknown, option: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > MAX_TIMER_MILLISECONDS)
    throw new TypeError(`${option} must be a whole number from 1 to ${MAX_TIMER_MILLISECONDS}`);
  return value as number;
}
