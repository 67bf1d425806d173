import { parseArgs, type ParseArgsConfig } from 'node:util';
import { OperatorError } from './operator-error.ts';
import { printable } from '../conformance/printable.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What stands on a command line: the values of each option, in their order, and the rest. */
export interface CommandLine {
  readonly positionals: readonly string[];
  /** Whether a switch was given. */
  readonly has: (option: string) => boolean;
  /** Every value of an option. */
  readonly all: (option: string) => readonly string[];
  /** The value of an option that may be given once. */
  readonly one: (option: string) => string | undefined;
}

/**
 * Reads the arguments of a command.
 *
 * @param switches options without a value
 * @param valued options with a value
 */
export function readArguments(
  args: readonly string[],
  switches: readonly string[],
  valued: readonly string[] = [],
): CommandLine {
  const options: Options = {};
  for (const name of switches) options[name] = { type: 'boolean', ...(name === 'help' ? { short: 'h' } : {}) };
  for (const name of valued) options[name] = { type: 'string', multiple: true };
  const { values, positionals } = parse(joinValues(args, switches, valued), options);
  const all = (option: string) => (values[option] ?? []) as readonly string[];
  return {
    positionals,
    has: (option) => values[option] === true,
    all,
    one(option) {
      const [value, ...more] = all(option);
      if (more.length > 0) throw new OperatorError(`--${option} was given ${all(option).length} times; give it once`);
      return value;
    },
  };
}

/**
 * `--token -abc` becomes `--token=-abc`: one base64url token in 64 begins with a dash, and who copies it from
 * a log should not have to know. A known option stays one, so that a forgotten value is noticed.
 */
function joinValues(args: readonly string[], switches: readonly string[], valued: readonly string[]): string[] {
  const known = [...switches, ...valued];
  const isKnown = (arg: string) => known.some((name) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const next = args[i + 1];
    if (arg === '--') return [...joined, ...args.slice(i)];
    if (valued.some((name) => arg === `--${name}`) && next?.startsWith('-') === true && !isKnown(next)) {
      joined.push(`${arg}=${next}`);
      i++;
    } else joined.push(arg);
  }
  return joined;
}

function parse(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    if (typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS_')) throw error;
    // Its first sentence; the rest explains an escape that nobody needs here.
    const [fault = ''] = message.split(/\.? '?To |\.? ?\n/);
    throw new OperatorError(printable(`${fault.replace('argument is ambiguous', 'needs a value')}; see mda --help`));
  }
}
