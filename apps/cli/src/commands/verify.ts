import type { VerifiedState } from '@invoke/sdk';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { parseJsonOption } from '../params/parse-params.js';
import { printStateAnswer, readStateFacts, STATE_OPTIONS } from '../state-facts.js';
import { toUntrusted, toWireNames } from '../wire.js';

export const verify = defineCommand({
  describe:
    'Reads the current state and holds against it what an agent assumed, field by field. Nothing is executed. The exit code is 0 where it still holds, else 10 (abort) or 12 (replan).',
  positionals: {
    intent: { describe: 'What is about to be done, such as send_invoice_reminder', required: true },
  },
  options: {
    assume: { type: 'string', describe: 'What the agent assumed: {"invoice_status":"unpaid"} or @file.json' },
    require: {
      type: 'string',
      describe: 'Fields that must be there and as assumed, separated by commas (default: those of --assume)',
    },
    ...STATE_OPTIONS,
    'on-mismatch': {
      type: 'string',
      describe: 'What a mismatch is answered with',
      choices: ['abort', 'replan'],
      default: 'abort',
    },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    {
      command: `invoke verify send_invoice_reminder --assume '{"invoice_status":"unpaid"}' --refetch '{"tool":"billing.get_invoice","params":{"invoice_id":"inv_123"}}'`,
      describe: 'is it still unpaid?',
    },
    {
      command: `invoke verify send_invoice_reminder --conditions '{"balance":"> 0"}' --state '{"balance":125}'`,
      describe: 'with the state as you know it',
    },
  ],
  async run(args, context) {
    const { io, terminal } = context;
    const assumedState =
      args.assume === undefined ? undefined : await parseJsonOption(args.assume, '--assume', io);
    const facts = await readStateFacts(args, io);
    const requiredFields =
      args.require?.split(',').map((field) => field.trim()) ?? Object.keys(assumedState ?? {});
    const { client } = await connect(context, args);
    const { intent, onMismatch } = args;
    const given = { ...facts, intent, requiredFields, assumedState, onMismatch, signal: io.signal };
    const answer = await client.verifyState(given);
    if (context.json || context.agent) {
      const { agent } = context;
      const shown = agent ? { ...answer, currentState: toUntrusted(answer.currentState) } : answer;
      terminal.printJson(toWireNames(shown, { fields: {} }));
    } else printStateAnswer(answer, answer.status === 'verified', terminal);
    return EXIT_OF[answer.status];
  },
});

const EXIT_OF: Readonly<Record<VerifiedState['status'], ExitCode>> = {
  verified: EXIT.ok,
  blocked: EXIT.blocked,
  replan_required: EXIT.replanRequired,
};
