import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { toTime } from '../output/cells.js';
import { parseInstant } from '../params/parse-instant.js';
import { toWireNames } from '../wire.js';

export const usage = defineCommand({
  describe:
    'What was called in a period, and how much of the budgets is used. Open outcomes count as spent until they are settled.',
  options: {
    per: { type: 'string', describe: 'What to count by', choices: ['tool', 'agent', 'key'], default: 'tool' },
    since: { type: 'string', describe: 'From when: 30m, 24h, 7d, or ISO 8601 (default: 24h)' },
    until: { type: 'string', describe: 'Until when (default: now)' },
    ...CONNECTION_OPTIONS,
  },
  examples: [{ command: 'invoke usage --per agent --since 7d', describe: 'the last week' }],
  async run({ per, ...args }, context) {
    const now = Date.now();
    const since = args.since === undefined ? undefined : parseInstant(args.since, '--since', now);
    const until = args.until === undefined ? undefined : parseInstant(args.until, '--until', now);
    const { client } = await connect(context, args);
    const answer = await client.usage({ per, since, until }, { signal: context.io.signal });
    const { terminal } = context;
    if (context.json || context.agent) {
      terminal.printJson(toWireNames(answer, { usage: {}, budgets: {} }));
      return EXIT.ok;
    }
    if (answer.usage.length === 0) terminal.note('No calls.');
    else {
      terminal.printTable(answer.usage, [
        { header: per, value: (row) => row.subject },
        { header: 'calls', value: (row) => row.calls },
        { header: 'completed', value: (row) => row.completed },
        { header: 'failed', value: (row) => row.failed },
        { header: 'open', value: (row) => row.open },
      ]);
    }
    if (answer.budgets.length > 0) {
      terminal.print('');
      terminal.printTable(answer.budgets, [
        { header: 'budget', value: (row) => row.budget },
        { header: 'for', value: (row) => row.subject },
        { header: 'calls', value: (row) => toShare(row.calls, row.maxCalls) },
        { header: 'amount', value: (row) => toShare(row.amount, row.maxAmount) },
        { header: 'window', value: (row) => row.window },
        { header: 'resets', value: (row) => toTime(row.resetsAt) },
      ]);
    }
    if (!answer.complete) terminal.note('note: there are more; only the newest calls were counted.');
    return EXIT.ok;
  },
});

function toShare(used: number, max: number | null): string {
  return max === null ? String(used) : `${used} of ${max}`;
}
