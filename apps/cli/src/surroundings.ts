import type { Io } from './io.js';

/** Variables that coding agents set in the shells they open. */
const AGENT_VARIABLES = [
  'AI_AGENT',
  'ANTIGRAVITY_CLI_ALIAS',
  'CLAUDECODE',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLINE_ACTIVE',
  'CODEX_CI',
  'CODEX_SANDBOX',
  'CODEX_SANDBOX_NETWORK_DISABLED',
  'CODEX_THREAD_ID',
  'CURSOR_AGENT',
  'GEMINI_CLI',
  'OPENCLAW_SHELL',
  'OPENCODE',
];

/** Whether a coding agent reads what is printed. */
export function isAgent(env: Io['env']): boolean {
  return AGENT_VARIABLES.some((name) => env[name]);
}

/** Whether somebody is there to be asked. */
export function isInteractive(io: Io): boolean {
  const { env, stdin, stderr } = io;
  if (isAgent(env) || (env['CI'] && env['CI'] !== 'false' && env['CI'] !== '0')) return false;
  return stdin.isTTY === true && stderr.isTTY === true;
}
