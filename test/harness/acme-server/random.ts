import { toBase64Url } from '../../../src/index.ts';

/** 128 bits, as text that can stand in a URL (RFC 8555, 8 and 11.3, ask for as many). */
export const randomId = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
