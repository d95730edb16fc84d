import type { Io } from './io.js';
import type { Terminal } from './output/terminal.js';

/** What a command runs in. */
export interface Context {
  readonly io: Io;
  readonly terminal: Terminal;
  /** --json was given. */
  readonly json: boolean;
  /** A coding agent reads what is printed. */
  readonly agent: boolean;
  /** Somebody is there to be asked. */
  readonly interactive: boolean;
}
