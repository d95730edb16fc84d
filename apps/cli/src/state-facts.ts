import type { Conditions, ReconciledOutcome, StateRefetch, VerifiedState } from '@invoke/sdk';
import type { ArgsOf, Options } from './command.js';
import { usageError } from './errors.js';
import type { Io } from './io.js';
import type { Terminal } from './output/terminal.js';
import { visible } from './output/visible.js';
import { parseJsonOption } from './params/parse-params.js';

/** How the current state is known, and what must hold of it; the same for all commands that look at the world. */
export const STATE_OPTIONS = {
  refetch: {
    type: 'string',
    describe: 'The read tool that tells the current state: {"tool":"...","params":{}} or @file.json',
  },
  state: { type: 'string', describe: 'The current state, where no tool reads it, as JSON or @file.json' },
  conditions: {
    type: 'string',
    describe: 'What must hold, by field: {"invoice_status":"unpaid","balance":"> 0"} or @file.json',
  },
  'agent-id': { type: 'string', describe: 'The agent that asks' },
  env: { type: 'string', describe: 'The environment it is asked in, such as prod' },
  workflow: { type: 'string', describe: 'The workflow it belongs to' },
} as const satisfies Options;

/** What the options say, as the SDK takes it. @throws CliError (usage) */
export async function readStateFacts(args: ArgsOf<{}, typeof STATE_OPTIONS>, io: Io) {
  const { refetch, state, conditions, agentId, env, workflow } = args;
  if (refetch === undefined && state === undefined)
    throw usageError('The current state is missing: give --refetch, or --state.', [
      'the same command with --help',
    ]);
  const json = async (text: string | undefined, option: string) =>
    text === undefined ? undefined : parseJsonOption(text, option, io);
  return {
    // The gateway says what is wrong with these, field by field.
    stateRefetch: (await json(refetch, '--refetch')) as unknown as StateRefetch | undefined,
    currentState: await json(state, '--state'),
    conditions: (await json(conditions, '--conditions')) as Conditions | undefined,
    agentId,
    env,
    workflow,
  };
}

/** Each field as it was assumed and as it is, and in one sentence what follows. */
export function printStateAnswer(
  answer: VerifiedState | ReconciledOutcome,
  good: boolean,
  terminal: Terminal,
): void {
  terminal.printTable(answer.fields, [
    { header: 'field', value: (row) => row.field },
    { header: 'assumed', value: (row) => toCell(row.assumed) },
    { header: 'current', value: (row) => toCell(row.current) },
    { header: 'verdict', value: (row) => row.verdict },
  ]);
  terminal.note(`${terminal.style(good ? 'green' : 'yellow', answer.status)}: ${answer.decision}`);
  terminal.note(`  why:  ${visible(answer.reason.replace(/\.$/, ''))}`);
}

function toCell(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}
