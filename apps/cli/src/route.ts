import type { CommandGroup } from './command.js';
import { usageError } from './errors.js';
import { notYet } from './not-yet.js';
import type { NamedCommand } from './parse-args.js';
import { findEntry, REGISTRY } from './registry.js';
import { suggest } from './suggest.js';

/** What a command line asks for. */
export type Route =
  | { readonly kind: 'root-help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'group-help'; readonly name: string; readonly group: CommandGroup }
  | { readonly kind: 'help'; readonly target: NamedCommand }
  | { readonly kind: 'run'; readonly target: NamedCommand; readonly args: readonly string[] };

/** Options of every command that take no value. */
const FLAGS = ['--help', '-h', '--json', '--debug', '--color', '--no-color'];

/**
 * Finds the command that the first words name; only that one is loaded. Options may stand anywhere, but one that takes
 * a value only after the command.
 * @throws CliError (usage) where there is no such command
 */
export async function resolveRoute(argv: readonly string[]): Promise<Route> {
  const wantsHelp = beforeDashes(argv).some((word) => word === '--help' || word === '-h');
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const name = argv[at];
  if (name === undefined) {
    if (argv.includes('--version') || argv.includes('-v')) return { kind: 'version' };
    const stranger = argv.find((word) => !FLAGS.includes(word));
    if (stranger !== undefined)
      throw usageError(`There is no option ${stranger} without a command.`, ['invoke --help']);
    return { kind: 'root-help' };
  }
  const entry = findEntry(name);
  if (entry === undefined) throw notYet(name) ?? unknownCommand(name, '', Object.keys(REGISTRY));
  const rest = argv.toSpliced(at, 1);
  const loaded = await entry.load();
  if (loaded.kind === 'group') return resolveMember({ name, group: loaded }, rest, wantsHelp);
  const target = { name, summary: entry.summary, command: loaded };
  return wantsHelp ? { kind: 'help', target } : { kind: 'run', target, args: rest };
}

function resolveMember(
  { name, group }: { name: string; group: CommandGroup },
  args: readonly string[],
  wantsHelp: boolean,
): Route {
  // Only a word that no option can have taken as its value names a member.
  const first = args.find((arg) => !FLAGS.includes(arg));
  const word = first?.startsWith('-') ? undefined : first;
  const named = word !== undefined && Object.hasOwn(group.members, word);
  if (wantsHelp && !named) return { kind: 'group-help', name, group };
  const memberName = named ? word : group.default;
  const member = group.members[memberName];
  if (member === undefined) throw new Error(`${name} has no member ${memberName}`);
  const { command, summary } = member;
  if (!named && word !== undefined && Object.keys(command.positionals).length === 0) {
    throw unknownCommand(word, `${name} `, Object.keys(group.members));
  }
  const target = { name: `${name} ${memberName}`, summary, command };
  if (wantsHelp) return { kind: 'help', target };
  return { kind: 'run', target, args: named ? args.toSpliced(args.indexOf(word), 1) : args };
}

function unknownCommand(word: string, before: string, known: readonly string[]) {
  const meant = before === '' && word === 'version' ? '--version' : suggest(word, known);
  const hint = meant === undefined ? '' : ` Did you mean "invoke ${before}${meant}"?`;
  const help = before === '' ? 'invoke --help' : `invoke ${before}--help`;
  return usageError(`There is no command "invoke ${before}${word}".${hint}`, [help]);
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--');
  return at === -1 ? argv : argv.slice(0, at);
}
