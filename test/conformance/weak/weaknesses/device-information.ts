import type { Property } from '../protocol.ts';
import { demand } from '../protocol.ts';
import { hex, REFERENCE } from '../reference.ts';
import type { Steps } from '../steps.ts';
import { weaknesses } from './weakness.ts';

type State = Parameters<Steps['stateOf']>;

/** The state of the reference, but for one that is called by another name. */
function calling(one: ReturnType<Steps['stateOf']>, other: ReturnType<Steps['stateOf']>): Pick<Steps, 'stateOf'> {
  return {
    stateOf: (...of) => {
      const state = REFERENCE.stateOf(...of);
      return state === one ? other : state;
    },
  };
}

/** The bytes as text; what is no UTF-8 becomes the replacement character. */
const asText = (code: string): string => Buffer.from(code, 'hex').toString();

const isAttested = (code: Property): boolean => code.status === 'attested';

export const DEVICE_INFORMATION_WEAKNESSES = [
  ...weaknesses('misreads', {
    'state: cached is called fresh': calling('cached', 'fresh'),
    'state: cached is called unknown': calling('cached', 'unknown-nonce'),
    'state: an unknown nonce is called cached': calling('unknown-nonce', 'cached'),
    'state: an unknown nonce is called fresh': calling('unknown-nonce', 'fresh'),
    'state: not requested is called fresh': calling('not-requested', 'fresh'),
    'state: not requested is called cached, by what the code is': {
      stateOf: (code, nonce, known, same) => {
        const isKnown = nonce === undefined && code.status === 'attested' && known.some((one) => same(code.value, one));
        return isKnown ? 'cached' : REFERENCE.stateOf(code, nonce, known, same);
      },
    },
    'state: not requested is called an unknown nonce': calling('not-requested', 'unknown-nonce'),
    'state: earlier nonces are ignored': {
      stateOf: (code, nonce, _, same) => REFERENCE.stateOf(code, nonce, [], same),
    },
    'state: the first of the earlier nonces alone is compared': {
      stateOf: (code, nonce, known, same) => REFERENCE.stateOf(code, nonce, known.slice(0, 1), same),
    },
    'state: the last of the earlier nonces alone is compared': {
      stateOf: (code, nonce, known, same) => REFERENCE.stateOf(code, nonce, known.slice(-1), same),
    },
    'state: earlier nonces are looked at before the one that was sent': {
      stateOf: (code, nonce, known, same) =>
        nonce !== undefined && code.status === 'attested' && known.some((one) => same(code.value, one))
          ? 'cached'
          : REFERENCE.stateOf(code, nonce, known, same),
    },
    'state: the beginning of the nonce is enough': {
      stateOf: (code, nonce, known) => REFERENCE.stateOf(code, nonce, known, (sent, asked) => asked.startsWith(sent)),
    },
    'state: the code may go on after the nonce': {
      stateOf: (code, nonce, known) => REFERENCE.stateOf(code, nonce, known, (sent, asked) => sent.startsWith(asked)),
    },
    'state: the code and the nonce are compared as text of UTF-8': {
      stateOf: (code, nonce, known) =>
        REFERENCE.stateOf(code, nonce, known, (sent, asked) => asText(sent) === asText(asked)),
    },
    'state: the code and the nonce are compared up to a zero byte': {
      stateOf: (code, nonce, known) =>
        REFERENCE.stateOf(
          code,
          nonce,
          known,
          (sent, asked) => asText(sent).split('\0')[0] === asText(asked).split('\0')[0],
        ),
    },
    'state: the code and the nonce are compared as numbers': {
      stateOf: (code, nonce, known) =>
        REFERENCE.stateOf(code, nonce, known, (sent, asked) => BigInt(`0x${sent}`) === BigInt(`0x${asked}`)),
    },
    'state: a nonce is padded with zeros to 32 bytes': {
      stateOf: (code, nonce, known) =>
        REFERENCE.stateOf(code, nonce, known, (sent, asked) => sent.padEnd(64, '0') === asked.padEnd(64, '0')),
    },
    'state: the code is the hash of the nonce': {
      codeOfNonce: async (nonce) => hex(new Uint8Array(await crypto.subtle.digest('SHA-256', nonce))),
    },
    'state: the code is the nonce in base64': {
      codeOfNonce: (nonce) => Promise.resolve(hex(Buffer.from(Buffer.from(nonce).toString('base64')))),
    },
  }),
  ...weaknesses('refuses', {
    'state: a mismatch is refused': {
      stateOf: (...of: State) => {
        const state = REFERENCE.stateOf(...of);
        demand(state !== 'cached' && state !== 'unknown-nonce', 'another nonce');
        return state;
      },
    },
    'state: a nonce that nobody knows is refused': {
      stateOf: (...of: State) => {
        const state = REFERENCE.stateOf(...of);
        demand(state !== 'unknown-nonce', 'another nonce');
        return state;
      },
    },
    'state: a missing code is refused where none was asked for': {
      stateOf: (code, ...rest) => {
        demand(isAttested(code), 'no code');
        return REFERENCE.stateOf(code, ...rest);
      },
    },
    'state: a nonce must have 32 bytes': {
      codeOfNonce: (nonce) => {
        demand(nonce.length === 32, 'a nonce of another length');
        return Promise.resolve(hex(nonce));
      },
    },
  }),
  ...weaknesses('accepts', {
    'state: a missing code is an unknown nonce': {
      stateOf: (code, nonce, known, same) =>
        nonce !== undefined && code.status === 'absent' ? 'unknown-nonce' : REFERENCE.stateOf(code, nonce, known, same),
    },
    'state: a blank code is an unknown nonce': {
      stateOf: (code, nonce, known, same) =>
        nonce !== undefined && code.status === 'blank' ? 'unknown-nonce' : REFERENCE.stateOf(code, nonce, known, same),
    },
    'state: a malformed code is an unknown nonce': {
      stateOf: (code, nonce, known, same) =>
        nonce !== undefined && code.status === 'malformed'
          ? 'unknown-nonce'
          : REFERENCE.stateOf(code, nonce, known, same),
    },
    'state: a missing code was not requested': {
      stateOf: (code, ...rest) => (isAttested(code) ? REFERENCE.stateOf(code, ...rest) : 'not-requested'),
    },
  }),
];
