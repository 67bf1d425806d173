import { defineConfig } from 'vitest/config';

// A mutant reruns every test that reaches it, so only what is quick and precise takes part: no random input,
// no process of its own, nothing that reads outside of the sandbox.
export default defineConfig({
  test: {
    include: [
      'test/core/*.test.ts',
      'test/acme/*.test.ts',
      'test/hostile/{aliasing,arguments,chain,keys,linearity,parts}.test.ts',
    ],
    // Starts Redis.
    exclude: ['test/acme/stores.test.ts'],
    testTimeout: 60_000,
  },
});
