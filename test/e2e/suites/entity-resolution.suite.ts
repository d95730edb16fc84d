import { describe, expect, vi } from 'vitest';
import { verifies } from '../support/verifies.js';
import { freeze, inFuture, textOf, type Enter } from '../support/world.js';

const TOOL = 'billing.send_reminder';

export function describeEntityResolution(enter: Enter): void {
  /** The example of the description, about a customer and an invoice of this test. */
  function example() {
    const { business } = enter();
    const [customer, invoice] = [business.id('cust'), business.id('inv')];
    const request = {
      tool: TOOL,
      params: { customer_id: customer, invoice_id: invoice },
      agent_id: 'billing_agent',
      idempotency_key: `remind:${invoice}`,
      entity_resolution: { entity_id: customer, source: 'crm_lookup', resolved_at: '2026-05-01T12:00:00Z' },
    };
    return { customer, invoice, request };
  }

  describe('Entity Resolution Tracking', () => {
    verifies('ENTITY-01', 'the right entity: executed, and the trace tells how it was resolved', async () => {
      const { agent, business } = enter();
      const { customer, invoice, request } = example();
      const done = await agent.call(request);
      expect(done).toMatchObject({ http: 200, body: { success: true, status: 'completed' } });
      expect(business.effects(invoice)).toEqual([{ tool: TOOL, params: request.params }]);
      await vi.waitFor(async () => {
        const { body } = await agent.trace(textOf(done, 'execution_id'));
        expect(body).toMatchObject({
          status: 'completed',
          agent_id: 'billing_agent',
          entity: { entity_id: customer, source: 'crm_lookup', resolved_at: '2026-05-01T12:00:00Z' },
        });
      });
    });

    verifies('ENTITY-02', 'params that name another customer: 409, and the tool is not touched', async () => {
      const { agent, business } = enter();
      const { invoice, request } = example();
      const params = { ...request.params, customer_id: business.id('cust') };
      expect(await agent.call({ ...request, params })).toMatchObject({
        http: 409,
        body: { code: 'entity_mismatch', field: '/params/customer_id', found: params.customer_id },
      });
      expect(business.calls(TOOL, invoice)).toBe(0);
      expect(await agent.call(request)).toMatchObject({ http: 200, body: { status: 'completed' } });
    });

    describe.for([
      { cell: 'variables', of: (customer_id: string) => ({ variables: { customer_id } }) },
      { cell: 'tool outputs', of: (id: string) => ({ tool_outputs: { crm_lookup: { customer_id: id } } }) },
    ])('$cell of the execution state', ({ of }) => {
      verifies('ENTITY-03', 'that name another customer: 409, and the tool is not touched', async () => {
        const { agent, business } = enter();
        const { customer, invoice, request } = example();
        const wrong = await agent.call({ ...request, execution_state: of(business.id('cust')) });
        expect(wrong).toMatchObject({ http: 409, body: { code: 'entity_mismatch' } });
        expect(business.calls(TOOL, invoice)).toBe(0);
        const right = await agent.call({ ...request, execution_state: of(customer) });
        expect(right).toMatchObject({ http: 200, body: { status: 'completed' } });
      });
    });

    describe.for([{ how: 'is read' }, { how: 'is what the approver says' }])(
      'thawed state that $how',
      ({ how }) => {
        verifies('ENTITY-04', 'and points at another customer blocks the approval', async () => {
          const world = enter();
          const { agent, approver, business } = world;
          const { customer, invoice, request } = example();
          const overdue = { invoice_status: 'overdue', customer_id: customer };
          business.know(invoice, overdue);
          const state_refetch = { tool: 'billing.invoice', params: { invoice_id: invoice } };
          const contract = {
            intent: 'send_invoice_reminder',
            conditions: { invoice_status: 'overdue' },
            threshold: 'conditions',
            expires_at: inFuture(),
          } as const;
          const policy = how === 'is read' ? { ...contract, state_refetch } : contract;
          const id = await freeze(world, { ...request, policy });
          const moved = { ...overdue, customer_id: business.id('cust') };
          business.know(invoice, moved);
          const blocked = await approver.approve(id, how === 'is read' ? {} : { state: moved });
          expect(blocked).toMatchObject({ http: 409, body: { code: 'entity_mismatch' } });
          expect((await approver.approval(id)).body).toMatchObject({ status: 'cancelled' });
          const repeated = await agent.call({ ...request, policy });
          expect(repeated.body).toMatchObject({ status: 'blocked', code: 'entity_mismatch' });
          expect(business.calls(TOOL, invoice)).toBe(0);
        });
      },
    );
  });
}
