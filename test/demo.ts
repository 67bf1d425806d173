import { parseArgs } from 'node:util';
import { showAttestation } from './demo/attestation.ts';
import { showModel1 } from './demo/model-1.ts';
import { showModel2 } from './demo/model-2.ts';
import { showModel3 } from './demo/model-3.ts';
import { ending, say } from './demo/stage.ts';

/**
 * An attestation, and then the ways to deploy it, at work. Run it with `npm run demo`, or one of them with
 * `npm run demo -- --model 1`. The servers are the reference services of `test/harness/`, on free ports of this machine; the
 * device and Apple's servers are simulated, so it needs no network, no device and no Apple. Nothing is printed that did not
 * happen. The exit code is 1 if anything does not come out as announced. Colours as the terminal likes them; NO_COLOR wins.
 */

const MODELS: Readonly<Record<string, () => Promise<void>>> = { 1: showModel1, 2: showModel2, 3: showModel3 };

const { model } = readArguments();
if (model === undefined) {
  await showAttestation();
  for (const show of Object.values(MODELS)) await show();
} else {
  await MODELS[model]!();
}
process.exitCode = ending();

function readArguments(): { readonly model: string | undefined } {
  try {
    const { model } = parseArgs({ options: { model: { type: 'string' } } }).values;
    if (model === undefined || model in MODELS) return { model };
  } catch {
    // Said below.
  }
  say(`usage: npm run demo -- [--model ${Object.keys(MODELS).join('|')}]`);
  process.exit(2);
}
