import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { toText, toTime } from '../output/cells.js';
import type { Column } from '../output/table.js';
import type { JsonRecord } from '../records.js';
import { PAGE_OPTIONS, printPage } from './page.js';

export const traces = defineCommand({
  describe: 'The latest requests to act, also those that were refused. --json shows their steps.',
  options: {
    ...PAGE_OPTIONS,
    tool: { type: 'string', describe: 'Only those of this tool' },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const { client } = await connect(context, args);
    const query = { limit: args.limit, cursor: args.cursor, tool: args.tool };
    const answer = await client.request({
      method: 'GET',
      path: '/v1/traces',
      query,
      signal: context.io.signal,
    });
    printPage(answer, { name: 'traces', columns: COLUMNS }, context);
    return EXIT.ok;
  },
});

const COLUMNS: readonly Column<JsonRecord>[] = [
  { header: 'started', value: (row) => toTime(row['started_at']) },
  { header: 'tool', value: (row) => toText(row['tool']) },
  { header: 'status', value: (row) => toText(row['status']) },
  { header: 'code', value: (row) => toText(row['code']) },
  { header: 'replayed', value: (row) => row['replayed'] === true },
  { header: 'agent', value: (row) => toText(row['agent_id']) },
  { header: 'execution', value: (row) => toText(row['execution_id']), whole: true },
  { header: 'trace', value: (row) => toText(row['trace_id']) },
];
