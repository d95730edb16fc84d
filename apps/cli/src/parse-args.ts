import yargs, { type OptionConfig } from 'yargs';
import type { Command, Options, OptionSpec } from './command.js';
import { usageError } from './errors.js';
import { GLOBAL_OPTIONS } from './global-options.js';
import { suggest } from './suggest.js';

/** A command and the words that name it: `executions list`. */
export interface NamedCommand {
  readonly name: string;
  readonly summary: string;
  readonly command: Command;
}

/**
 * Options and positionals of a command line, without the words that name the command.
 * @throws CliError (usage) for whatever does not fit
 */
export async function parseArgs(
  { name, command }: NamedCommand,
  args: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const known: Options = { ...command.options, ...GLOBAL_OPTIONS };
  refuseUnknown(name, args, known);
  const { _: words, ...given } = await toParser(name, command, args).parseAsync();
  const values: Record<string, unknown> = {};
  for (const [option, spec] of Object.entries(known)) {
    const value = given[option] ?? (spec.type === 'boolean' ? false : undefined);
    if (spec.type === 'string' && spec.choices !== undefined && value !== undefined)
      requireChoice(name, `--${option}`, { value: String(value), choices: spec.choices });
    if (Number.isNaN(value)) throw usageError(`--${option} takes a number.`, [`invoke ${name} --help`]);
    values[toCamel(option)] = value;
  }
  return { ...values, ...parsePositionals(name, command, words.map(String)) };
}

/** The help of one command: yargs lays out the options, the rest is plain text. */
export async function helpOf({ name, command, summary }: NamedCommand): Promise<string> {
  const words = Object.entries(command.positionals).map(
    ([word, spec]) => [word, describeChoices(spec)] as const,
  );
  const width = Math.max(...words.map(([word]) => word.length), 0);
  const lines = words.map(([word, text]) => `  ${word.padEnd(width)}  ${text}`);
  const examples = command.examples.map(({ command: line, describe }) => `  # ${describe}\n  ${line}`);
  return [
    `invoke ${name}${signatureOf(command)}`,
    command.describe ?? summary,
    ...(lines.length === 0 ? [] : [`Arguments:\n${lines.join('\n')}`]),
    (await toParser(name, command, []).wrap(HELP_COLUMNS).getHelp()).trim(),
    ...(examples.length === 0 ? [] : [`Examples:\n${examples.join('\n')}`]),
  ].join('\n\n');
}

const HELP_COLUMNS = 110;

function describeChoices(spec: { readonly describe: string; readonly choices?: readonly string[] }): string {
  return spec.choices === undefined ? spec.describe : `${spec.describe} (${spec.choices.join(', ')})`;
}

function signatureOf({ positionals }: Command): string {
  return Object.entries(positionals)
    .map(([word, { required, variadic }]) => (required ? ` <${word}>` : ` [${word}${variadic ? '..' : ''}]`))
    .join('');
}

/** yargs reads options only; positionals are taken from what is left, as it loses a lone `-` and interleaved words. */
function toParser(name: string, command: Command, args: readonly string[]) {
  const parser = yargs(args)
    .scriptName(`invoke ${name}`)
    .locale('en')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .exitProcess(false)
    .help(false)
    .version(false)
    .fail((message, error) => {
      const text = (message ?? error?.message ?? 'The command line cannot be read.')
        .replace(/\s*\n\s*/g, ' ')
        .replace(/^Not enough arguments following: (.+)$/, '--$1 needs a value.');
      throw usageError(text, [`invoke ${name} --help`], error);
    });
  for (const [option, spec] of Object.entries(command.options))
    parser.option(option, toConfig(spec, 'Options:'));
  for (const [option, spec] of Object.entries(GLOBAL_OPTIONS))
    parser.option(option, toConfig(spec, 'Everywhere:'));
  return parser;
}

/** Choices are checked here and not by yargs, whose words for it nobody would type. */
function toConfig(spec: OptionSpec, group: string): OptionConfig {
  if (spec.type === 'boolean') return { ...spec, group };
  if (spec.type === 'number') return { ...spec, group, requiresArg: true };
  const { choices: _, ...rest } = spec;
  return { ...rest, describe: describeChoices(spec), group, requiresArg: true };
}

function parsePositionals(
  name: string,
  command: Command,
  words: readonly string[],
): Record<string, string | readonly string[]> {
  const values: Record<string, string | readonly string[]> = {};
  const rest = [...words];
  for (const [word, spec] of Object.entries(command.positionals)) {
    const value = spec.variadic ? rest.splice(0) : rest.shift();
    if (value === undefined) {
      if (spec.required) throw usageError(`<${word}> is missing.`, [`invoke ${name} --help`]);
      continue;
    }
    if (spec.choices !== undefined)
      requireChoice(name, word, { value: String(value), choices: spec.choices });
    values[word] = value;
  }
  if (rest.length > 0) throw usageError(`"${rest[0]}" is one word too many.`, [`invoke ${name} --help`]);
  return values;
}

function requireChoice(
  name: string,
  what: string,
  { value, choices }: { readonly value: string; readonly choices: readonly string[] },
): void {
  if (choices.includes(value)) return;
  const meant = suggest(value, choices);
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw usageError(`${what} is one of ${choices.join(', ')}, not "${value}".${hint}`, [
    `invoke ${name} --help`,
  ]);
}

/** Before yargs sees them: it stumbles over names that every object has, such as --toString. */
function refuseUnknown(name: string, args: readonly string[], known: Options): void {
  const end = args.indexOf('--');
  for (const word of end === -1 ? args : args.slice(0, end)) {
    const [, dashes, option = ''] = /^(--?)([A-Za-z_][^=]*)/.exec(word) ?? [];
    if (dashes === undefined) continue;
    const plain = option.replace(/^no-/, '');
    const isNegated = plain !== option && Object.hasOwn(known, plain) && known[plain]?.type === 'boolean';
    if ((dashes === '--' && Object.hasOwn(known, option)) || isNegated) continue;
    const meant = suggest(option, Object.keys(known));
    const hint = meant === undefined ? '' : ` Did you mean --${meant}?`;
    throw usageError(`There is no option ${dashes}${option}.${hint}`, [`invoke ${name} --help`]);
  }
}

function toCamel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
