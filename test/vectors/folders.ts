import { ACME } from './acme/index.ts';
import { ATTESTATION_OBJECT } from './attestation-object/index.ts';
import { CHAIN } from './chain/index.ts';
import { CSR } from './csr/index.ts';
import { DEVICE_INFORMATION } from './device-information/index.ts';
import type { DraftFolder, Folder } from './draft.ts';
import { FRESHNESS } from './freshness.ts';
import { PROPERTIES } from './properties/index.ts';

/** Where the drafts of each folder come from. */
export const DRAFTS: Readonly<Record<Folder, DraftFolder>> = {
  chain: CHAIN,
  properties: PROPERTIES,
  freshness: FRESHNESS,
  'attestation-object': ATTESTATION_OBJECT,
  acme: ACME,
  csr: CSR,
  'device-information': DEVICE_INFORMATION,
};
