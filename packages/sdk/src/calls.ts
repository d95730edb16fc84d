import { createKey, type Api } from './api.js';
import type { CallOptions } from './call-options.js';
import type { CallResult, CompletedCall } from './call-result.js';
import { toSnakeKeys, type Shape } from './casing.js';
import { classifyCall } from './classify-call.js';
import { InvokeError } from './errors.js';
import type { WithResponse } from './invoke-promise.js';
import type { JsonObject } from './json.js';
import { toInvokeError } from './to-error.js';

/** Which members of a call are objects of ours; params, variables and conditions are the caller's. */
export const CALL_SHAPE: Shape = {
  failurePolicy: { reconcile: { stateRefetch: {} } },
  entityResolution: {},
  executionState: {},
};

export async function callTool<T>(api: Api, options: CallOptions): Promise<WithResponse<CallResult<T>>> {
  const { timeoutMs, signal, idempotencyKey = createKey(), ...call } = options;
  const reply = await api.sendKeyed('/v1/call', { timeoutMs, signal }, (waitMs) => ({
    ...(toSnakeKeys(call, CALL_SHAPE) as JsonObject),
    params: call.params ?? {},
    idempotency_key: idempotencyKey,
    timeout_ms: waitMs,
  }));
  const classified = classifyCall(reply, idempotencyKey);
  if (classified.kind === 'error') throw toInvokeError(reply, { settings: api.settings, idempotencyKey });
  const response = reply.kind === 'answer' ? reply.response : null;
  return { data: classified.result as CallResult<T>, response };
}

/** @throws InvokeError where the call has not completed; the outcome is in it */
export async function callToolOrThrow<T>(
  api: Api,
  options: CallOptions,
): Promise<WithResponse<CompletedCall<T>>> {
  const { data, response } = await callTool<T>(api, options);
  if (data.status === 'completed' || data.status === 'outcome_reconciled') return { data, response };
  throw toOutcomeError(data);
}

/** Statuses after which the tool may have been called. */
const OPEN = ['unknown', 'needs_review', 'pending'];

function toOutcomeError(outcome: CallResult): InvokeError {
  const { status, code, detail, executionId, requestId, idempotencyKey } = outcome;
  return new InvokeError({
    code: code ?? (status === 'unknown' ? 'outcome_unknown' : status),
    message: `The call is ${status}${detail === undefined ? '.' : `: ${detail}`}`,
    retry: OPEN.includes(status) ? 'after_reconcile' : 'never',
    executionId,
    requestId,
    idempotencyKey,
    outcome,
  });
}
