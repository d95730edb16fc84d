import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Io } from '../io.js';

/** The folder of the user's own settings: INVOKE_HOME, else ~/.invoke. */
export function invokeHome(io: Io): string {
  const given = io.env['INVOKE_HOME'];
  return given ? resolve(io.cwd, given) : join(io.env['HOME'] || homedir(), '.invoke');
}
