import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['src/core/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A mutant that loops is stopped by counting; on a busy machine a short limit takes slow ones for killed.
  timeoutMS: 60_000,
  // The tests are run by a compiler that drops types; `npm run types` is what judges them.
  disableTypeChecks: false,
  ignorePatterns: ['bench', 'coverage', 'dist', 'docs', 'reports', 'vectors'],
  // Outside of the tree, where no other tool comes upon a second copy of it.
  tempDirName: join(tmpdir(), 'managed-device-attestation-mutation'),
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'json', 'html'],
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation/mutation.html' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
