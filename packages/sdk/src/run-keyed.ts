import { createKey, type Api } from './api.js';
import type { RequestOptions } from './call-options.js';
import { InvokeError } from './errors.js';
import type { WithResponse } from './invoke-promise.js';
import { isJsonObject, type JsonObject } from './json.js';
import { toInvokeError } from './to-error.js';

export interface KeyedRequest extends RequestOptions {
  readonly path: string;
  readonly idempotencyKey?: string | undefined;
  readonly body: JsonObject;
}

/**
 * Runs what may have effects, under one key for all attempts.
 * @throws InvokeError `outcome_unknown`, with the key to ask again, where it may have run unseen
 */
export async function runKeyed(
  api: Api,
  { path, timeoutMs, signal, idempotencyKey = createKey(), body }: KeyedRequest,
): Promise<WithResponse<JsonObject>> {
  const reply = await api.sendKeyed(path, { timeoutMs, signal }, () => ({
    ...body,
    idempotency_key: idempotencyKey,
  }));
  if (reply.kind === 'answer' && reply.response.ok && isJsonObject(reply.body)) {
    return { data: reply.body, response: reply.response };
  }
  const error = toInvokeError(reply, { settings: api.settings, idempotencyKey });
  throw reply.doubtful && error.code !== 'aborted' ? toUnknownError(error) : error;
}

function toUnknownError(cause: InvokeError): InvokeError {
  const { status, executionId, requestId, idempotencyKey, problem } = cause;
  return new InvokeError({
    code: 'outcome_unknown',
    message: `No answer came, so it may have run. ${cause.message}`,
    retry: 'after_reconcile',
    status,
    executionId,
    requestId,
    idempotencyKey,
    problem,
    cause,
  });
}
