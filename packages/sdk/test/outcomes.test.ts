import { expect, expectTypeOf, test } from 'vitest';
import { InvokeError, unhandled, type CallResult, type CallStatus } from '../src/index.js';

/** What a program does with an outcome: it compiles only while every status is named. */
function next(outcome: CallResult<{ readonly id: string }>): string {
  switch (outcome.status) {
    case 'completed':
    case 'outcome_reconciled':
      expectTypeOf(outcome.result).toEqualTypeOf<{ readonly id: string }>();
      expectTypeOf(outcome.success).toEqualTypeOf<true>();
      return outcome.result.id;
    case 'pending_approval':
      expectTypeOf(outcome.approvalId).toEqualTypeOf<string>();
      return `wait for ${outcome.approvalId}`;
    case 'needs_review':
      expectTypeOf(outcome.approvalId).toEqualTypeOf<string | undefined>();
      return `look at ${outcome.approvalId}`;
    case 'unknown':
    case 'pending':
      expectTypeOf(outcome.idempotencyKey).toEqualTypeOf<string>();
      return `ask again with ${outcome.idempotencyKey}`;
    case 'replan_required':
      return 'plan again';
    case 'failed':
    case 'blocked':
    case 'denied':
    case 'rejected':
    case 'cancelled':
    case 'expired':
      expectTypeOf(outcome.success).toEqualTypeOf<false>();
      return `stop: ${outcome.status}`;
    default:
      return unhandled(outcome);
  }
}

const of = (status: CallStatus, more: object = {}) =>
  ({ success: false, status, idempotencyKey: 'k', ...more }) as unknown as CallResult<{ id: string }>;

test.each([
  { outcome: of('completed', { result: { id: 'a' } }), expected: 'a' },
  { outcome: of('pending_approval', { approvalId: 'appr_1' }), expected: 'wait for appr_1' },
  { outcome: of('needs_review', { approvalId: 'appr_2' }), expected: 'look at appr_2' },
  { outcome: of('unknown'), expected: 'ask again with k' },
  { outcome: of('replan_required'), expected: 'plan again' },
  { outcome: of('denied'), expected: 'stop: denied' },
])('a switch over $outcome.status', ({ outcome, expected }) => {
  expect(next(outcome)).toBe(expected);
});

test('a status of a newer gateway is not passed over', () => {
  expect(() => next(of('brand_new' as CallStatus))).toThrow('Nothing handles the status "brand_new".');
  expect(() => unhandled(undefined as never)).toThrow(InvokeError);
});

test('a switch that forgets a status does not compile', () => {
  const forgetful = (outcome: CallResult) => {
    if (outcome.status === 'completed') return 'done';
    // @ts-expect-error: all the others are left over
    return unhandled(outcome);
  };
  expect(forgetful(of('completed'))).toBe('done');
});

test('each status has exactly its own members', () => {
  type Of<S extends CallStatus> = Extract<CallResult<number>, { readonly status: S }>;
  expectTypeOf<Of<'pending_approval'>['approvalId']>().toEqualTypeOf<string>();
  expectTypeOf<CallStatus>().toEqualTypeOf<CallResult['status']>();
  expectTypeOf<Of<'replan_required'>['success']>().toEqualTypeOf<false>();
});
