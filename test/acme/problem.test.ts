import { expect, it } from 'vitest';
import { acmeProblem, type AcmeProblemName } from '../../src/acme/index.ts';

it.each<[AcmeProblemName, number]>([
  ['accountDoesNotExist', 400],
  ['alreadyRevoked', 400],
  ['badAttestationStatement', 400],
  ['badCSR', 400],
  ['badNonce', 400],
  ['badPublicKey', 400],
  ['badRevocationReason', 400],
  ['badSignatureAlgorithm', 400],
  ['externalAccountRequired', 403],
  ['malformed', 400],
  ['orderNotReady', 403],
  ['rateLimited', 429],
  ['rejectedIdentifier', 400],
  ['serverInternal', 500],
  ['unauthorized', 403],
  ['unsupportedIdentifier', 400],
  ['userActionRequired', 403],
])('%s has the status %i', (name, status) => {
  const detail = 'fixed text';
  expect(acmeProblem(name, detail)).toEqual({ type: `urn:ietf:params:acme:error:${name}`, status, detail });
});

it('makes no other', () => {
  for (const name of ['', 'badcsr', 'toString', '__proto__', undefined, 400])
    expect(() => acmeProblem(name as never, '')).toThrow(TypeError);
  for (const detail of [undefined, null, 1, {}])
    expect(() => acmeProblem('badCSR', detail as never)).toThrow(TypeError);
});
