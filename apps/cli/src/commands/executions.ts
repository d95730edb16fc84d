import { defineCommand, defineGroup } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { isRecord, type JsonRecord } from '../records.js';
import { toUntrusted } from '../wire.js';
import { toText, toTime } from '../output/cells.js';
import type { Column } from '../output/table.js';
import { PAGE_OPTIONS, printPage } from './page.js';

const list = defineCommand({
  options: {
    ...PAGE_OPTIONS,
    status: { type: 'string', describe: 'Only those in this state, such as failed or unknown' },
    tool: { type: 'string', describe: 'Only those of this tool' },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const { client } = await connect(context, args);
    const { limit, cursor, status, tool } = args;
    const query = { limit, cursor, status, tool };
    const answer = await client.request({
      method: 'GET',
      path: '/v1/executions',
      query,
      signal: context.io.signal,
    });
    printPage(answer, { name: 'executions', columns: COLUMNS }, context);
    return EXIT.ok;
  },
});

const COLUMNS: readonly Column<JsonRecord>[] = [
  { header: 'execution', value: (row) => toText(row['execution_id']), whole: true },
  { header: 'tool', value: (row) => toText(row['tool']) },
  { header: 'status', value: (row) => toText(row['status']) },
  { header: 'outcome', value: (row) => toText(row['final_outcome']) },
  {
    header: 'attempts',
    value: (row) => (Array.isArray(row['attempts']) ? row['attempts'].length : null),
  },
  { header: 'created', value: (row) => toTime(row['created_at']) },
];

const show = defineCommand({
  positionals: { id: { describe: 'The execution, such as exec_...', required: true } },
  lists: ['invoke executions'],
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const { client } = await connect(context, args);
    const path = `/v1/executions/${encodeURIComponent(args.id)}`;
    const answer = await client.request({ method: 'GET', path, signal: context.io.signal });
    const execution = isRecord(answer['execution']) ? answer['execution'] : {};
    if (context.json || context.agent) {
      const shown = context.agent ? { ...execution, result: toUntrusted(execution['result']) } : execution;
      context.terminal.printJson({ ...answer, execution: shown });
    } else printExecution(execution, context);
    return EXIT.ok;
  },
});

export const executions = defineGroup({
  default: 'list',
  members: {
    list: { summary: 'The latest executions', command: list },
    show: { summary: 'One execution: attempts, lookups and outcome', command: show },
  },
});

const FACTS = [
  'execution_id',
  'tool',
  'status',
  'final_outcome',
  'decision',
  'idempotency_key',
  'agent_id',
  'env',
  'entity_id',
];

function printExecution(execution: JsonRecord, { terminal }: Context): void {
  const facts = FACTS.map((name) => ({ name, value: toText(execution[name]) })).filter(
    ({ value }) => value !== null,
  );
  terminal.printTable(facts, [
    { header: 'field', value: (row) => row.name },
    { header: 'value', value: (row) => row.value },
  ]);
  const steps = Array.isArray(execution['trace']) ? execution['trace'].filter(isRecord) : [];
  terminal.print('');
  terminal.printTable(steps, [
    { header: 'at', value: (row) => toTime(row['at']) },
    { header: 'step', value: (row) => toText(row['step']) },
    { header: 'status', value: (row) => toText(row['status']) },
    { header: 'detail', value: (row) => toText(row['detail']) },
  ]);
  const settlements = Array.isArray(execution['settlements'])
    ? execution['settlements'].filter(isRecord)
    : [];
  if (settlements.length > 0) {
    terminal.print('');
    terminal.printTable(settlements, [
      { header: 'received', value: (row) => toTime(row['received_at']) },
      { header: 'event', value: (row) => toText(row['event_id']) },
      { header: 'provider', value: (row) => toText(row['provider']) },
      { header: 'says', value: (row) => toText(row['verdict']) },
      { header: 'contradicts', value: (row) => row['contradiction'] === true },
      { header: 'detail', value: (row) => toText(row['detail']) },
    ]);
  }
  const error = execution['error'];
  if (isRecord(error)) terminal.print(`\nerror: ${toText(error['message'])} (${toText(error['code'])})`);
  if (execution['result'] !== null && execution['result'] !== undefined) {
    terminal.print('\nresult:');
    terminal.printJson(execution['result']);
  }
}
