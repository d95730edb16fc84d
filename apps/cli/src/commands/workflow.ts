import type { WorkflowRun } from '@invoke/sdk';
import { readTimeout, TIMEOUT_OPTION } from '../call-facts.js';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { exitOfStatus } from '../exit-of-status.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { visible } from '../output/visible.js';
import { parseJsonOption } from '../params/parse-params.js';
import { toUntrusted, toWireNames } from '../wire.js';

export const workflow = defineCommand({
  describe: 'Runs a workflow and tells its story: what it came to, its flow, and each step.',
  positionals: { id: { describe: 'The workflow, as invoke workflows shows it', required: true } },
  lists: ['invoke workflows', 'invoke tools'],
  options: {
    tool: { type: 'string', describe: 'The tool, for workflows that leave its choice to you' },
    query: { type: 'string', describe: 'What to look for, for workflows that search' },
    limit: { type: 'number', describe: 'How many at most, for workflows that search' },
    params: { type: 'string', describe: 'What it works on, as JSON, @file.json or -' },
    'agent-id': { type: 'string', describe: 'The agent that acts' },
    env: { type: 'string', describe: 'The environment it is done in, such as prod' },
    'idempotency-key': { type: 'string', describe: 'Names this run (default: one is made up)' },
    ...TIMEOUT_OPTION,
    ...CONNECTION_OPTIONS,
  },
  examples: [
    { command: 'invoke workflow safe-tool-execution', describe: 'a charge whose answer is lost' },
    {
      command: 'invoke workflow live-context-retrieval --query "latest OpenAI MCP auth changes"',
      describe: 'look before acting',
    },
  ],
  async run(args, context) {
    const { io } = context;
    const { id, tool, query, limit, agentId, env, idempotencyKey } = args;
    const params = args.params === undefined ? undefined : await parseJsonOption(args.params, '--params', io);
    const timeoutMs = readTimeout(args.timeoutMs);
    const { client } = await connect(context, args);
    const given = { tool, query, limit, params, agentId, env, idempotencyKey, timeoutMs, signal: io.signal };
    const run = await client.workflow(id, given);
    print(run, context);
    return exitOfStatus(run.status);
  },
});

function print(run: WorkflowRun, { terminal, json, agent }: Context): void {
  if (json || agent) {
    const shown = agent ? { ...run, result: toUntrusted(run.result) } : run;
    terminal.printJson(toWireNames(shown, { trace: {} }));
    return;
  }
  terminal.print(run.summary);
  terminal.print(`\n${run.visualFlow}\n`);
  terminal.printTable(run.trace, [
    { header: 'step', value: (row) => row.step },
    { header: 'title', value: (row) => row.title },
    { header: 'status', value: (row) => row.status },
    { header: 'detail', value: (row) => row.detail },
  ]);
  const color = run.success ? 'green' : 'yellow';
  terminal.note(`${terminal.style(color, run.status)}: ${visible(run.workflowId)}`);
  if (run.executionId !== null) terminal.note(`  next: invoke executions show ${visible(run.executionId)}`);
}
