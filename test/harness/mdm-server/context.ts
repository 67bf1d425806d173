import type { Store } from '../../../src/acme/index.ts';
import type { Policy } from '../../../src/policy/index.ts';
import type { Database } from './database.ts';
import type { MdmServerOptions } from './options.ts';
import type { Turns } from './turns.ts';
import type { Urls } from './urls.ts';

/** What every resource works with. */
export interface Context extends Required<
  Pick<MdmServerOptions, 'acme' | 'plainAnchors' | 'attestationAnchors' | 'secrets' | 'withheld' | 'clock'>
> {
  readonly database: Database;
  /** Where client identifiers are kept until they are claimed. */
  readonly store: Store;
  readonly urls: Urls;
  /** DER of what a device has to trust to reach this service. */
  readonly tlsRoot: Uint8Array;
  readonly turns: Turns;
  readonly askSecret: string | undefined;
  readonly factsSecret: string | undefined;
  readonly reportSeconds: number;
  readonly refreshAfterSeconds: number;
  readonly policy: () => Policy;
}
