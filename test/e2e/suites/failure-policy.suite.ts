import { describe, expect } from 'vitest';
import { verifies } from '../support/verifies.js';
import { textOf, type Enter } from '../support/world.js';

const [PRIMARY, SECONDARY] = ['billing.primary_lookup', 'billing.secondary_lookup'];

export function describeFailurePolicy(enter: Enter): void {
  /** The example of the description, about an invoice of this test. */
  function example() {
    const invoice = enter().business.id('inv');
    const request = {
      tool: PRIMARY,
      params: { invoice_id: invoice },
      agent_id: 'billing_agent',
      idempotency_key: `look:${invoice}`,
      failure_policy: { retry: 2, fallback: SECONDARY, on_failure: 'escalate' },
    } as const;
    return { invoice, request };
  }

  const counts = (invoice: string) =>
    [PRIMARY, SECONDARY].map((tool) => enter().business.calls(tool, invoice));

  describe('Failure Policy Engine', () => {
    verifies('FAIL-01', 'a failure that passes is retried, and no more than needed', async () => {
      const { agent, business } = enter();
      const { invoice, request } = example();
      business.know(invoice, { balance: 125 });
      business.plan(PRIMARY, invoice, 503, 503);
      const answer = await agent.call(request);
      expect(answer).toMatchObject({ http: 200, body: { status: 'completed', result: { balance: 125 } } });
      expect(counts(invoice)).toEqual([3, 0]);
    });

    verifies(['FAIL-01', 'FAIL-05'], 'one that stays: three attempts, and the failure is told', async () => {
      const { agent, business } = enter();
      const { invoice, request } = example();
      business.plan(PRIMARY, invoice, ...Array<503>(9).fill(503));
      const call = { ...request, failure_policy: { retry: 2 } };
      expect(await agent.call(call)).toMatchObject({
        http: 502,
        body: { success: false, status: 'failed', code: 'upstream_unavailable' },
      });
      expect(counts(invoice)).toEqual([3, 0]);
      expect(await agent.call(call)).toMatchObject({ http: 502, body: { status: 'failed' } });
      expect(counts(invoice)).toEqual([3, 0]);
    });

    verifies('FAIL-02', 'more retries than the cap are refused, and nothing is called', async () => {
      const { agent } = enter();
      const { invoice, request } = example();
      expect(await agent.call({ ...request, failure_policy: { retry: 6 } })).toMatchObject({
        http: 422,
        body: { code: 'policy_invalid', errors: [{ pointer: '/failure_policy/retry' }] },
      });
      expect(counts(invoice)).toEqual([0, 0]);
    });

    verifies('FAIL-03', 'the fallback answers, once', async () => {
      const { agent, business } = enter();
      const { invoice, request } = example();
      business.know(invoice, { balance: 125 });
      business.plan(PRIMARY, invoice, 503, 503, 503);
      const answer = await agent.call(request);
      expect(answer).toMatchObject({ http: 200, body: { status: 'completed' } });
      expect(counts(invoice)).toEqual([3, 1]);
      expect(await agent.call(request)).toMatchObject({ body: { status: 'completed', replayed: true } });
      expect(counts(invoice)).toEqual([3, 1]);
    });

    verifies(
      ['FAIL-03', 'FAIL-04'],
      'everything fails: a human is shown why, and may have it tried again',
      async () => {
        const { agent, approver, business } = enter();
        const { invoice, request } = example();
        business.plan(PRIMARY, invoice, 503, 503, 503);
        business.plan(SECONDARY, invoice, 'dropped');
        const escalated = await agent.call(request);
        expect(escalated).toMatchObject({ http: 202, body: { success: false, status: 'needs_review' } });
        expect(counts(invoice)).toEqual([3, 1]);
        const id = textOf(escalated, 'approval_id');
        expect((await approver.approval(id)).body).toMatchObject({
          kind: 'review',
          status: 'pending',
          params: { invoice_id: invoice },
          agent_id: 'billing_agent',
          failure: { code: 'upstream_unavailable', effect: 'none', message: expect.any(String) as string },
          expires_at: null,
        });
        expect((await agent.call(request)).body).toMatchObject({ status: 'needs_review', approval_id: id });
        business.know(invoice, { balance: 7 });
        expect(await approver.approve(id)).toMatchObject({
          http: 200,
          body: { outcome: 'executed', execution_status: 'completed', result: { balance: 7 } },
        });
        expect((await agent.call(request)).body).toMatchObject({
          status: 'completed',
          result: { balance: 7 },
        });
      },
    );

    verifies('FAIL-05', 'a human may also say that it is to be left', async () => {
      const { agent, approver, business } = enter();
      const { invoice, request } = example();
      business.plan(PRIMARY, invoice, 503, 503, 503);
      business.plan(SECONDARY, invoice, 'dropped');
      const id = textOf(await agent.call(request), 'approval_id');
      expect(await approver.reject(id, 'the supplier is down')).toMatchObject({ http: 200 });
      expect((await approver.approve(id)).body).toMatchObject({ code: 'approval_conflict' });
      expect((await agent.call(request)).body).toMatchObject({ status: 'failed' });
      expect(counts(invoice)).toEqual([3, 1]);
    });
  });
}
