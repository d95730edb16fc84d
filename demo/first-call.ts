import { createInvoke } from '@invoke/core';
import { createSqliteStore } from '@invoke/storage/sqlite';

// A payment provider that charges, and then loses its answer.
const charged = new Set<unknown>();

const invoke = await createInvoke({
  store: await createSqliteStore({ dataDir: './.invoke/first-call' }),
  tools: [
    {
      name: 'charge',
      input_schema: {
        type: 'object',
        properties: { payment_id: { type: 'string' } },
        required: ['payment_id'],
      },
      // How to find out what happened when nobody knows: read, and look at a condition.
      reconcile: {
        state_refetch: { tool: 'lookup', params: { payment_id: '${params.payment_id}' } },
        conditions: { charged: true },
      },
      run: ({ payment_id }) => {
        charged.add(payment_id);
        throw new Error('the connection broke');
      },
    },
    {
      name: 'lookup',
      effect: 'read',
      input_schema: {},
      run: ({ payment_id }) => ({ charged: charged.has(payment_id) }),
    },
  ],
});

const charge = { tool: 'charge', params: { payment_id: 'pay_1' }, idempotencyKey: `order-${Date.now()}` };
console.log(await invoke.call(charge)); // status: 'outcome_reconciled', decision: 'do_not_retry'
console.log(await invoke.call(charge)); // the agent calls again: the same answer, replayed: true
console.log(await invoke.call({ ...charge, params: { payment_id: 'pay_2' } })); // refused: another call with the same key
await invoke.close();
