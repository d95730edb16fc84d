import { callUntilItWorks } from '../agents/naive-agent.mjs';
import { check, measure } from './checks.mjs';
/** @import { Scene } from '../types.ts' */

const PARAMS = { payment_id: 'pay_42', customer_id: 'cust_123', amount: 2400, currency: 'usd' };

const charges = measure('pay_42 charged', { kind: 'charge', subject: 'pay_42' });

/** @type {Scene} */
export const paymentScene = {
  id: 'payment',
  title: 'Payment timeout reconciled before a duplicate charge',
  story: 'A payment goes through, and its answer is lost on the way back.',
  faults: { loseAnswers: { payments_charge: 1 } },
  measures: [charges],

  async naive({ tell, business }) {
    await callUntilItWorks({ mcpUrl: business.mcpUrl, tell, timeoutMs: 500 }, 'payments_charge', PARAMS);
  },

  async throughInvoke({ invoke }) {
    await invoke.call({
      tool: 'payments_charge',
      params: PARAMS,
      agent_id: 'billing_agent',
      idempotency_key: 'charge:pay_42',
    });
  },

  expect({ naive, invoke, answers: [answer] }) {
    return [
      check('without Invoke the customer is charged twice', charges.count(naive) === 2),
      check('through Invoke the customer is charged once', charges.count(invoke) === 1),
      check('the agent learns that the payment went through', answer?.body.status === 'outcome_reconciled'),
    ];
  },
};
