/** Named limit: a thousand years, in seconds, so that every sum of times is exact, and a time. */
export const MAX_SECONDS = 31_556_952_000;
