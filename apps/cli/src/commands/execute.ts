import type { CreatedExecution, Execution } from '@invoke/sdk';
import { readTimeout, TIMEOUT_OPTION } from '../call-facts.js';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { exitOfStatus } from '../exit-of-status.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { visible } from '../output/visible.js';
import { parseParams } from '../params/parse-params.js';
import { exitOfPreflight, PREFLIGHT_SHAPE, printPreflight } from '../print-preflight.js';
import { toUntrusted, toWireNames, type WireShape } from '../wire.js';

export const execute = defineCommand({
  describe:
    'Runs one action, or with --workflow a workflow, as a durable execution: asked again with the same key, it is the same execution.',
  positionals: {
    action: { describe: 'The tool to run; with --workflow the params begin here' },
    params: { describe: 'JSON, @file.json, - (standard input), or key=value pairs', variadic: true },
  },
  lists: ['invoke tools', 'invoke workflows'],
  options: {
    workflow: { type: 'string', describe: 'Run this workflow instead of an action' },
    tool: { type: 'string', describe: 'The tool, for workflows that leave its choice to you' },
    query: { type: 'string', describe: 'What to look for, for workflows that search' },
    limit: { type: 'number', describe: 'How many at most, for workflows that search' },
    'idempotency-key': { type: 'string', describe: 'Names this execution (default: one is made up)' },
    'agent-id': { type: 'string', describe: 'The agent that acts' },
    env: { type: 'string', describe: 'The environment it is done in, such as prod' },
    'apply-safe-fixes': { type: 'boolean', describe: 'Mend what does not change what is done' },
    'preflight-only': { type: 'boolean', describe: 'Only say what it would meet' },
    ...TIMEOUT_OPTION,
    ...CONNECTION_OPTIONS,
  },
  examples: [
    { command: 'invoke execute charge customer_id=cust_acme amount=2400', describe: 'one action' },
    {
      command: 'invoke execute --workflow safe-tool-execution --idempotency-key demo-1 customer_id=cust_acme',
      describe: 'a workflow',
    },
  ],
  async run(args, context) {
    const { io } = context;
    const { action, workflow, tool, query, limit, agentId, env, idempotencyKey } = args;
    const shared = {
      agentId,
      env,
      idempotencyKey,
      timeoutMs: readTimeout(args.timeoutMs),
      signal: io.signal,
    };
    const words = workflow === undefined || action === undefined ? args.params : [action, ...args.params];
    const params = await parseParams(words, io);
    if (workflow === undefined && action === undefined)
      throw usageError('<action> is missing, or --workflow.', ['invoke execute --help']);
    if (workflow === undefined && [tool, query, limit].some((given) => given !== undefined))
      throw usageError('--tool, --query and --limit are for a --workflow.', ['invoke execute --help']);
    if (workflow !== undefined && (args.applySafeFixes || args.preflightOnly))
      throw usageError('--apply-safe-fixes and --preflight-only are for an action.', [
        'invoke execute --help',
      ]);
    const { client } = await connect(context, args);
    if (workflow !== undefined) {
      return finish(
        await client.execute({ ...shared, workflow, input: { params, tool, query, limit } }),
        context,
      );
    }
    const applySafeFixes = args.applySafeFixes || undefined;
    const given = { ...shared, action: action ?? '', params, applySafeFixes };
    if (!args.preflightOnly) return finish(await client.execute(given), context);
    const { preflight } = await client.execute({ ...given, preflightOnly: true });
    if (context.json || context.agent)
      context.terminal.printJson({ success: true, preflight: toWireNames(preflight, PREFLIGHT_SHAPE) });
    else printPreflight(preflight, context.terminal);
    return exitOfPreflight(preflight);
  },
});

const SHAPE: WireShape = {
  execution: { error: {}, attempts: {}, lookups: {}, trace: {}, settlements: {} },
  certificate: {},
  preflight: PREFLIGHT_SHAPE,
};

function finish(created: CreatedExecution, { terminal, json, agent }: Context): ExitCode {
  const { execution } = created;
  const exitCode = exitOfStatus(execution.status);
  if (json || agent) {
    const shown = agent ? { ...execution, result: toUntrusted(execution.result) } : execution;
    terminal.printJson(toWireNames({ ...created, execution: shown }, SHAPE));
    return exitCode;
  }
  if (execution.result !== null && execution.result !== undefined) terminal.printJson(execution.result);
  const { status, executionId, approvalId, idempotencyKey, finalOutcome, error } = execution;
  const color = created.success ? 'green' : exitCode === EXIT.failure ? 'red' : 'yellow';
  const facts = [executionId, finalOutcome, idempotencyKey].filter(Boolean);
  terminal.note(`${terminal.style(color, status)}: ${visible(facts.join(', '))}`);
  if (error) terminal.note(`  why:  ${visible(`${error.message}, ${error.code}`)}`);
  terminal.note(`  next: ${visible(nextOf(status, { executionId, approvalId }))}`);
  return exitCode;
}

/** A human is waited for: where that is decided. Else where it is told what happened. */
function nextOf(
  status: Execution['status'],
  { executionId, approvalId }: Pick<Execution, 'executionId' | 'approvalId'>,
): string {
  const waits = status === 'pending_approval' || status === 'needs_review';
  return waits && approvalId
    ? `invoke approvals show ${approvalId}   or   invoke approvals wait ${approvalId}`
    : `invoke executions show ${executionId}`;
}
