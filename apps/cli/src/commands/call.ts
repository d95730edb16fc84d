import type { CallResult } from '@invoke/sdk';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { visible } from '../output/visible.js';
import { parseJsonOption, parseParams } from '../params/parse-params.js';
import { toUntrusted, toWireNames } from '../wire.js';

export const call = defineCommand({
  describe:
    'Calls a tool through Invoke. The result goes to standard output, where the call stands to standard error and to the exit code (invoke help exit-codes).',
  positionals: {
    tool: { describe: 'Its id, as invoke tools shows it', required: true },
    params: { describe: 'JSON, @file.json, - (standard input), or key=value pairs', variadic: true },
  },
  options: {
    'idempotency-key': {
      type: 'string',
      describe: 'Names this call: the same key again is the same call, not a second one',
    },
    'agent-id': { type: 'string', describe: 'The agent that acts' },
    action: { type: 'string', describe: 'What is meant to be done, where the tool alone does not say' },
    env: { type: 'string', describe: 'The environment it is done in, such as prod' },
    workflow: { type: 'string', describe: 'The workflow it belongs to' },
    resource: { type: 'string', describe: 'The resource it is done to, such as repo:acme/app' },
    entity: {
      type: 'string',
      describe: 'The entity that was resolved, such as cust_123: other ones are blocked',
    },
    'entity-source': { type: 'string', describe: 'How it was resolved', default: 'cli' },
    'entity-resolved-at': { type: 'string', describe: 'When it was resolved, ISO 8601 (default: now)' },
    state: {
      type: 'string',
      describe: 'What the agent knew: {"variables":{},"tool_outputs":{}} or @file.json',
    },
    'failure-policy': { type: 'string', describe: 'What to do when the tool fails, as JSON or @file.json' },
    'timeout-ms': { type: 'number', describe: 'How long to wait for the answer', default: 60_000 },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    { command: `invoke call crm_update_customer '{"customer_id":"cust_123"}'`, describe: 'inline JSON' },
    {
      command: 'invoke call crm_update_customer customer_id=cust_123 account_status=review',
      describe: 'pairs',
    },
    { command: 'invoke call charge @charge.json --idempotency-key order-17', describe: 'safe to repeat' },
  ],
  async run(args, context) {
    const { io } = context;
    const json = async (text: string | undefined, option: string) =>
      text === undefined ? undefined : parseJsonOption(text, option, io);
    const params = await parseParams(args.params, io);
    const state = await json(args.state, '--state');
    const policy = await json(args.failurePolicy, '--failure-policy');
    const { client } = await connect(context, args);
    const result = await client.call({
      tool: args.tool,
      params,
      agentId: args.agentId,
      idempotencyKey: args.idempotencyKey,
      action: args.action,
      env: args.env,
      workflow: args.workflow,
      resource: args.resource,
      entityResolution: toEntityResolution(args),
      // Given in the words of the API; the SDK leaves names alone that are in them already.
      executionState: state,
      failurePolicy: policy,
      timeoutMs: positive(args.timeoutMs),
      signal: io.signal,
    });
    print(result, context);
    return EXIT_OF[result.status];
  },
});

const EXIT_OF: Readonly<Record<CallResult['status'], ExitCode>> = {
  completed: EXIT.ok,
  outcome_reconciled: EXIT.ok,
  failed: EXIT.failure,
  cancelled: EXIT.failure,
  expired: EXIT.failure,
  blocked: EXIT.blocked,
  denied: EXIT.blocked,
  rejected: EXIT.blocked,
  pending_approval: EXIT.pendingApproval,
  requeued: EXIT.pendingApproval,
  replan_required: EXIT.replanRequired,
  unknown: EXIT.outcomeUnknown,
  needs_review: EXIT.outcomeUnknown,
  pending: EXIT.outcomeUnknown,
};

interface EntityArgs {
  readonly entity: string | undefined;
  readonly entitySource: string;
  readonly entityResolvedAt: string | undefined;
}

function toEntityResolution({ entity, entitySource, entityResolvedAt }: EntityArgs) {
  if (entity === undefined) return undefined;
  return { entityId: entity, source: entitySource, resolvedAt: entityResolvedAt ?? new Date().toISOString() };
}

function positive(timeoutMs: number): number {
  if (Number.isSafeInteger(timeoutMs) && timeoutMs >= 1) return timeoutMs;
  throw usageError('--timeout-ms takes a whole number of at least 1.');
}

function print(result: CallResult, context: Context): void {
  const { terminal, agent, json } = context;
  const next = nextOf(result);
  if (agent) {
    const outcome = 'result' in result ? { ...result, result: toUntrusted(result.result) } : result;
    terminal.printJson({ ...toWireNames(outcome), next: next.map((command) => ({ command })) });
    return;
  }
  if (json) {
    terminal.printJson(toWireNames(result));
    return;
  }
  if ('result' in result && result.result !== undefined) terminal.printJson(result.result);
  const color = result.success ? 'green' : EXIT_OF[result.status] === EXIT.failure ? 'red' : 'yellow';
  const facts = [result.executionId ?? 'not executed', ...(result.replayed ? ['replayed'] : [])];
  terminal.note(`${terminal.style(color, result.status)}: ${visible(facts.join(', '))}`);
  const reason = [result.detail, result.code, result.requestId && `request ${result.requestId}`].filter(
    Boolean,
  );
  if (!result.success && reason.length > 0) terminal.note(`  why:  ${visible(reason.join(', '))}`);
  if (next.length > 0) terminal.note(`  next: ${visible(next.join('   or   '))}`);
}

function nextOf({ status, success, executionId, idempotencyKey }: CallResult): readonly string[] {
  if (success) return [];
  const show = executionId === undefined ? ['invoke traces'] : [`invoke executions show ${executionId}`];
  const open = EXIT_OF[status] === EXIT.outcomeUnknown;
  return open ? [...show, `the same command with --idempotency-key ${idempotencyKey}`] : show;
}
