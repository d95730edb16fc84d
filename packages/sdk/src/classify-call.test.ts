import { describe, expect, test } from 'vitest';
import { classifyCall } from './classify-call.js';
import type { Reply } from './transport.js';

const problem = (code: string, status: number | string, more: object = {}) => ({
  type: `https://invoke.dev/problems/${code}`,
  title: code,
  status,
  detail: `because of ${code}`,
  code,
  success: false,
  request_id: 'req_1',
  retryable: false,
  ...more,
});
const answer = (status: number, body: unknown, doubtful = false): Reply => ({
  kind: 'answer',
  response: new Response(null, { status, headers: { 'x-request-id': 'req_1' } }),
  body,
  doubtful,
});
const lost = (reason: 'timeout' | 'connection' | 'aborted', doubtful: boolean): Reply => ({
  kind: 'lost',
  reason,
  doubtful,
  cause: new Error('x'),
});
const ok = (status: string, more: object = {}) => ({ success: false, status, trace_id: 't', ...more });

const rows: { cell: string; reply: Reply; status: string | 'error'; success?: boolean; why: string }[] = [
  {
    cell: '200 completed',
    reply: answer(200, ok('completed', { success: true, result: 1 })),
    status: 'completed',
    success: true,
    why: 'done',
  },
  {
    cell: '200 reconciled',
    reply: answer(200, ok('outcome_reconciled')),
    status: 'outcome_reconciled',
    success: true,
    why: 'found to have happened',
  },
  { cell: '200 failed', reply: answer(200, ok('failed')), status: 'failed', why: 'the tool says so itself' },
  {
    cell: '202 pending_approval',
    reply: answer(202, ok('pending_approval', { approval_id: 'appr_1' })),
    status: 'pending_approval',
    why: 'a human is asked',
  },
  {
    cell: '202 pending_approval of nothing',
    reply: answer(202, ok('pending_approval')),
    status: 'error',
    why: 'nobody could wait for it',
  },
  {
    cell: '409 replan',
    reply: answer(409, problem('replan_required', 409)),
    status: 'replan_required',
    why: 'the world is not as the call assumes',
  },
  {
    cell: '409 conflicting context',
    reply: answer(409, problem('context_conflict', 409)),
    status: 'blocked',
    why: 'no rule can be trusted',
  },
  {
    cell: '429 budget',
    reply: answer(429, problem('budget_exceeded', 429)),
    status: 'blocked',
    why: 'Invoke did its work',
  },
  { cell: '429 rate', reply: answer(429, problem('rate_limited', 429)), status: 'error', why: 'ask later' },
  { cell: '202 unknown', reply: answer(202, ok('unknown')), status: 'unknown', why: 'still being looked up' },
  {
    cell: '502 with a word',
    reply: answer(502, problem('upstream_unavailable', 'failed', { execution_id: 'e' })),
    status: 'failed',
    why: 'an execution exists and says where it stands',
  },
  {
    cell: '504 with a word',
    reply: answer(504, problem('upstream_timeout', 'unknown', { execution_id: 'e' })),
    status: 'unknown',
    why: 'an execution exists and says where it stands',
  },
  {
    cell: '409 entity',
    reply: answer(409, problem('entity_mismatch', 409)),
    status: 'blocked',
    why: 'Invoke did its work',
  },
  {
    cell: '409 held',
    reply: answer(409, problem('entity_quarantined', 409)),
    status: 'blocked',
    why: 'Invoke did its work',
  },
  {
    cell: '403 policy',
    reply: answer(403, problem('policy_denied', 403)),
    status: 'denied',
    why: 'Invoke did its work',
  },
  {
    cell: '403 scope',
    reply: answer(403, problem('context_denied', 403)),
    status: 'error',
    why: 'this key cannot do it',
  },
  {
    cell: '401',
    reply: answer(401, problem('unauthenticated', 401)),
    status: 'error',
    why: 'authentication',
  },
  { cell: '422', reply: answer(422, problem('validation_failed', 422)), status: 'error', why: 'validation' },
  {
    cell: '409 in progress',
    reply: answer(409, problem('idempotency_in_progress', 409)),
    status: 'error',
    why: 'nothing is known of this call yet',
  },
  {
    cell: '503',
    reply: answer(503, problem('storage_unavailable', 503)),
    status: 'error',
    why: 'nothing was executed',
  },
  {
    cell: '503 after a reset',
    reply: answer(503, problem('storage_unavailable', 503), true),
    status: 'unknown',
    why: 'the attempt before may have been executed',
  },
  {
    cell: '401 after a reset',
    reply: answer(401, problem('unauthenticated', 401), true),
    status: 'unknown',
    why: 'the attempt before may have been executed',
  },
  {
    cell: '500',
    reply: answer(500, problem('internal_error', 500)),
    status: 'unknown',
    why: 'a bug may strike after the effect',
  },
  {
    cell: '502 of a proxy',
    reply: answer(502, undefined),
    status: 'unknown',
    why: 'the gateway behind it may have done it',
  },
  { cell: '404 of a web server', reply: answer(404, undefined), status: 'error', why: 'no gateway saw it' },
  { cell: '302', reply: answer(302, undefined), status: 'error', why: 'no gateway saw it' },
  {
    cell: '200 without JSON',
    reply: answer(200, undefined),
    status: 'unknown',
    why: 'cut off on the way back',
  },
  {
    cell: '200 of an unknown word',
    reply: answer(200, ok('sleeping')),
    status: 'unknown',
    why: 'not a word for anything that happened',
  },
  { cell: 'timeout', reply: lost('timeout', true), status: 'unknown', why: 'it was sent' },
  { cell: 'timeout unsent', reply: lost('timeout', false), status: 'error', why: 'it was not sent' },
  { cell: 'reset', reply: lost('connection', true), status: 'unknown', why: 'it was sent' },
  { cell: 'refused', reply: lost('connection', false), status: 'error', why: 'it was not sent' },
  {
    cell: 'aborted',
    reply: lost('aborted', true),
    status: 'error',
    why: 'the caller wants to hear of its own signal',
  },
];

describe('classifyCall', () => {
  test.each(rows)('$cell is $status: $why', ({ reply, status, success = false }) => {
    const classified = classifyCall(reply, 'key-1');
    if (status === 'error') return expect(classified.kind).toBe('error');
    expect(classified).toMatchObject({
      kind: 'outcome',
      result: { status, success, idempotencyKey: 'key-1' },
    });
  });

  test('an outcome told by a problem document keeps its reason and its ids', () => {
    const reply = answer(
      502,
      problem('upstream_unavailable', 'failed', { execution_id: 'exec_1', trace_id: 't' }),
    );
    expect(classifyCall(reply, 'k')).toMatchObject({
      result: {
        code: 'upstream_unavailable',
        detail: 'because of upstream_unavailable',
        executionId: 'exec_1',
        traceId: 't',
        requestId: 'req_1',
      },
    });
  });

  test('the result of a tool is not touched', () => {
    const result = { snake_case: { deep_key: [1] } };
    expect(classifyCall(answer(200, ok('completed', { result })), 'k')).toMatchObject({ result: { result } });
  });
});
