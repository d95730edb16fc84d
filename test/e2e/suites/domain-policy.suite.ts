import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { verifies } from '../support/verifies.js';
import { freeze, inFuture, type Enter } from '../support/world.js';

/** The example of the description; its date has passed. */
const PAST = {
  intent: 'send_invoice_reminder',
  condition: 'invoice_status == overdue',
  allowed_action: 'send_email',
  expires_at: '2026-04-30T15:00:00Z',
};

export function describeDomainPolicy(enter: Enter): void {
  function example(more: { allowed_action?: string; refetch?: boolean; expires_at?: string } = {}) {
    const { business } = enter();
    const invoice = business.id('inv');
    business.know(invoice, { invoice_status: 'overdue' });
    const state_refetch = { tool: 'billing.invoice', params: { invoice_id: invoice } };
    const request = {
      tool: 'email.send',
      params: { invoice_id: invoice },
      agent_id: 'billing_agent',
      action: 'send_email',
      idempotency_key: `mail:${invoice}`,
      policy: {
        ...PAST,
        allowed_action: more.allowed_action ?? PAST.allowed_action,
        expires_at: more.expires_at ?? inFuture(),
        ...(more.refetch === true ? { state_refetch } : {}),
      },
    };
    return { invoice, request };
  }

  describe('Domain policy', () => {
    verifies('CONTRACT-09', 'the date of the example has passed: refused, nothing waits', async () => {
      const { agent, business } = enter();
      const { invoice, request } = example({ expires_at: PAST.expires_at });
      expect(await agent.call(request)).toMatchObject({
        http: 422,
        body: { code: 'policy_invalid', errors: [{ pointer: '/policy/expires_at' }] },
      });
      expect(business.calls('email.send', invoice)).toBe(0);
    });

    describe.for([{ refetch: true }, { refetch: false }])(
      'fresh state by refetch: $refetch',
      ({ refetch }) => {
        verifies('INTENT-01', 'the condition holds: executed', async () => {
          const world = enter();
          const { invoice, request } = example({ refetch });
          const id = await freeze(world, request);
          expect((await world.approver.approval(id)).body).toMatchObject({
            intent: 'send_invoice_reminder',
            condition: 'invoice_status == overdue',
            allowed_action: 'send_email',
          });
          expect(world.business.calls('email.send', invoice)).toBe(0);
          const state = refetch ? {} : { state: { invoice_status: 'overdue' } };
          expect((await world.approver.approve(id, state)).body).toMatchObject({
            outcome: 'executed',
            execution_status: 'completed',
          });
          expect(world.business.effects(invoice)).toHaveLength(1);
        });

        verifies('INTENT-03', 'the condition does not hold any more: plan again', async () => {
          const world = enter();
          const { agent, approver, business } = world;
          const { invoice, request } = example({ refetch });
          const id = await freeze(world, request);
          const paid = { invoice_status: 'paid' };
          business.know(invoice, paid);
          expect((await approver.approve(id, refetch ? {} : { state: paid })).body).toMatchObject({
            outcome: 'replan_required',
            execution_status: 'replan_required',
          });
          expect((await approver.approval(id)).body).toMatchObject({ status: 'replan_required' });
          expect((await agent.call(request)).body).toMatchObject({ status: 'replan_required' });
          expect(business.calls('email.send', invoice)).toBe(0);
        });
      },
    );

    verifies('INTENT-03', 'state that cannot be read: plan again', async () => {
      const world = enter();
      const { invoice, request } = example({ refetch: true });
      const id = await freeze(world, request);
      world.business.know(invoice, 'unreadable');
      expect((await world.approver.approve(id)).body).toMatchObject({ outcome: 'replan_required' });
      expect(world.business.calls('email.send', invoice)).toBe(0);
    });

    verifies('INTENT-02', 'another action than the allowed one: cancelled', async () => {
      const world = enter();
      const { invoice, request } = example({ allowed_action: 'send_letter', refetch: true });
      const id = await freeze(world, request);
      expect((await world.approver.approve(id)).body).toMatchObject({
        outcome: 'cancelled',
        execution_status: 'cancelled',
      });
      expect(world.business.calls('email.send', invoice)).toBe(0);
    });

    verifies('INTENT-04', 'approved too late: cancelled', async () => {
      const world = enter();
      const { agent, approver, business } = world;
      const { invoice, request } = example({ refetch: true, expires_at: inFuture(1_500) });
      const id = await freeze(world, request);
      await sleep(1_600);
      expect(await approver.approve(id)).toMatchObject({
        http: 200,
        body: { outcome: 'cancelled', execution_status: 'expired' },
      });
      expect((await agent.call(request)).body).toMatchObject({ success: false, status: 'expired' });
      expect(business.calls('email.send', invoice)).toBe(0);
    });

    describe.for([{ invoice_status: 'paid' }, { invoice_status: 'overdue' }])(
      'it expires while fresh state is read, $invoice_status',
      (state) => {
        verifies('INTENT-04', 'nothing is executed', async () => {
          const world = enter();
          const { invoice, request } = example({ refetch: true, expires_at: inFuture(1_500) });
          const id = await freeze(world, request);
          world.business.know(invoice, state, 1_800);
          expect((await world.approver.approve(id)).body['outcome']).not.toBe('executed');
          expect(world.business.calls('email.send', invoice)).toBe(0);
        });
      },
    );
  });
}
