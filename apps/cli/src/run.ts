import { EXIT, type ExitCode } from './exit-codes.js';
import { groupHelp, rootHelp } from './help/root-help.js';
import type { Io } from './io.js';
import { createTerminal, type Terminal } from './output/terminal.js';
import { reportError } from './report-error.js';
import { resolveRoute, type Route } from './route.js';
import { isAgent, isInteractive } from './surroundings.js';
import { CLI_VERSION } from './version.js';

/** Runs one command line. Nothing is thrown: what goes wrong is told on stderr and by the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  // Read before the command line is parsed, as they also rule how errors of parsing are shown.
  const flag = (name: string) => argv.includes(name);
  const color = flag('--no-color') ? false : flag('--color') ? true : undefined;
  const terminal = createTerminal(io, color);
  let route: Route | null = null;
  try {
    route = await resolveRoute(argv);
    return await follow(route, io, terminal);
  } catch (error) {
    const asJson = flag('--json') || isAgent(io.env);
    return reportError(error, terminal, {
      asJson,
      debug: flag('--debug') || Boolean(io.env['INVOKE_DEBUG']),
      lists: route?.kind === 'run' ? route.target.command.lists : [],
    });
  }
}

async function follow(route: Route, io: Io, terminal: Terminal): Promise<ExitCode> {
  switch (route.kind) {
    case 'root-help':
      terminal.print(rootHelp());
      return EXIT.ok;
    case 'version':
      terminal.print(CLI_VERSION);
      return EXIT.ok;
    case 'group-help':
      terminal.print(groupHelp(route.name, route.group));
      return EXIT.ok;
    case 'help': {
      const { helpOf } = await import('./parse-args.js');
      terminal.print(await helpOf(route.target));
      return EXIT.ok;
    }
    case 'run': {
      const { parseArgs } = await import('./parse-args.js');
      const args = await parseArgs(route.target, route.args);
      const agent = isAgent(io.env);
      const context = { io, terminal, json: args['json'] === true, agent, interactive: isInteractive(io) };
      return route.target.command.run(args, context);
    }
  }
}
