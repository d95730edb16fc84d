import type { Context } from './context.js';
import type { ExitCode } from './exit-codes.js';

/** An option `--name`. Strings and numbers take a value, booleans do not. */
export type OptionSpec =
  | {
      readonly type: 'string';
      readonly describe: string;
      readonly choices?: readonly string[];
      readonly default?: string;
    }
  | { readonly type: 'number'; readonly describe: string; readonly default?: number }
  | { readonly type: 'boolean'; readonly describe: string };

export interface PositionalSpec {
  readonly describe: string;
  readonly required?: boolean;
  /** Takes all that is left; only for the last one. */
  readonly variadic?: boolean;
  readonly choices?: readonly string[];
}

export type Options = Readonly<Record<string, OptionSpec>>;
/** In the order in which they are typed. */
export type Positionals = Readonly<Record<string, PositionalSpec>>;

type CamelCase<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;
type Choice<S> = S extends { readonly choices: readonly (infer C)[] } ? C : string;
type OptionValue<S extends OptionSpec> = S extends { readonly type: 'boolean' }
  ? boolean
  : | (S extends { readonly type: 'number' } ? number : Choice<S>)
    | (S extends { readonly default: unknown } ? never : undefined);
type PositionalValue<S extends PositionalSpec> = S extends { readonly variadic: true }
  ? readonly string[]
  : Choice<S> | (S extends { readonly required: true } ? never : undefined);

/** What `run` gets: options in camelCase, positionals by name. */
export type ArgsOf<P extends Positionals, O extends Options> = {
  readonly [K in keyof O & string as CamelCase<K>]: OptionValue<O[K]>;
} & { readonly [K in keyof P]: PositionalValue<P[K]> };

export interface Example {
  readonly command: string;
  readonly describe: string;
}

export interface CommandDefinition<P extends Positionals, O extends Options> {
  /** More than the one line of the registry, where one line does not do. */
  readonly describe?: string;
  readonly positionals?: P;
  readonly options?: O;
  readonly examples?: readonly Example[];
  /** Commands that list what can be named here; where it is left out, `invoke tools`. */
  readonly lists?: readonly string[];
  run(args: ArgsOf<P, O>, context: Context): Promise<ExitCode>;
}

/** One command. `run` is only ever called with what its own options and positionals were parsed to. */
export interface Command {
  readonly kind: 'command';
  readonly describe: string | undefined;
  readonly positionals: Positionals;
  readonly options: Options;
  readonly examples: readonly Example[];
  readonly lists: readonly string[];
  run(args: Readonly<Record<string, unknown>>, context: Context): Promise<ExitCode>;
}

export interface GroupMember {
  readonly summary: string;
  readonly command: Command;
}

/** Commands of one noun: `invoke executions list`. */
export interface CommandGroup {
  readonly kind: 'group';
  /** The member that runs where none is named. */
  readonly default: string;
  readonly members: Readonly<Record<string, GroupMember>>;
}

/** The types of the arguments of `run` follow from options and positionals. */
export function defineCommand<const P extends Positionals = {}, const O extends Options = {}>(
  definition: CommandDefinition<P, O>,
): Command {
  return {
    kind: 'command',
    describe: definition.describe,
    positionals: definition.positionals ?? {},
    options: definition.options ?? {},
    examples: definition.examples ?? [],
    lists: definition.lists ?? ['invoke tools'],
    run: (args, context) => definition.run(args as ArgsOf<P, O>, context),
  };
}

export function defineGroup(group: Omit<CommandGroup, 'kind'>): CommandGroup {
  return { kind: 'group', ...group };
}
