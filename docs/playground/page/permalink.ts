import { fromBase64Url, toBase64Url } from '../../../src/core/base64.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { type AnchorName, ANCHORS, FRESHNESS_MODES, type FreshnessMode } from './settings.ts';

/** Named limit: browsers and chats cut longer addresses off. */
export const MAX_LINK_BYTES = 24_576;

/** What a link holds: everything that the page judged, and nothing else. */
export interface LinkState {
  readonly evidence: Uint8Array;
  readonly at: Date;
  readonly anchor: AnchorName;
  readonly mode: FreshnessMode;
  readonly typed: string;
}

/** The fragment for a state. A browser does not send a fragment to any server. */
export function fragmentOf({ evidence, at, anchor, mode, typed }: LinkState): string {
  const parts = { v: '1', at: at.toISOString(), anchor, mode, typed, e: toBase64Url(evidence) };
  return `#${new URLSearchParams(parts).toString()}`;
}

/** Reads a fragment that somebody may have made up; undefined if it is none of this page's. */
export function readFragment(fragment: string): LinkState | undefined {
  if (fragment.length > 4 * MAX_LINK_BYTES) return undefined;
  const parts = new URLSearchParams(fragment.replace(/^#/, ''));
  const text = (name: string): string => parts.get(name) ?? '';
  const at = new Date(text('at'));
  const anchor = ANCHORS.find((known) => known === text('anchor'));
  const mode = FRESHNESS_MODES.find((known) => known === text('mode'));
  // A field for a time has four digits for the year, and no certificate is as old as the first of them.
  const isTime = at.getTime() >= Date.UTC(1900) && at.getTime() < Date.UTC(10_000);
  if (text('v') !== '1' || !isTime || anchor === undefined || mode === undefined) return undefined;
  try {
    return { evidence: fromBase64Url(text('e')), at, anchor, mode, typed: text('typed').slice(0, 1024) };
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}
