import { interruption, usageError } from './errors.js';
import type { Context } from './context.js';

export interface Question {
  readonly message: string;
  /** What is typed is not shown. */
  readonly secret?: boolean;
  /** The option that answers the question without a prompt. */
  readonly option: string;
}

/**
 * Asks the person at the terminal.
 * @throws CliError (usage) naming the option, where nobody is there to answer: in pipes, in CI, under an agent
 */
export async function ask({ interactive }: Context, { message, secret, option }: Question): Promise<string> {
  if (!interactive)
    throw usageError(`${option} is missing, and there is nobody to ask.`, [
      `the same command with ${option}`,
    ]);
  const prompts = await import('@clack/prompts');
  const shared = { message, output: process.stderr };
  const answer = secret ? await prompts.password(shared) : await prompts.text(shared);
  if (prompts.isCancel(answer)) throw interruption();
  const text = (answer ?? '').trim();
  if (text === '') throw usageError(`${option} is missing.`);
  return text;
}
