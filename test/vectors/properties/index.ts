import type { DraftFolder } from '../draft.ts';
import { OTHER } from './other.ts';
import { draftOf } from './row.ts';
import { STATES } from './states.ts';
import { TEXT } from './text.ts';
import { VALUES } from './values.ts';

/** What a leaf says, verified or not. */
export const PROPERTIES: DraftFolder = () => Promise.all([...STATES, ...TEXT, ...VALUES, ...OTHER].map(draftOf));
