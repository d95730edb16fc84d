import { CALL_STATUSES, type Refusal } from '@invoke/contract';
import { parseWith, type Engine, type ExecutionRecord, type Principal } from '@invoke/core';
import { decideHeldScope, GET_EXECUTION, presentExecution } from '@invoke/core/domain';
import { z } from 'zod';
import { READ_EXECUTION } from '../routes/executions.js';
import { readExecution } from './holding.js';
import { adviseAfter } from './next-advice.js';
import { HOLD_MS, type ToolCall } from './read-tool-call.js';
import type { Answer } from './result.js';
import { toRefusedResult, type RefusalContext } from './to-tool-result.js';

const Arguments = z.strictObject({
  execution_id: z.string().min(1).max(64).describe('The `execution_id` of the result that asked to wait.'),
  wait_ms: z.int().min(0).max(HOLD_MS).default(0).describe('How long to wait for its end, in milliseconds.'),
});

const OUTPUT_SCHEMA = {
  type: 'object',
  properties: {
    execution_id: { type: 'string' },
    status: { enum: CALL_STATUSES },
    settled: { type: 'boolean', description: 'Whether this will never change.' },
    success: { type: 'boolean', description: 'Whether the call took effect.' },
    tool: { type: 'string' },
    approval_id: { type: ['string', 'null'] },
    decision: { type: ['string', 'null'] },
    result: { description: 'What the tool returned; null where nothing is known.' },
    error: {
      type: ['object', 'null'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
    next: { type: 'string', description: 'What to do next.' },
  },
  required: ['execution_id', 'status', 'settled', 'success', 'tool', 'result', 'error', 'next'],
} as const;

/** The tool of the gateway itself, as `tools/list` shows it. */
export const GET_EXECUTION_TOOL = JSON.stringify({
  name: GET_EXECUTION,
  title: 'What became of a call',
  description:
    'Reads an execution of Invoke: whether a call that waits for approval, is still being executed, or has an unknown ' +
    'outcome is done by now, and what it returned. Reading changes nothing and can be repeated.',
  inputSchema: toInputSchema(Arguments),
  outputSchema: OUTPUT_SCHEMA,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
});

function toInputSchema(schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

export interface GetExecutionInput {
  readonly engine: Engine;
  readonly principal: Principal;
  readonly requestId: string;
}

/** Why this key may not look at executions; null where it may. */
export function refuseReading(principal: Principal): Refusal | null {
  const held = READ_EXECUTION.map((scope) => decideHeldScope(principal, scope));
  const [first] = held;
  if (first?.kind !== 'refuse' || held.some(({ kind }) => kind === 'proceed')) return null;
  return first.refusal;
}

/** A call of that tool. It only reads, so it does not walk the pipeline. */
export async function getExecution(call: ToolCall, input: GetExecutionInput): Promise<Answer> {
  const context: RefusalContext = { requestId: input.requestId, traceId: null };
  const denied = refuseReading(input.principal);
  if (denied !== null) return toRefusedResult(denied, context);
  const parsed = parseWith(Arguments, call.arguments);
  if (parsed.kind === 'refused') return toRefusedResult(parsed.refusal, context);
  const { execution_id: id, wait_ms: ms } = parsed.value;
  const record = await readExecution(id, { ...input, ms });
  if (record === null) {
    return toRefusedResult(
      { code: 'not_found', message: `There is no execution ${JSON.stringify(id)}.` },
      context,
    );
  }
  const text = tell(record);
  const content = `"content":[{"type":"text","text":${JSON.stringify(text)}}]`;
  return { kind: 'result', members: `${content},"structuredContent":${text}` };
}

/** The recorded result goes out as it was recorded. */
function tell(record: ExecutionRecord): string {
  const { status, success, settled, decision } = presentExecution(record, false);
  const { approvalId = null, code, message } = record.outcome ?? {};
  const told = {
    execution_id: record.id,
    status,
    settled,
    success,
    tool: record.tool,
    approval_id: approvalId,
    decision,
    error: code == null ? null : { code, message: message ?? '' },
    next: adviseAfter({ status, decision }),
  };
  return `${JSON.stringify(told).slice(0, -1)},"result":${record.resultText ?? 'null'}}`;
}
