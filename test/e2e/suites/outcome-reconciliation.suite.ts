import type { CallRequestInput } from '@invoke/contract';
import { describe, expect } from 'vitest';
import { verifies } from '../support/verifies.js';
import { textOf, type Enter } from '../support/world.js';

/** The example of the description, about a payment of this test. */
const question = (paymentId: string) =>
  ({
    action: { intent: 'charge_customer', params: { payment_id: paymentId } },
    outcome: 'UNKNOWN',
    state_refetch: { tool: 'payments.lookup', params: { payment_id: paymentId } },
    conditions: { charged: true },
  }) as const;

/** The call of the second example: a charge whose unknown outcome is reconciled before it is tried again. */
function charge(paymentId: string, tool = 'payments.charge') {
  return {
    tool,
    params: { payment_id: paymentId },
    agent_id: 'billing_agent',
    idempotency_key: `charge:${paymentId}`,
    failure_policy: {
      retry: 2,
      on_failure: 'escalate',
      reconcile: {
        action: 'charge_customer',
        state_refetch: { tool: 'payments.lookup', params: { payment_id: paymentId } },
        conditions: { charged: true },
        settle_ms: 0,
        max_reads: 3,
      },
    },
  } as const satisfies CallRequestInput;
}

export function describeOutcomeReconciliation(enter: Enter): void {
  describe('Outcome Reconciliation', () => {
    verifies('RECON-01', 'it happened: do_not_retry', async () => {
      const { agent, business } = enter();
      const id = business.id('pay');
      business.know(id, { charged: true });
      expect(await agent.reconcile(question(id))).toMatchObject({
        http: 200,
        body: {
          success: true,
          status: 'outcome_reconciled',
          decision: 'do_not_retry',
          outcome: 'SUCCESS',
          current_state: { charged: true },
          fields: [{ field: 'charged', current: true, holds: true, verdict: 'ok' }],
        },
      });
    });

    verifies('RECON-02', 'it did not happen, seen twice: retry_allowed', async () => {
      const { agent, business } = enter();
      const id = business.id('pay');
      business.know(id, { charged: false });
      expect(await agent.reconcile(question(id))).toMatchObject({
        http: 200,
        body: { success: true, status: 'not_executed', decision: 'retry_allowed', outcome: 'FAILED' },
      });
      expect(business.calls('payments.lookup', id)).toBe(2);
    });

    describe.for([
      { cell: 'does not say', state: {} },
      { cell: 'cannot be read', state: 'unreadable' },
    ] as const)('state that $cell', ({ state }) => {
      verifies('RECON-03', 'escalate', async () => {
        const { agent, business } = enter();
        const id = business.id('pay');
        business.know(id, state);
        expect(await agent.reconcile({ ...question(id), min_absent_reads: 1 })).toMatchObject({
          http: 200,
          body: { success: false, status: 'unknown', decision: 'escalate', outcome: 'UNKNOWN' },
        });
      });
    });

    describe.for([{ tool: 'payments.charge' }, { tool: 'payments.charge_by_mcp' }])('$tool', ({ tool }) => {
      describe.for([{ turn: 'lost' }, { turn: 'silent' }] as const)('an answer that is $turn', ({ turn }) => {
        verifies(
          'RECON-04',
          'found to have happened: outcome_reconciled, and never charged again',
          async () => {
            const { agent, business } = enter();
            const id = business.id('pay');
            business.plan(tool, id, turn);
            const answer = await agent.call(charge(id, tool));
            expect(answer).toMatchObject({
              http: 200,
              body: { success: true, status: 'outcome_reconciled', decision: 'do_not_retry' },
            });
            expect((await agent.call(charge(id, tool))).body).toMatchObject({
              status: 'outcome_reconciled',
              replayed: true,
            });
            expect(business.calls(tool, id)).toBe(1);
            expect(business.effects(id)).toHaveLength(1);
          },
        );
      });

      verifies('RECON-05', 'found not to have happened: retried, and charged once', async () => {
        const { agent, business } = enter();
        const id = business.id('pay');
        business.know(id, { charged: false });
        business.plan(tool, id, 'dropped');
        expect(await agent.call(charge(id, tool))).toMatchObject({
          http: 200,
          body: { success: true, status: 'completed' },
        });
        expect(business.calls(tool, id)).toBe(2);
        expect(business.effects(id)).toHaveLength(1);
      });
    });

    verifies('RECON-05', 'the retries stay bounded', async () => {
      const { agent, business } = enter();
      const id = business.id('pay');
      business.know(id, { charged: false });
      business.plan('payments.charge', id, 'dropped', 'dropped', 'dropped');
      const { failure_policy, ...call } = charge(id);
      const bounded = { ...failure_policy, retry: 1, on_failure: 'error' } as const;
      expect(await agent.call({ ...call, failure_policy: bounded })).toMatchObject({
        http: 502,
        body: { success: false, status: 'failed' },
      });
      expect(business.calls('payments.charge', id)).toBe(2);
      expect(business.effects(id)).toEqual([]);
    });

    verifies('RECON-06', 'still unknown, and escalate: a human finds out', async () => {
      const { agent, approver, business } = enter();
      const id = business.id('pay');
      business.know(id, 'unreadable');
      business.plan('payments.charge', id, 'dropped');
      const escalated = await agent.call(charge(id));
      expect(escalated).toMatchObject({ http: 202, body: { success: false, status: 'needs_review' } });
      const review = textOf(escalated, 'approval_id');
      expect((await approver.approval(review)).body).toMatchObject({
        kind: 'review',
        failure: { effect: 'unknown' },
      });
      const conflict = { http: 409, body: { code: 'approval_conflict' } };
      expect(await approver.approve(review)).toMatchObject(conflict);
      expect(await approver.reject(review, 'no')).toMatchObject(conflict);
      expect(await approver.resolve(review, 'applied')).toMatchObject({
        http: 200,
        body: { outcome: 'resolved', execution_status: 'outcome_reconciled' },
      });
      expect((await agent.call(charge(id))).body).toMatchObject({
        success: true,
        status: 'outcome_reconciled',
        replayed: true,
      });
      expect(business.calls('payments.charge', id)).toBe(1);
    });

    verifies('RECON-06', 'still unknown, and error: an error that says unknown, not failed', async () => {
      const { agent, business } = enter();
      const id = business.id('pay');
      business.know(id, 'unreadable');
      business.plan('payments.charge', id, 'dropped');
      const { failure_policy, ...call } = charge(id);
      const answer = await agent.call({
        ...call,
        failure_policy: { ...failure_policy, on_failure: 'error' },
      });
      expect(answer).toMatchObject({
        http: 502,
        body: { success: false, status: 'unknown', code: 'upstream_unavailable' },
      });
      expect(business.calls('payments.charge', id)).toBe(1);
    });
  });
}
