import { z } from 'zod';
import { CALL_STATUSES } from './call.js';
import { ERROR_CATALOGUE, type ErrorCode } from './errors.js';
import { TraceStep } from './execution.js';
import { ReconcileAnswer, VerifyStateAnswer } from './state.js';

/** The words that a trace may end with: where a call stood, what a check found, or the code of the refusal. */
export const TraceStatus = z.enum(
  [
    ...new Set<string>([
      ...CALL_STATUSES,
      ...VerifyStateAnswer.shape.status.options,
      ...ReconcileAnswer.shape.status.options,
      ...(Object.keys(ERROR_CATALOGUE) as ErrorCode[]),
    ]),
  ],
  'expected the status of a call (completed, failed, unknown, ...) or the code of a refusal (entity_mismatch, ...)',
);

/** The record of one request to act, also of one that was refused. Redacted before it is stored. */
export const TraceRecord = z.strictObject({
  trace_id: z.string(),
  execution_id: z.string().nullable(),
  request_id: z.string(),
  tenant: z.string().nullable(),
  key_id: z.string().nullable(),
  agent_id: z.string().nullable(),
  tool: z.string(),
  action: z.string().nullable(),
  env: z.string().nullable(),
  workflow: z.string().nullable(),
  /** Where the call stood when it was answered: a call status, or the code of the refusal. */
  status: z.string(),
  code: z.string().nullable(),
  replayed: z.boolean(),
  entity: z.strictObject({ entity_id: z.string(), source: z.string(), resolved_at: z.string() }).nullable(),
  params: z.unknown(),
  steps: z.array(TraceStep),
  /** Milliseconds since 1970. */
  started_at: z.int(),
  ended_at: z.int(),
});
export type TraceRecord = z.infer<typeof TraceRecord>;
