import type { DraftFolder } from '../draft.ts';
import { ATTRIBUTES } from './attributes.ts';
import { FORM } from './form.ts';
import { KEYS } from './key.ts';
import { draftOf } from './row.ts';
import { SIGNATURES } from './signature.ts';

/** Certificate requests for an attested key. */
export const CSR: DraftFolder = () => Promise.all([...SIGNATURES, ...KEYS, ...FORM, ...ATTRIBUTES].map(draftOf));
