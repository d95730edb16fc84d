import { describe, expect } from 'vitest';
import { verifies } from '../support/verifies.js';
import type { Enter } from '../support/world.js';

/** The example of the description, about an invoice of this test. */
const reminder = (invoiceId: string) => ({
  intent: 'send_invoice_reminder',
  required_fields: ['invoice_status', 'balance'],
  assumed_state: { invoice_status: 'unpaid', balance: 125 },
  state_refetch: { tool: 'billing.invoice', params: { invoice_id: invoiceId } },
  conditions: { invoice_status: 'unpaid', balance: '> 0' },
});

const UNPAID = { invoice_status: 'unpaid', balance: 125 };

export function describeStateRevalidation(enter: Enter): void {
  describe('State Revalidation Engine', () => {
    verifies(['STATE-01', 'STATE-04'], 'what still holds is verified, field by field', async () => {
      const { agent, business } = enter();
      const id = business.id('inv');
      business.know(id, UNPAID);
      expect(await agent.verifyState(reminder(id))).toMatchObject({
        http: 200,
        body: {
          success: true,
          status: 'verified',
          decision: 'execute',
          intent: 'send_invoice_reminder',
          current_state: UNPAID,
          fields: [
            { field: 'invoice_status', assumed: 'unpaid', current: 'unpaid', drifted: false, verdict: 'ok' },
            { field: 'balance', assumed: 125, current: 125, drifted: false, verdict: 'ok' },
          ],
        },
      });
      expect(business.calls('billing.invoice', id)).toBe(1);
    });

    describe.for([
      { cell: 'changed', state: { invoice_status: 'paid', balance: 0 }, verdicts: ['changed', 'changed'] },
      { cell: 'of another type', state: { ...UNPAID, balance: '125' }, verdicts: ['ok', 'changed'] },
      { cell: 'in part gone', state: { invoice_status: 'unpaid' }, verdicts: ['ok', 'missing'] },
      { cell: 'not to be read', state: 'unreadable', verdicts: ['missing', 'missing'] },
    ] as const)('state that is $cell', ({ state, verdicts }) => {
      verifies(['STATE-02', 'STATE-03', 'STATE-04'], 'blocked / abort, or replan', async () => {
        const { agent, business } = enter();
        const id = business.id('inv');
        business.know(id, state);
        const blocked = await agent.verifyState(reminder(id));
        expect(blocked).toMatchObject({
          http: 200,
          body: { success: false, status: 'blocked', decision: 'abort' },
        });
        const fields = blocked.body['fields'] as readonly { readonly verdict: string }[];
        expect(fields.map((f) => f.verdict)).toEqual(verdicts);
        expect(await agent.verifyState({ ...reminder(id), on_mismatch: 'replan' })).toMatchObject({
          http: 200,
          body: { success: false, status: 'replan_required', decision: 'replan' },
        });
      });
    });

    verifies('STATE-02', 'unchanged state that no longer satisfies its condition is blocked', async () => {
      const { agent, business } = enter();
      const id = business.id('inv');
      business.know(id, { invoice_status: 'unpaid', balance: 0 });
      const assumed_state = { invoice_status: 'unpaid', balance: 0 };
      expect(await agent.verifyState({ ...reminder(id), assumed_state })).toMatchObject({
        body: {
          status: 'blocked',
          decision: 'abort',
          fields: [{ verdict: 'ok' }, { field: 'balance', drifted: false, verdict: 'condition_failed' }],
        },
      });
    });

    verifies(['STATE-02', 'STATE-04'], 'what fetch.url cannot read is not verified', async () => {
      const { agent, business } = enter();
      const params = { url: `${business.httpUrl}billing.invoice` };
      const answer = await agent.verifyState({
        ...reminder('inv_123'),
        state_refetch: { tool: 'fetch.url', params },
      });
      expect(answer).toMatchObject({
        http: 200,
        body: { status: 'blocked', decision: 'abort', current_state: null },
      });
    });

    verifies('STATE-05', 'a JSON page, in the form in which fetch.url answers', async () => {
      const { agent, business } = enter();
      const id = business.id('inv');
      const url = `https://billing.example.com/invoices/${id}`;
      const text = JSON.stringify(UNPAID);
      business.know(id, { url, status_code: 200, content_type: 'application/json', text, json: UNPAID });
      expect(await agent.verifyState(reminder(id))).toMatchObject({
        body: { status: 'verified', decision: 'execute', current_state: UNPAID },
      });
    });

    verifies('STATE-04', 'a tool that writes reads no state, and is not touched', async () => {
      const { agent, business } = enter();
      const id = business.id('pay');
      const state_refetch = { tool: 'payments.charge', params: { payment_id: id } };
      expect(await agent.verifyState({ ...reminder('inv_123'), state_refetch })).toMatchObject({
        http: 422,
        body: { code: 'validation_failed' },
      });
      expect(business.calls('payments.charge', id)).toBe(0);
    });
  });
}
