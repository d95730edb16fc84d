// An agent's side of it: `npm run agent`, with INVOKE_API_KEY in .env.
import { Invoke } from './sdk';

const invoke = Invoke.fromEnv();

// The agent looked the customer up before: a call that points at another one is blocked before the CRM is touched.
const result = await invoke.call({
  tool: 'crm_update_customer',
  params: { customer_id: 'cust_123', account_status: 'review' },
  agentId: '{{name}}',
  entityResolution: { entityId: 'cust_123', source: 'crm_lookup', resolvedAt: new Date().toISOString() },
});

switch (result.status) {
  case 'completed':
  case 'outcome_reconciled':
    console.log('done', result.result);
    break;
  case 'blocked':
    console.log('blocked:', result.detail);
    break;
  default:
    console.log(result.status, result.detail ?? '');
}
