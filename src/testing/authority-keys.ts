import { name } from './der-writer.ts';
import { type Key, keyFrom } from './key.ts';

/** The keys and names of an authority; nobody can take the names for Apple's. */
export interface AuthorityKeys {
  readonly root: Key;
  readonly subCa: Key;
  readonly rootName: Uint8Array;
  readonly subCaName: Uint8Array;
}

export function authorityKeys(seed: string): AuthorityKeys {
  return {
    root: keyFrom(`${seed} root`),
    subCa: keyFrom(`${seed} sub CA`),
    rootName: name({ CN: 'Simulated Enterprise Attestation Root CA', O: 'Not Apple', C: 'US' }),
    subCaName: name({ CN: 'Simulated Enterprise Attestation Sub CA 1', O: 'Not Apple', C: 'US' }),
  };
}
