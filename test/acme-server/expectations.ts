import { expect } from 'vitest';
import type { Answer, Members } from './client.ts';

/** The answer is a problem document of that type, and says what it is. */
export function expectProblem(answer: Answer, status: number, problem: string): void {
  expect([answer.status, answer.problem]).toEqual([status, problem]);
  expect(answer.body).toMatchObject({ type: `urn:ietf:params:acme:error:${problem}`, status });
  expect(typeof answer.body['detail']).toBe('string');
}

export const without = (members: Members, name: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([key]) => key !== name));

/** JSON as it stands in a JWS, and the way back. */
export const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
export const decoded = (text: unknown): Members =>
  JSON.parse(Buffer.from(text as string, 'base64url').toString('utf8')) as Members;
