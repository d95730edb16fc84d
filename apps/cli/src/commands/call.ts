import type { CallResult } from '@invoke/sdk';
import { CALL_OPTIONS, readCallFacts, readTimeout, TIMEOUT_OPTION } from '../call-facts.js';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { exitOfStatus } from '../exit-of-status.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { visible } from '../output/visible.js';
import { parseParams } from '../params/parse-params.js';
import { toUntrusted, toWireNames } from '../wire.js';

export const call = defineCommand({
  describe:
    'Calls a tool through Invoke. The result goes to standard output, where the call stands to standard error and to the exit code (invoke help exit-codes).',
  positionals: {
    tool: { describe: 'Its id, as invoke tools shows it', required: true },
    params: { describe: 'JSON, @file.json, - (standard input), or key=value pairs', variadic: true },
  },
  options: {
    ...CALL_OPTIONS,
    action: { type: 'string', describe: 'What is meant to be done, where the tool alone does not say' },
    ...TIMEOUT_OPTION,
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
    const params = await parseParams(args.params, io);
    const facts = await readCallFacts(args, io);
    const timeoutMs = readTimeout(args.timeoutMs);
    const { client } = await connect(context, args);
    const result = await client.call({
      ...facts,
      tool: args.tool,
      params,
      action: args.action,
      timeoutMs,
      signal: io.signal,
    });
    print(result, context);
    return exitOfStatus(result.status);
  },
});

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
  const color = result.success ? 'green' : exitOfStatus(result.status) === EXIT.failure ? 'red' : 'yellow';
  const facts = [result.executionId ?? 'not executed', ...(result.replayed ? ['replayed'] : [])];
  terminal.note(`${terminal.style(color, result.status)}: ${visible(facts.join(', '))}`);
  // The detail is a sentence of its own.
  const detail = result.detail === undefined ? [] : [result.detail.replace(/\.$/, '')];
  const reason = [...detail, result.code, result.requestId && `request ${result.requestId}`].filter(Boolean);
  if (!result.success && reason.length > 0) terminal.note(`  why:  ${visible(reason.join(', '))}`);
  if (next.length > 0) terminal.note(`  next: ${visible(next.join('   or   '))}`);
}

function nextOf(result: CallResult): readonly string[] {
  const { status, success, executionId, idempotencyKey } = result;
  if (success) return [];
  const show = executionId === undefined ? ['invoke traces'] : [`invoke executions show ${executionId}`];
  const approval =
    'approvalId' in result && result.approvalId !== undefined
      ? [
          `invoke approvals show ${result.approvalId}`,
          ...(status === 'pending_approval' ? [`invoke approvals wait ${result.approvalId}`] : []),
        ]
      : [];
  const again =
    exitOfStatus(status) === EXIT.outcomeUnknown
      ? [`the same command with --idempotency-key ${idempotencyKey}`]
      : [];
  return [...(approval.length === 0 ? show : approval), ...again];
}
