// yargs 18 ships without declarations for Node. This is the part of it that is used here.
declare module 'yargs' {
  interface OptionConfig {
    readonly type: 'string' | 'number' | 'boolean';
    readonly describe: string;
    readonly default?: string | number;
    readonly requiresArg?: boolean;
    readonly group?: string;
    readonly alias?: string;
  }
  interface Argv {
    scriptName(name: string): Argv;
    locale(code: string): Argv;
    parserConfiguration(configuration: Readonly<Record<string, boolean>>): Argv;
    exitProcess(exit: boolean): Argv;
    help(help: false): Argv;
    version(version: false): Argv;
    fail(onFail: (message: string | null, error: Error | undefined) => never): Argv;
    option(name: string, config: OptionConfig): Argv;
    wrap(columns: number): Argv;
    getHelp(): Promise<string>;
    parseAsync(): Promise<Record<string, unknown> & { _: (string | number)[] }>;
  }
  export default function yargs(args: readonly string[]): Argv;
}
