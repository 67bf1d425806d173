import {
  type AcknowledgedResponse,
  type CommandResponse,
  parseCommandResponse,
  type PlistValue,
  writePlist,
} from '../../src/mdm/index.ts';

/** A value of a test, as a property list: objects are dictionaries, and whole numbers integers. */
export type Loose = string | bigint | number | boolean | Date | Uint8Array | readonly Loose[] | Members;

/** Members of a dictionary; one that is undefined is left out. */
export interface Members {
  readonly [key: string]: Loose | undefined;
}

export function plistOf(value: Loose): PlistValue {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return (value as readonly Loose[]).map(plistOf);
  if (typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array) return value as PlistValue;
  const entries = Object.entries(value).flatMap(([key, item]): [string, PlistValue][] =>
    item === undefined ? [] : [[key, plistOf(item)]],
  );
  return new Map(entries);
}

export function encodePlist(value: Loose): Uint8Array {
  return new TextEncoder().encode(writePlist(plistOf(value)));
}

export const COMMAND = '0F5C1B2A-6D11-4C4B-8E57-3A1B7E0F9D21';
export const UDID = '5A3C0001-0000-4000-8000-000000000001';

/** What a device sends, with what the test changes; a member that is undefined is left out. */
export function bodyOf(members: Members = {}): Uint8Array {
  return encodePlist({ CommandUUID: COMMAND, Status: 'Acknowledged', UDID, ...members });
}

export function responseOf(members: Members = {}): CommandResponse {
  return parseCommandResponse(bodyOf(members));
}

/** An answer to a DeviceInformation command. */
export function answerOf(answers: Members, members: Members = {}): AcknowledgedResponse {
  return responseOf({ QueryResponses: answers, ...members }) as AcknowledgedResponse;
}
