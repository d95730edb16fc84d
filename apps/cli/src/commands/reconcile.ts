import type { ReconciledOutcome } from '@invoke/sdk';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { usageError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { parseParams } from '../params/parse-params.js';
import { printStateAnswer, readStateFacts, STATE_OPTIONS } from '../state-facts.js';
import { toUntrusted, toWireNames } from '../wire.js';

export const reconcile = defineCommand({
  describe:
    'Finds out whether an action happened whose outcome is unknown, before it is tried again. Nothing is executed. The exit code is 0 where it happened (do not retry), 14 where it did not (a retry is allowed), 13 where nobody knows (escalate); every other one says that it could not be found out.',
  positionals: {
    action: { describe: 'What may have happened, such as charge_customer', required: true },
    params: {
      describe: 'What it was called with: JSON, @file.json, - (standard input), or key=value pairs',
      variadic: true,
    },
  },
  options: {
    ...STATE_OPTIONS,
    outcome: {
      type: 'string',
      describe: 'What is known of it',
      choices: ['UNKNOWN', 'SUCCESS', 'FAILED'],
      default: 'UNKNOWN',
    },
    'idempotency-key': { type: 'string', describe: 'The key that it was called with' },
    'min-absent-reads': {
      type: 'number',
      describe: 'How many reads must say that it did not happen before that is believed (default: 2)',
    },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    {
      command: `invoke reconcile charge payment_id=pay_1 --conditions '{"charged":true}' --refetch '{"tool":"payments.lookup","params":{"payment_id":"pay_1"}}'`,
      describe: 'was it charged?',
    },
  ],
  async run(args, context) {
    const { io, terminal, agent } = context;
    const params = await parseParams(args.params, io);
    const { conditions, ...facts } = await readStateFacts(args, io);
    if (conditions === undefined)
      throw usageError('--conditions is missing: what must hold where it has happened?', [
        'invoke reconcile --help',
      ]);
    const { client } = await connect(context, args);
    const { action: intent, outcome, idempotencyKey, minAbsentReads } = args;
    const action = { intent, params, idempotencyKey };
    const given = { ...facts, conditions, action, outcome, minAbsentReads, signal: io.signal };
    const answer = await client.reconcile(given);
    if (context.json || agent) {
      const shown = agent ? { ...answer, currentState: toUntrusted(answer.currentState) } : answer;
      terminal.printJson(toWireNames(shown, { fields: {} }));
    } else printStateAnswer(answer, answer.status === 'outcome_reconciled', terminal);
    return EXIT_OF[answer.status];
  },
});

/** Not 1, which is also what a lost connection ends with: that must never look like the licence to retry. */
const EXIT_OF: Readonly<Record<ReconciledOutcome['status'], ExitCode>> = {
  outcome_reconciled: EXIT.ok,
  not_executed: EXIT.notExecuted,
  unknown: EXIT.outcomeUnknown,
};
