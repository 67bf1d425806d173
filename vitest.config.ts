import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Nearly all of it is functions over bytes, and what a test changes it puts back: a file that starts from the modules
    // of the file before saves half of the time. All processors, for processes that are waited for take much of the rest.
    isolate: false,
    restoreMocks: true,
    maxWorkers: '100%',
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
