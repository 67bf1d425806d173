import { join } from 'node:path';
import { build } from 'esbuild';

const RUNNERS = join(import.meta.dirname, '..', 'runners');

/**
 * A runner as one module. What is imported by the name of the package is what was built (`exports` of package.json
 * leads to `dist/`): it is left to the runtime to find, or bundled where a runtime has one module only.
 */
export async function bundle(runner: 'process' | 'worker' | 'page'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(RUNNERS, `${runner}.ts`)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    external: runner === 'process' ? ['node:*', 'managed-device-attestation', 'managed-device-attestation/*'] : [],
    mainFields: ['module', 'main'],
    write: false,
    // Chunks that stand in the right order already are imported for their order alone.
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}
