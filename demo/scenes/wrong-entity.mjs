import { callUntilItWorks } from '../agents/naive-agent.mjs';
import { check, measure } from './checks.mjs';
/** @import { Scene } from '../types.ts' */

/** What the agent has looked up, and what it then writes into the call. */
const RESOLVED = 'cust_123';
const SLIP = 'cust_999';

const wrong = measure(`${SLIP} updated (a stranger)`, { kind: 'crm_update', subject: SLIP });
const right = measure(`${RESOLVED} updated (who was meant)`, { kind: 'crm_update', subject: RESOLVED });

/** @type {Scene} */
export const wrongEntityScene = {
  id: 'wrong-entity',
  title: 'Wrong CRM update blocked before the record is touched',
  story: `The agent has looked up ${RESOLVED}, but its call says ${SLIP}.`,
  faults: {},
  measures: [wrong, right],

  async naive({ tell, business }) {
    const params = { customer_id: SLIP, account_status: 'suspended' };
    await callUntilItWorks(
      { mcpUrl: business.mcpUrl, tell, timeoutMs: 2_000 },
      'crm_update_customer',
      params,
    );
    tell('another customer is suspended, and nobody has noticed', 'bad');
  },

  async throughInvoke({ invoke, tell }) {
    const call = {
      tool: 'crm_update_customer',
      agent_id: 'support_agent',
      entity_resolution: { entity_id: RESOLVED, source: 'crm_lookup', resolved_at: new Date().toISOString() },
    };
    await invoke.call({ ...call, params: { customer_id: SLIP, account_status: 'suspended' } });
    tell('the agent reads why, and corrects its call');
    await invoke.call({ ...call, params: { customer_id: RESOLVED, account_status: 'suspended' } });
  },

  expect({ naive, invoke, answers: [blocked, corrected] }) {
    return [
      check('without Invoke a stranger is overwritten', wrong.count(naive) === 1),
      check(
        'through Invoke the wrong call is refused and the record is not touched',
        wrong.count(invoke) === 0 && blocked?.http === 409 && blocked.body.code === 'entity_mismatch',
      ),
      check(
        'the corrected call goes through, once',
        right.count(invoke) === 1 && corrected?.body.status === 'completed',
      ),
    ];
  },
};
