import { isCallStatus, type CallResult, type CallStatus } from './call-result.js';
import { toCamelKeys } from './casing.js';
import { parseProblem, type Problem } from './errors.js';
import { isJsonObject, type JsonObject } from './json.js';
import type { Answer, Reply } from './transport.js';

/** What the reply to a call is: where the call stands, or an error to throw. */
export type CallReply =
  { readonly kind: 'outcome'; readonly result: CallResult } | { readonly kind: 'error' };

/** Refusals that are outcomes of a call: Invoke did its work and said no. */
const REFUSALS: Readonly<Record<string, CallStatus>> = {
  entity_mismatch: 'blocked',
  entity_required: 'blocked',
  entity_quarantined: 'blocked',
  context_conflict: 'blocked',
  budget_exceeded: 'blocked',
  policy_denied: 'denied',
  replan_required: 'replan_required',
};

/**
 * Outcomes are values; authentication, validation and network problems are errors. Whatever leaves open whether the call
 * took effect is the outcome `unknown`, also when the doubt comes from an earlier attempt of the same call: it is never
 * told as a failure.
 */
export function classifyCall(reply: Reply, idempotencyKey: string): CallReply {
  if (reply.kind === 'lost') {
    if (reply.reason === 'aborted' || !reply.doubtful) return { kind: 'error' };
    return unknown({ detail: 'No answer came, so the call may have taken effect.' }, idempotencyKey);
  }
  return classifyAnswer(reply, idempotencyKey);
}

function classifyAnswer({ response, body, doubtful }: Answer, idempotencyKey: string): CallReply {
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (response.ok) {
    if (isJsonObject(body) && isCallStatus(body['status'])) {
      // An approval that has no name cannot be waited for: whoever answers so is no gateway.
      const isWhole = body['status'] !== 'pending_approval' || typeof body['approval_id'] === 'string';
      return isWhole ? outcome(body, { requestId, idempotencyKey }) : { kind: 'error' };
    }
    return unknown(
      { requestId, detail: 'The answer cannot be read, so the call may have taken effect.' },
      idempotencyKey,
    );
  }
  const problem = parseProblem(body);
  if (problem === undefined) {
    if (response.status < 500 && !doubtful) return { kind: 'error' };
    return unknown(
      { requestId, detail: `The answer is HTTP ${response.status} without a reason.` },
      idempotencyKey,
    );
  }
  const status = statusOf(problem);
  if (status !== undefined) return outcome({ ...problem, status }, { requestId, idempotencyKey });
  const { code, detail, execution_id } = problem;
  if (doubtful || code === 'internal_error') {
    return unknown(
      { code, detail, requestId: problem.request_id ?? requestId, executionId: execution_id },
      idempotencyKey,
    );
  }
  return { kind: 'error' };
}

/** Where a problem document says that the call stands; undefined where there is no call. */
function statusOf(problem: Problem): CallStatus | undefined {
  if (isCallStatus(problem.status)) return problem.status;
  return Object.hasOwn(REFUSALS, problem.code) ? REFUSALS[problem.code] : undefined;
}

function outcome(wire: JsonObject, ours: JsonObject): CallReply {
  const success = wire['status'] === 'completed' || wire['status'] === 'outcome_reconciled';
  const result = { ...defined(ours), ...(toCamelKeys(wire, {}) as JsonObject), success };
  return { kind: 'outcome', result: result as unknown as CallResult };
}

function unknown(what: JsonObject, idempotencyKey: string): CallReply {
  const result = { success: false, status: 'unknown', code: 'outcome_unknown', idempotencyKey };
  return { kind: 'outcome', result: { ...result, ...defined(what) } as unknown as CallResult };
}

function defined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
