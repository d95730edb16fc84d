import { reasonOf } from './classify-fetch-failure.js';
import { InvokeError, parseProblem, toRetryAdvice, type InvokeErrorInit } from './errors.js';
import type { Settings } from './settings.js';
import type { Answer, Lost, Reply } from './transport.js';

/** What the error is about, for its message and members. */
export interface ErrorContext {
  readonly settings: Settings;
  readonly idempotencyKey?: string | undefined;
}

/** The error for a reply that is not the answer that was asked for. */
export function toInvokeError(reply: Reply, context: ErrorContext): InvokeError {
  const init = reply.kind === 'lost' ? ofLost(reply, context) : ofAnswer(reply);
  const message = redact(init.message, context.settings.apiKey);
  return new InvokeError({ ...init, message, idempotencyKey: context.idempotencyKey });
}

function ofAnswer({ response, body }: Answer): InvokeErrorInit {
  const { status, headers } = response;
  const problem = parseProblem(body);
  const requestId = headers.get('x-request-id') ?? undefined;
  if (problem !== undefined) {
    const { code, detail, title, retryable, execution_id: executionId } = problem;
    const retry = toRetryAdvice(code, retryable === true);
    const shared = { code, retry, status, problem, requestId: problem.request_id ?? requestId };
    return { ...shared, message: `${detail ?? title} (${code})`, executionId };
  }
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    const message =
      'The server answered with a redirect. It is not followed, because it would take the API key along; use the address it leads to as the base URL.';
    return { code: 'redirect_refused', message, retry: 'never', status, requestId };
  }
  const message = `The answer (HTTP ${status}) is not in the format of an Invoke gateway.`;
  return {
    code: 'invalid_response',
    message,
    retry: status >= 400 && status < 500 ? 'never' : 'after_reconcile',
    status,
    requestId,
  };
}

function ofLost({ reason, doubtful, cause }: Lost, context: ErrorContext): InvokeErrorInit {
  const retry = doubtful ? 'after_reconcile' : 'safe';
  switch (reason) {
    case 'aborted':
      return { code: 'aborted', message: 'The wait was ended by its signal.', retry, cause };
    case 'timeout':
      return { code: 'timeout', message: 'No answer in time.', retry, cause };
    case 'connection': {
      const what = doubtful ? 'The connection was lost' : 'No connection';
      const message = `${what}: ${reasonOf(cause)} at ${new URL(context.settings.baseUrl).origin}.`;
      return { code: doubtful ? 'connection_lost' : 'connection_failed', message, retry, cause };
    }
  }
}

/** A server may say anything in its error, also what it was sent. */
function redact(text: string, apiKey: string | undefined): string {
  return apiKey === undefined ? text : text.replaceAll(apiKey, '[redacted]');
}
