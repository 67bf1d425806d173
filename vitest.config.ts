import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The commands run in processes of their own, where coverage does not see them.
      exclude: ['src/cli/**'],
      thresholds: { 100: true },
      reporter: ['text'],
    },
  },
});
