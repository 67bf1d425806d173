import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'acme/index': 'src/acme/index.ts',
    'mdm/index': 'src/mdm/index.ts',
    'policy/index': 'src/policy/index.ts',
    'identity/index': 'src/identity/index.ts',
    'relying-party/index': 'src/relying-party/index.ts',
    'testing/index': 'src/testing/index.ts',
    'conformance/index': 'src/conformance/index.ts',
    'cli/main': 'src/cli/main.ts',
  },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  // Modules that entries share are built once: `instanceof AttestationError` holds across sub-paths.
  splitting: true,
  dts: {
    entry: {
      index: 'src/index.ts',
      'acme/index': 'src/acme/index.ts',
      'mdm/index': 'src/mdm/index.ts',
      'policy/index': 'src/policy/index.ts',
      'identity/index': 'src/identity/index.ts',
      'relying-party/index': 'src/relying-party/index.ts',
      'testing/index': 'src/testing/index.ts',
      'conformance/index': 'src/conformance/index.ts',
    },
  },
  external: [/^node:/],
  clean: true,
});
