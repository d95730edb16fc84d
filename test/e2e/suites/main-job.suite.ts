import { describe, expect, vi } from 'vitest';
import { verifies } from '../support/verifies.js';
import { textOf, type Enter } from '../support/world.js';

export function describeMainJob(enter: Enter): void {
  function charge(tool = 'payments.charge') {
    const id = enter().business.id('pay');
    return { id, request: { tool, params: { payment_id: id }, idempotency_key: `charge:${id}` } };
  }

  describe('Main job', () => {
    verifies('MAIN-01', 'params that do not fit: refused with their place', async () => {
      const { agent, business } = enter();
      const { id, request } = charge();
      const params = { ...request.params, amount: 1 };
      expect(await agent.call({ ...request, params })).toMatchObject({
        http: 422,
        body: { code: 'validation_failed', errors: [{ pointer: '/params/amount' }] },
      });
      expect(business.calls('payments.charge', id)).toBe(0);
    });

    verifies('MAIN-02', 'a narrow key reads what it may, and nothing else', async () => {
      const { narrow, approver, business } = enter();
      const { id, request } = charge();
      expect(await narrow.call(request)).toMatchObject({ http: 403, body: { code: 'tool_not_allowed' } });
      expect(await approver.call(request)).toMatchObject({ http: 403, body: { code: 'insufficient_scope' } });
      expect(business.calls('payments.charge', id)).toBe(0);
      const invoice = business.id('inv');
      business.know(invoice, { balance: 1 });
      const read = { tool: 'billing.invoice', params: { invoice_id: invoice } };
      expect(await narrow.call(read)).toMatchObject({ http: 200, body: { result: { balance: 1 } } });
    });

    verifies('MAIN-03', 'denied by a rule: the tool is not touched', async () => {
      const { agent, business } = enter();
      const { id, request } = charge();
      const rules = [
        { when: 'tool == "payments.charge"', effect: 'deny', reason: 'no charges today' } as const,
      ];
      expect(await agent.call({ ...request, policy: { rules } })).toMatchObject({
        http: 403,
        body: { code: 'policy_denied' },
      });
      expect(business.calls('payments.charge', id)).toBe(0);
    });

    describe.for([
      { tool: 'payments.charge', result: { done: 'payments.charge' } },
      { tool: 'payments.charge_by_mcp', result: { structuredContent: { done: 'payments.charge_by_mcp' } } },
    ])('$tool', ({ tool, result }) => {
      verifies(
        ['MAIN-04', 'MAIN-06'],
        'a repeat replays, other params are refused, and it is traced',
        async () => {
          const { agent, business } = enter();
          const { id, request } = charge(tool);
          const first = await agent.call(request);
          expect(first).toMatchObject({ http: 200, body: { status: 'completed', result } });
          expect(await agent.call(request)).toMatchObject({
            http: 200,
            body: { replayed: true, result: first.body['result'], execution_id: first.body['execution_id'] },
          });
          /* Traces are written behind the answers. */
          await vi.waitFor(async () => {
            const { body } = await agent.trace(textOf(first, 'execution_id'));
            expect(body).toMatchObject({ status: 'completed', replayed: true, code: null });
          });
          const params = { payment_id: business.id('pay') };
          expect(await agent.call({ ...request, params })).toMatchObject({
            http: 422,
            body: { code: 'idempotency_key_reused' },
          });
          expect(business.effects(id)).toHaveLength(1);
          expect(business.effects(params.payment_id)).toEqual([]);
        },
      );

      verifies('MAIN-05', 'twenty at once with one key: charged once', async () => {
        const { agent, business } = enter();
        const { id, request } = charge(tool);
        const answers = await Promise.all(Array.from({ length: 20 }, () => agent.call(request)));
        const told = new Set(answers.map(({ body }) => String(body['code'] ?? body['status'])));
        told.delete('idempotency_in_progress');
        expect([...told]).toEqual(['completed']);
        expect(business.effects(id)).toHaveLength(1);
      });

      verifies('MAIN-07', 'an answer that is lost: unknown, asked of a human, never sent again', async () => {
        const { agent, approver, business } = enter();
        const { id, request } = charge(tool);
        business.plan(tool, id, 'lost');
        const call = { ...request, failure_policy: { retry: 2 } };
        expect(await agent.call(call)).toMatchObject({
          http: 502,
          body: { success: false, status: 'unknown' },
        });
        const again = await agent.call(call);
        expect(again).toMatchObject({ http: 202, body: { success: false, status: 'needs_review' } });
        expect((await approver.approval(textOf(again, 'approval_id'))).body).toMatchObject({
          kind: 'review',
          failure: { effect: 'unknown' },
        });
        expect(business.calls(tool, id)).toBe(1);
      });
    });
  });
}
