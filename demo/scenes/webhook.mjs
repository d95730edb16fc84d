import { callUntilItWorks } from '../agents/naive-agent.mjs';
import { receiveEvent } from '../agents/webhook-inbox.mjs';
import { check, measure } from './checks.mjs';
/** @import { Scene, ToolServer } from '../types.ts' */

const PAYMENT = { payment_id: 'pay_88', customer_id: 'cust_123', amount: 900, currency: 'usd' };
const ORDER = { order_id: 'ord_9' };

const shipped = measure('ord_9 shipped (its payment is gone)', { kind: 'order_shipped', subject: 'ord_9' });
const takenBack = measure('', { kind: 'charge_returned', subject: 'pay_88' });

/** @type {Scene} */
export const webhookScene = {
  id: 'webhook',
  title: 'Webhook inconsistency returned as replan_required',
  story: 'A payment is taken, then the bank takes it back. The webhook that comes still says: succeeded.',
  faults: { chargesReturned: 1 },
  measures: [shipped],

  async naive({ tell, business }) {
    const agent = { mcpUrl: business.mcpUrl, tell, timeoutMs: 2_000 };
    await callUntilItWorks(agent, 'payments_charge', PAYMENT);
    const { type } = await lateEvent(business);
    tell(`webhook: ${type}`);
    await callUntilItWorks(agent, 'orders_ship', ORDER);
    tell('the goods are gone, and so is the money', 'bad');
  },

  async throughInvoke({ tell, business, invoke, eventToGateway }) {
    const agent = { agent_id: 'fulfilment_agent' };
    await invoke.call({
      ...agent,
      tool: 'payments_charge',
      params: PAYMENT,
      idempotency_key: 'charge:pay_88',
    });
    const { type } = await lateEvent(business);
    tell(`webhook: ${type}`);
    const verified = await invoke.verifyState({
      ...agent,
      intent: 'ship_order',
      required_fields: ['payment_status'],
      assumed_state: { payment_status: 'paid' },
      conditions: { payment_status: 'paid' },
      state_refetch: { tool: 'payments_lookup', params: { payment_id: PAYMENT.payment_id } },
      on_mismatch: 'replan',
    });
    if (verified.body.decision === 'execute') {
      await invoke.call({ ...agent, tool: 'orders_ship', params: ORDER, idempotency_key: 'ship:ord_9' });
    }
    await eventToGateway({ type: 'payment.failed', payment_id: PAYMENT.payment_id });
  },

  expect({ naive, invoke, answers, executions }) {
    const [charged, verified] = answers.map((a) => a.body);
    const event = answers.at(-1)?.body;
    return [
      check(
        'without Invoke an order ships whose payment was taken back',
        takenBack.count(naive) === 1 && shipped.count(naive) === 1,
      ),
      check('through Invoke it does not ship', takenBack.count(invoke) === 1 && shipped.count(invoke) === 0),
      check(
        'the agent is told to plan again, and which field has changed',
        verified?.status === 'replan_required' &&
          verified.fields?.find((f) => f.field === 'payment_status')?.current === 'returned',
      ),
      check(
        'a signed event against the record is replan_required, too',
        event?.status === 'replan_required' && event.execution_id === charged?.execution_id,
      ),
      check(
        'what was recorded stays as it was',
        charged?.status === 'completed' && executions[0]?.final_outcome === 'completed',
      ),
    ];
  },
};

/** What the provider sent before the bank changed its mind, and what comes only now. @param {ToolServer} business */
function lateEvent(business) {
  return receiveEvent((to) =>
    business.sendEvent({ to, type: 'payment.succeeded', payment_id: PAYMENT.payment_id }),
  );
}
