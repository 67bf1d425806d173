/** As much of the platform's module as this worker uses; `wrangler types` writes all of it. */
declare module 'cloudflare:workers' {
  interface ObjectStorage {
    readonly get: (key: string) => Promise<unknown>;
    readonly put: (key: string, value: unknown) => Promise<void>;
    readonly deleteAll: () => Promise<void>;
    readonly setAlarm: (milliseconds: number) => Promise<void>;
    readonly deleteAlarm: () => Promise<void>;
  }
  export class DurableObject {
    protected readonly ctx: { readonly storage: ObjectStorage };
  }
}
