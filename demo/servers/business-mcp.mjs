// The mock of a company's systems: payments, a CRM and an issue tracker, as one MCP server. It does what it is told as often
// as it is told (no idempotency anywhere), and every effect is an entry of its ledger.
import { schemaOf } from '../schema-of.mjs';
import { createLedger } from './ledger.mjs';
import { serveTools } from './mcp-server.mjs';
/** @import { Behaviour } from './mcp-server.mjs' */

const ledger = createLedger();

/** @type {Map<string, { customer_id: string, name: string, account_status: string }>} */
const customers = new Map();
/** @type {Map<string, number>} How often each payment was charged. */
const charges = new Map();
let issues = 0;

startAfresh();

serveTools({
  name: 'business',
  ledger,
  onChapter: startAfresh,
  tools: {
    payments_charge: {
      description: 'Charges a customer.',
      inputSchema: schemaOf({
        payment_id: 'string',
        customer_id: 'string',
        amount: 'number',
        currency: 'string',
      }),
      call({ payment_id, customer_id, amount, currency }) {
        charges.set(payment_id, (charges.get(payment_id) ?? 0) + 1);
        const { seq } = ledger.append({
          kind: 'charge',
          subject: payment_id,
          detail: { customer_id, amount, currency },
        });
        return answered('payments_charge', {
          charge_id: `ch_${seq}`,
          payment_id,
          amount,
          currency,
          charged: true,
        });
      },
    },
    payments_lookup: {
      description: 'Whether a payment was charged.',
      inputSchema: schemaOf({ payment_id: 'string' }),
      call: ({ payment_id }) => answered('payments_lookup', { payment_id, charged: charges.has(payment_id) }),
    },
    crm_update_customer: {
      description: 'Changes the account status of a customer.',
      inputSchema: schemaOf({ customer_id: 'string', account_status: 'string' }),
      call({ customer_id, account_status }) {
        const customer = customers.get(customer_id);
        if (customer === undefined)
          return { kind: 'tool_error', message: `there is no customer ${customer_id}` };
        customer.account_status = account_status;
        ledger.append({ kind: 'crm_update', subject: customer_id, detail: { account_status } });
        return answered('crm_update_customer', { ...customer });
      },
    },
    issues_create: {
      description: 'Opens an issue.',
      inputSchema: schemaOf({ team_id: 'string', title: 'string' }),
      call({ team_id, title }) {
        issues += 1;
        const issue_id = `ISS-${100 + issues}`;
        ledger.append({ kind: 'issue_created', subject: issue_id, detail: { team_id, title } });
        return answered('issues_create', { issue_id, team_id, title, state: 'open' });
      },
    },
  },
});

function startAfresh() {
  charges.clear();
  issues = 0;
  customers.clear();
  customers.set('cust_123', { customer_id: 'cust_123', name: 'Acme', account_status: 'active' });
  customers.set('cust_999', { customer_id: 'cust_999', name: 'Globex', account_status: 'active' });
}

/**
 * The answer of a call that has been carried out, unless the chapter has it lost on the way back.
 * @param {string} tool
 * @param {Readonly<Record<string, unknown>>} value
 * @returns {Behaviour}
 */
function answered(tool, value) {
  return ledger.countCall(tool).losesAnswer ? { kind: 'hang' } : { kind: 'answer', value };
}
