import type { IncomingMessage } from 'node:http';
import type { Reason } from '../../../src/policy/index.ts';
import type { RefusalCode } from '../../../src/relying-party/index.ts';

/** What a relying party decided on a request. */
export type Passage =
  | { readonly allowed: true; readonly device: string; readonly cached: boolean; readonly stale: boolean }
  | {
      readonly allowed: false;
      readonly code: RefusalCode;
      /** For a log, as `error` is: the device hears the code alone. */
      readonly reasons: readonly Reason[];
      readonly error: unknown;
    };

/** Decides who may come in: the part in which relying parties differ. It rejects for nothing that a client does. */
export type Gate = (request: IncomingMessage, resource: string) => Promise<Passage>;
