import { CliError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { CLI_VERSION } from './version.js';

interface Missing {
  /** What the command is to do. */
  readonly what: string;
  /** What does as much of it as there is. */
  readonly next: readonly string[];
}

/** Commands that Invoke is to have and this version does not: whoever has read of them is told so. */
export const NOT_YET: Readonly<Record<string, Missing>> = {
  agents: { what: 'Listing agents', next: ['invoke usage --per agent', 'invoke traces'] },
  connect: { what: 'Connecting a hosted service', next: ['invoke init <dir> --template linear'] },
  dashboard: { what: 'The dashboard', next: ['invoke approvals', 'invoke executions', 'invoke status'] },
  mcp: { what: 'Setting up MCP clients', next: ['invoke tools', 'invoke call --help'] },
  probe: { what: 'Probing tools', next: ['invoke doctor', 'invoke tools'] },
  wrap: { what: 'Generating a tool server', next: ['invoke init <dir>', 'invoke dev install'] },
};

/** The error for a command that is still to come; undefined for any other word. */
export function notYet(name: string): CliError | undefined {
  const missing = Object.hasOwn(NOT_YET, name) ? NOT_YET[name] : undefined;
  if (missing === undefined) return undefined;
  return new CliError({
    message: `${missing.what} (invoke ${name}) is not part of this version (${CLI_VERSION}).`,
    code: 'not_in_this_version',
    exitCode: EXIT.usage,
    next: missing.next,
  });
}
