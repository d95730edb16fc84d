import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { verifies } from '../support/verifies.js';
import { freeze, inFuture, textOf, type Enter } from '../support/world.js';

const OVERDUE = { invoice_status: 'overdue', customer_balance: 125 };
/** The example of the description; its date has passed. */
const PAST = {
  intent: 'send_invoice_reminder',
  conditions: { invoice_status: 'overdue', customer_balance: '> 0' },
  threshold: 'strict',
  expires_at: '2026-04-30T15:00:00Z',
} as const;

interface Choice {
  readonly threshold?: 'strict' | 'conditions';
  readonly expires_at?: string;
  /** Without: current state is what the approver says. */
  readonly refetch?: boolean;
}

export function describeConditionalContracts(enter: Enter): void {
  function example({ threshold = 'strict', expires_at = inFuture(), refetch = true }: Choice = {}) {
    const { business } = enter();
    const invoice = business.id('inv');
    business.know(invoice, OVERDUE);
    const state_refetch = { tool: 'billing.invoice', params: { invoice_id: invoice } };
    const contract = { ...PAST, threshold, expires_at };
    const request = {
      tool: 'email.send',
      params: { invoice_id: invoice },
      agent_id: 'billing_agent',
      idempotency_key: `mail:${invoice}`,
      policy: refetch ? { ...contract, state_refetch } : contract,
      ...(refetch ? {} : { execution_state: { variables: { ...OVERDUE } } }),
    };
    return { invoice, request };
  }

  describe('Conditional Approval Contracts', () => {
    verifies('CONTRACT-09', 'the date of the example has passed: refused, nothing waits', async () => {
      const { agent, business } = enter();
      const { invoice, request } = example({ expires_at: PAST.expires_at });
      expect(await agent.call(request)).toMatchObject({
        http: 422,
        body: { code: 'policy_invalid', errors: [{ pointer: '/policy/expires_at' }] },
      });
      expect(business.calls('email.send', invoice)).toBe(0);
    });

    verifies(
      ['CONTRACT-01', 'CONTRACT-02'],
      'a low-risk tool waits; valid, it is executed once',
      async () => {
        const world = enter();
        const { agent, approver, business } = world;
        const { invoice, request } = example();
        const { policy: _, ...bare } = request;
        const without = await agent.call({ ...bare, idempotency_key: `bare:${invoice}` });
        expect(without).toMatchObject({ http: 200, body: { status: 'completed' } });
        const id = await freeze(world, request);
        expect((await approver.approval(id)).body).toMatchObject({
          risk_level: 'low',
          intent: PAST.intent,
          conditions: PAST.conditions,
          threshold: 'strict',
          frozen_state: OVERDUE,
        });
        expect(business.effects(invoice)).toHaveLength(1);
        expect(await approver.approve(id)).toMatchObject({
          http: 200,
          body: { outcome: 'executed', execution_status: 'completed' },
        });
        expect((await agent.call(request)).body).toMatchObject({ status: 'completed', replayed: true });
        expect(business.effects(invoice)).toHaveLength(2);
      },
    );

    verifies(
      ['CONTRACT-03', 'CONTRACT-05', 'CONTRACT-08'],
      'strict, and changed: a fresh approval waits with the live state',
      async () => {
        const world = enter();
        const { agent, approver, business } = world;
        const { invoice, request } = example();
        const old = await freeze(world, request);
        const live = { invoice_status: 'overdue', customer_balance: 90 };
        business.know(invoice, live);
        const requeued = await approver.approve(old);
        const drift = [
          {
            field: 'invoice_status',
            frozen: 'overdue',
            live: 'overdue',
            condition: 'overdue',
            verdict: 'unchanged',
          },
          { field: 'customer_balance', frozen: 125, live: 90, condition: '> 0', verdict: 'changed' },
        ];
        expect(requeued).toMatchObject({
          http: 200,
          body: { outcome: 'requeued', approval_id: old, execution_status: 'pending_approval', drift },
        });
        const fresh = textOf(requeued, 'next_approval_id');
        expect((await approver.approval(old)).body).toMatchObject({ status: 'invalidated', next_id: fresh });
        expect((await approver.approval(fresh)).body).toMatchObject({
          status: 'pending',
          previous_id: old,
          frozen_state: live,
          drift,
        });
        expect(await freeze(world, request)).toBe(fresh);
        expect(await approver.approve(old)).toMatchObject({ http: 409, body: { code: 'approval_conflict' } });
        expect(business.calls('email.send', invoice)).toBe(0);
        expect((await approver.approve(fresh)).body).toMatchObject({ outcome: 'executed' });
        expect((await agent.call(request)).body).toMatchObject({ status: 'completed', replayed: true });
        expect(business.effects(invoice)).toHaveLength(1);
      },
    );

    describe.for([
      { threshold: 'strict', change: { customer_balance: 126 }, outcome: 'requeued', verdict: 'changed' },
      { threshold: 'strict', change: { customer_balance: 0 }, outcome: 'requeued', verdict: 'fails' },
      { threshold: 'strict', change: { customer_balance: '125' }, outcome: 'requeued', verdict: 'fails' },
      {
        threshold: 'conditions',
        change: { customer_balance: 90 },
        outcome: 'executed',
        verdict: 'changed_but_holds',
      },
      { threshold: 'conditions', change: { customer_balance: 0 }, outcome: 'requeued', verdict: 'fails' },
    ] as const)('$threshold: the live state has $change', ({ threshold, change, outcome, verdict }) => {
      describe.for([{ refetch: true }, { refetch: false }])('by refetch: $refetch', ({ refetch }) => {
        verifies(['CONTRACT-05', 'CONTRACT-06', 'CONTRACT-08'], outcome, async () => {
          const world = enter();
          const { invoice, request } = example({ threshold, refetch });
          const id = await freeze(world, request);
          const live = { ...OVERDUE, ...change };
          world.business.know(invoice, live);
          const { body } = await world.approver.approve(id, refetch ? {} : { state: live });
          expect(body).toMatchObject({
            outcome,
            drift: [
              { field: 'invoice_status', verdict: 'unchanged' },
              { field: 'customer_balance', frozen: 125, live: live.customer_balance, verdict },
            ],
          });
          expect(world.business.effects(invoice)).toHaveLength(outcome === 'executed' ? 1 : 0);
          if (outcome === 'requeued') await world.approver.reject(String(body['next_approval_id']), 'seen');
        });
      });
    });

    verifies('CONTRACT-07', 'without a refetch, the approver has to say how things are', async () => {
      const world = enter();
      const { invoice, request } = example({ refetch: false });
      const id = await freeze(world, request);
      expect(await world.approver.approve(id)).toMatchObject({
        http: 409,
        body: { code: 'state_required', errors: [{ pointer: '/state' }] },
      });
      expect((await world.approver.approval(id)).body).toMatchObject({ status: 'pending' });
      expect((await world.approver.approve(id, { state: OVERDUE })).body).toMatchObject({
        outcome: 'executed',
      });
      expect(world.business.effects(invoice)).toHaveLength(1);
    });

    verifies('CONTRACT-07', 'what the refetch reads counts, whatever the approver says', async () => {
      const world = enter();
      const { invoice, request } = example();
      const id = await freeze(world, request);
      world.business.know(invoice, { ...OVERDUE, invoice_status: 'paid' });
      const { body } = await world.approver.approve(id, { state: OVERDUE });
      expect(body).toMatchObject({
        outcome: 'requeued',
        drift: [{ field: 'invoice_status', live: 'paid', verdict: 'fails' }, { verdict: 'unchanged' }],
      });
      expect(world.business.calls('email.send', invoice)).toBe(0);
      await world.approver.reject(String(body['next_approval_id']), 'seen');
    });

    verifies('CONTRACT-04', 'approved too late: cancelled before execution', async () => {
      const world = enter();
      const { agent, approver, business } = world;
      const { invoice, request } = example({ expires_at: inFuture(1_500) });
      const id = await freeze(world, request);
      await sleep(1_600);
      expect(await approver.approve(id)).toMatchObject({
        http: 200,
        body: { outcome: 'cancelled', execution_status: 'expired' },
      });
      expect((await approver.approval(id)).body).toMatchObject({ status: 'expired' });
      expect((await agent.call(request)).body).toMatchObject({ success: false, status: 'expired' });
      expect(business.calls('email.send', invoice)).toBe(0);
    });

    describe.for([{ invoice_status: 'paid' }, { invoice_status: 'overdue' }])(
      'it expires while live state is read, $invoice_status',
      (change) => {
        verifies('CONTRACT-04', 'nothing is executed', async () => {
          const world = enter();
          const { invoice, request } = example({ expires_at: inFuture(1_500) });
          const id = await freeze(world, request);
          world.business.know(invoice, { ...OVERDUE, ...change }, 1_800);
          expect((await world.approver.approve(id)).body['outcome']).not.toBe('executed');
          expect(world.business.calls('email.send', invoice)).toBe(0);
        });
      },
    );
  });
}
