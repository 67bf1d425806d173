import packageJson from '../../package.json' with { type: 'json' };
import { authority } from './authority.ts';
import { conformance } from './conformance.ts';
import { ACCEPTED, type Outcome } from './exit-codes.ts';
import { COMMAND_HELP, HELP } from './help.ts';
import { inspect } from './inspect.ts';
import { OperatorError } from './operator-error.ts';
import { quote } from '../conformance/printable.ts';
import { simulate } from './simulate.ts';
import { verifier } from './verifier.ts';
import { verify } from './verify.ts';

type Command = (args: readonly string[]) => Promise<Outcome>;

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['verify', verify],
  ['inspect', inspect],
  ['verifier', verifier],
  ['conformance', conformance],
  ['authority', authority],
  ['simulate', simulate],
]);

const HELP_OPTIONS = ['--help', '-h'];

/** Runs the command that the arguments name. */
export async function run([name, ...args]: readonly string[]): Promise<Outcome> {
  if (name === undefined)
    throw new OperatorError(`a command is missing: ${[...COMMANDS.keys()].join(', ')}; see mda --help`);
  if (name === '--version' || name === '-V') return { exitCode: ACCEPTED, text: `${packageJson.version}\n` };
  if (name === 'help' || HELP_OPTIONS.includes(name)) return help(args[0]);
  const command = COMMANDS.get(name);
  if (command === undefined) throw unknownCommand(name);
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  return options.some((arg) => HELP_OPTIONS.includes(arg)) ? help(name) : command(args);
}

function help(name: string | undefined): Outcome {
  const text = name === undefined ? HELP : COMMAND_HELP.get(name);
  if (text === undefined) throw unknownCommand(name!);
  return { exitCode: ACCEPTED, text };
}

function unknownCommand(name: string): OperatorError {
  return new OperatorError(`there is no command ${quote(name)}; see mda --help`);
}
