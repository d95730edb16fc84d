import type { Command, Options, OptionSpec } from '../command.js';
import { GLOBAL_OPTIONS } from '../global-options.js';
import { TOPICS } from '../help/topics.js';
import type { Io } from '../io.js';
import { findEntry, REGISTRY } from '../registry.js';
import { recallTools } from '../settings/tools-cache.js';

/** What may stand at the end of a command line, given the line up to the cursor. Asks no gateway. */
export async function complete(line: string, io: Io): Promise<readonly string[]> {
  const words = line.split(/\s+/).slice(1);
  const typed = words.at(-1) ?? '';
  const candidates = await candidatesAfter(words.slice(0, -1), typed, io);
  return candidates.filter((candidate) => candidate.startsWith(typed));
}

async function candidatesAfter(before: readonly string[], typed: string, io: Io): Promise<readonly string[]> {
  const [name, ...rest] = before.filter((word) => !word.startsWith('-'));
  if (name === undefined) return Object.keys(REGISTRY);
  const entry = findEntry(name);
  if (entry === undefined) return [];
  if (name === 'help') return rest.length > 0 ? [] : [...Object.keys(REGISTRY), ...Object.keys(TOPICS)];
  const loaded = await entry.load();
  if (loaded.kind === 'command')
    return ofCommand(name, loaded, { rest, last: before.at(-1) ?? '', typed, io });
  const member =
    rest[0] !== undefined && Object.hasOwn(loaded.members, rest[0]) ? loaded.members[rest[0]] : undefined;
  const last = before.at(-1) ?? '';
  if (member === undefined && !typed.startsWith('-') && !last.startsWith('-'))
    return rest.length > 0 ? [] : Object.keys(loaded.members);
  const command = member?.command ?? loaded.members[loaded.default]?.command;
  if (command === undefined) return [];
  return ofCommand(name, command, { rest: rest.slice(1), last, typed, io });
}

/** Commands whose first word is a tool. */
const TAKE_TOOLS = ['call', 'preflight', 'execute'];

interface At {
  /** Words after the command that are no options. */
  readonly rest: readonly string[];
  /** The word before the cursor. */
  readonly last: string;
  readonly typed: string;
  readonly io: Io;
}

async function ofCommand(
  name: string,
  command: Command,
  { rest, last, typed, io }: At,
): Promise<readonly string[]> {
  const options: Options = { ...command.options, ...GLOBAL_OPTIONS };
  const before = Object.entries(options).find(([option]) => last === `--${option}`)?.[1];
  if (before !== undefined && before.type !== 'boolean') return choicesOf(before);
  if (typed.startsWith('-')) return Object.keys(options).map((option) => `--${option}`);
  if (TAKE_TOOLS.includes(name) && rest.length === 0) return recallTools(io);
  return Object.values(command.positionals)[rest.length]?.choices ?? [];
}

function choicesOf(option: OptionSpec): readonly string[] {
  return option.type === 'string' ? (option.choices ?? []) : [];
}
