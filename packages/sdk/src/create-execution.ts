import { createKey, type Api } from './api.js';
import { toSnakeKeys } from './casing.js';
import { InvokeError } from './errors.js';
import { toCreatedExecution, type CreatedExecution, type CreateExecutionOptions } from './execution.js';
import type { WithResponse } from './invoke-promise.js';
import { isJsonObject, type JsonObject } from './json.js';
import { toInvokeError } from './to-error.js';

/** @throws InvokeError `outcome_unknown`, with the key to ask again, where the execution may have run unseen */
export async function createExecution(
  api: Api,
  options: CreateExecutionOptions,
): Promise<WithResponse<CreatedExecution>> {
  const { timeoutMs, signal, idempotencyKey = createKey(), ...action } = options;
  const reply = await api.sendKeyed('/v1/executions', { timeoutMs, signal }, () => ({
    ...(toSnakeKeys(action, {}) as JsonObject),
    params: action.params ?? {},
    idempotency_key: idempotencyKey,
  }));
  if (reply.kind === 'answer' && reply.response.ok && isJsonObject(reply.body)) {
    return { data: toCreatedExecution(reply.body), response: reply.response };
  }
  const error = toInvokeError(reply, { settings: api.settings, idempotencyKey });
  throw reply.doubtful && error.code !== 'aborted' ? toUnknownError(error) : error;
}

function toUnknownError(cause: InvokeError): InvokeError {
  const { status, executionId, requestId, idempotencyKey, problem } = cause;
  return new InvokeError({
    code: 'outcome_unknown',
    message: `No answer came, so the execution may have run. ${cause.message}`,
    retry: 'after_reconcile',
    status,
    executionId,
    requestId,
    idempotencyKey,
    problem,
    cause,
  });
}
