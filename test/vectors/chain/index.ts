import type { DraftFolder } from '../draft.ts';
import { ACCEPTED } from './accepted.ts';
import { ANCHORS } from './anchors.ts';
import { AUTHORITIES } from './authorities.ts';
import { FIELDS } from './certificate.ts';
import { CRITICAL } from './critical.ts';
import { ENCODINGS } from './der.ts';
import { EXTENSIONS } from './extensions.ts';
import { ATTESTED_KEYS } from './keys.ts';
import { NAMES } from './names.ts';
import { draftOf, type Row } from './row.ts';
import { SIGNATURES } from './signature.ts';
import { TIME } from './time.ts';
import { SENT } from './x5c.ts';

const ROWS: readonly Row[] = [
  ...ACCEPTED,
  ...SENT,
  ...ANCHORS,
  ...AUTHORITIES,
  ...CRITICAL,
  ...TIME,
  ...SIGNATURES,
  ...ENCODINGS,
  ...FIELDS,
  ...NAMES,
  ...EXTENSIONS,
  ...ATTESTED_KEYS,
];

/** A chain to an anchor, without freshness. */
export const CHAIN: DraftFolder = () => Promise.all(ROWS.map(draftOf));
