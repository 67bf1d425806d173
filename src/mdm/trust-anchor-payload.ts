import { type Bytes, equalBytes, isBytes } from '../core/bytes.ts';
import { derCursor, enter, SEQUENCE } from '../core/der.ts';
import { payloadKeys } from './acme-payload.ts';
import { derivedUuid } from './payload-uuid.ts';
import type { PlistDictionary, PlistValue } from './plist-value.ts';
import { refuseProfile, refuseValue } from './profile-rules.ts';

/** Named limit: a profile has the roots of its own servers. */
const MAX_TRUST_ANCHORS = 16;

/**
 * A payload `com.apple.security.root` for each anchor. Their keys are of any kind, RSA too, so nothing but the frame of
 * DER is judged here.
 */
export async function trustAnchorPayloads(
  anchors: readonly Uint8Array[],
  profile: { readonly identifier: string; readonly uuid: string },
): Promise<readonly PlistDictionary[]> {
  const certificates = readAnchors(anchors);
  return Promise.all(
    certificates.map(async (der, index) => {
      const identifier = `${profile.identifier}.anchor-${index + 1}`;
      const uuid = await derivedUuid(profile.uuid, identifier);
      return new Map<string, PlistValue>([
        ...payloadKeys('com.apple.security.root', { identifier, uuid, displayName: undefined }),
        ['PayloadContent', der],
      ]);
    }),
  );
}

function readAnchors(anchors: unknown): readonly Bytes[] {
  if (!Array.isArray(anchors) || anchors.length > MAX_TRUST_ANCHORS)
    throw new TypeError(`trustAnchors must be an array of at most ${MAX_TRUST_ANCHORS} certificates`);
  const certificates: Bytes[] = [];
  Array.from(anchors as readonly unknown[], (anchor, index) => {
    if (!isBytes(anchor)) throw new TypeError(`trustAnchors[${index}] must be a Uint8Array`);
    if (!isSequence(anchor)) refuseValue('PayloadContent');
    if (certificates.some((other) => equalBytes(other, anchor)))
      refuseProfile('ERR_MDA_PROFILE_DUPLICATE', 'PayloadContent');
    certificates.push(new Uint8Array(anchor));
  });
  return certificates;
}

function isSequence(bytes: Uint8Array): boolean {
  const cursor = derCursor(bytes);
  try {
    enter(cursor, SEQUENCE);
  } catch {
    return false;
  }
  return cursor.end === bytes.length;
}
