import { callDirectly } from '../agents/direct-tool.mjs';
import { callUntilItWorks } from '../agents/naive-agent.mjs';
import { check, measure } from './checks.mjs';
/** @import { CallRequestInput } from '@invoke/contract' */
/** @import { Scene, ToolServer } from '../types.ts' */

const PARAMS = { invoice_id: 'inv_77' };
const AN_HOUR_MS = 3_600_000;

const reminders = measure('inv_77 reminder sent', { kind: 'reminder_sent', subject: 'inv_77' });
const toOneWhoPaid = measure('', { kind: 'reminder_sent', detail: { invoice_status: 'paid' } });

/** @type {Scene} */
export const staleApprovalScene = {
  id: 'stale-approval',
  title: 'Stale approval requeued after live state changed',
  story: 'A human is asked to approve a payment reminder. The customer pays; then the human says yes.',
  faults: {},
  measures: [reminders],

  async naive({ tell, business }) {
    const agent = { mcpUrl: business.mcpUrl, tell, timeoutMs: 2_000 };
    await callUntilItWorks(agent, 'invoices_read', PARAMS);
    tell('overdue: the agent asks a human in the chat', 'dim');
    await customerPays(business);
    tell('the customer pays', 'dim');
    tell('the human reads the chat, and says yes', 'dim');
    await callUntilItWorks(agent, 'crm_send_reminder', PARAMS);
    tell('a customer who has paid is told to pay', 'bad');
  },

  async throughInvoke({ tell, business, invoke, approvalsOf }) {
    const frozen = await invoke.call(reminderCall());
    const id = frozen.body.approval_id ?? '';
    await approvalsOf('agent').approve(id);
    await customerPays(business);
    tell('the customer pays', 'dim');
    const human = approvalsOf('human');
    const shown = await human.read(id);
    const requeued = await human.approve(id, { digest: shown.body.approval?.digest });
    const next = requeued.body.next_approval_id ?? '';
    await human.read(id);
    const { body } = await human.read(next);
    tell(`a fresh approval shows: ${stateOf(body.approval?.frozen_state ?? {})}`);
    await human.reject(next);
  },

  expect({ naive, invoke, answers, executions }) {
    const [frozen, own, , requeued, old, fresh, rejected] = answers.map((a) => a.body);
    return [
      check('without Invoke a customer who has paid is reminded', toOneWhoPaid.count(naive) === 1),
      check('through Invoke no reminder is sent', reminders.count(invoke) === 0),
      check(
        'the call waits for a human, and the agent is none',
        frozen?.status === 'pending_approval' && own?.code === 'self_approval_denied',
      ),
      check(
        'the yes is requeued, with the drift of each field',
        requeued?.status === 'requeued' &&
          verdictOf(requeued, 'invoice_status') === 'fails' &&
          verdictOf(requeued, 'balance') === 'fails',
      ),
      check(
        'the old approval is spent, the fresh one has live state',
        old?.approval?.status === 'invalidated' &&
          fresh?.approval?.previous_id === old.approval.id &&
          fresh.approval.frozen_state?.['invoice_status'] === 'paid',
      ),
      check(
        'what the human rejects then is over',
        rejected?.status === 'rejected' && executions.map((e) => e.status).join() === 'rejected',
      ),
    ];
  },
};

/** The approval is only good while the invoice is as the human was shown. @returns {CallRequestInput} */
function reminderCall() {
  return {
    tool: 'crm_send_reminder',
    params: PARAMS,
    agent_id: 'billing_agent',
    idempotency_key: 'remind:inv_77',
    policy: {
      intent: 'send_invoice_reminder',
      conditions: { invoice_status: 'overdue', balance: '> 0' },
      threshold: 'strict',
      expires_at: new Date(Date.now() + AN_HOUR_MS).toISOString(),
      state_refetch: { tool: 'invoices_read', params: PARAMS },
    },
  };
}

/** Outside of any agent: straight at the tool, on both sides. @param {ToolServer} business */
async function customerPays(business) {
  const paid = await callDirectly(business.mcpUrl, {
    tool: 'invoices_pay',
    params: PARAMS,
    timeoutMs: 2_000,
  });
  if (paid.kind !== 'answered') throw new Error(`the customer could not pay: ${paid.why}`);
}

/** @param {Readonly<Record<string, unknown>>} state */
function stateOf({ invoice_status, balance }) {
  return `${invoice_status}, ${balance} due`;
}

/** @param {import('../types.ts').InvokeBody} body @param {string} field */
function verdictOf({ drift = [] }, field) {
  return drift.find((d) => d.field === field)?.verdict;
}
