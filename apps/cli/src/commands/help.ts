import { defineCommand, type Command, type CommandGroup } from '../command.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { GLOBAL_OPTIONS } from '../global-options.js';
import { groupHelp, rootHelp } from '../help/root-help.js';
import { TOPICS } from '../help/topics.js';
import { notYet } from '../not-yet.js';
import { helpOf } from '../parse-args.js';
import { findEntry, REGISTRY } from '../registry.js';
import { suggest } from '../suggest.js';

export const help = defineCommand({
  describe: `Help on a command or a topic: ${Object.keys(TOPICS).join(', ')}.`,
  positionals: { words: { describe: 'A command (such as executions show) or a topic', variadic: true } },
  options: { map: { type: 'string', describe: 'All commands at once, for programs', choices: ['json'] } },
  async run(args, { terminal }) {
    if (args.map === 'json') terminal.printJson(await commandMap());
    else terminal.print(await textFor(args.words));
    return EXIT.ok;
  },
});

async function textFor([name, member]: readonly string[]): Promise<string> {
  if (name === undefined) return rootHelp();
  if (Object.hasOwn(TOPICS, name)) return TOPICS[name] ?? '';
  const entry = findEntry(name);
  if (entry === undefined) {
    const missing = notYet(name);
    if (missing !== undefined) throw missing;
    const meant = suggest(name, [...Object.keys(REGISTRY), ...Object.keys(TOPICS)]);
    const hint = meant === undefined ? '' : ` Did you mean "invoke help ${meant}"?`;
    throw usageError(`There is no help on "${name}".${hint}`, ['invoke --help']);
  }
  const loaded = await entry.load();
  if (loaded.kind === 'command') return helpOf({ name, summary: entry.summary, command: loaded });
  const found =
    member !== undefined && Object.hasOwn(loaded.members, member) ? loaded.members[member] : undefined;
  if (found === undefined && member !== undefined)
    throw usageError(`There is no command "invoke ${name} ${member}".`, [`invoke ${name} --help`]);
  return found === undefined ? groupHelp(name, loaded) : helpOf({ name: `${name} ${member}`, ...found });
}

async function commandMap() {
  const commands = Object.entries(REGISTRY).map(async ([name, { section, summary, load }]) => ({
    name,
    section,
    summary,
    ...toMap(await load()),
  }));
  return { name: 'invoke', options: toOptions(GLOBAL_OPTIONS), commands: await Promise.all(commands) };
}

function toMap(loaded: Command | CommandGroup): object {
  if (loaded.kind === 'command') return commandToMap(loaded);
  const members = Object.entries(loaded.members).map(([name, { summary, command }]) => ({
    name,
    summary,
    ...commandToMap(command),
  }));
  return { default: loaded.default, commands: members };
}

function commandToMap({ positionals, options, examples }: Command): object {
  const args = Object.entries(positionals).map(([name, spec]) => ({ name, ...spec }));
  return { arguments: args, options: toOptions(options), examples };
}

function toOptions(options: Command['options']): object {
  return Object.entries(options).map(([name, spec]) => ({ name: `--${name}`, ...spec }));
}
