// The mock of a company's systems: payments, invoices, a CRM, a warehouse and an issue tracker, as one MCP server. It does
// what it is told as often as it is told (no idempotency anywhere), and every effect is an entry of its ledger.
import { schemaOf } from '../schema-of.mjs';
import { createInvoices } from './invoices.mjs';
import { createLedger } from './ledger.mjs';
import { serveTools } from './mcp-server.mjs';
import { createPayments } from './payments.mjs';
/** @import { Faults } from '../types.ts' */
/** @import { Behaviour } from './mcp-server.mjs' */

const ledger = createLedger();
const payments = createPayments(ledger, { answered, secret: process.env['EVENT_SECRET'] ?? '' });
const invoices = createInvoices(ledger, { answered });

/** @type {Map<string, { customer_id: string, name: string, account_status: string }>} */
const customers = new Map();
let issues = 0;

startAfresh({});

serveTools({
  name: 'business',
  ledger,
  onChapter: startAfresh,
  posts: { '/events': payments.sendEvent },
  tools: {
    ...payments.tools,
    ...invoices.tools,
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
    orders_ship: {
      description: 'Has the warehouse send an order out.',
      inputSchema: schemaOf({ order_id: 'string' }),
      call({ order_id }) {
        ledger.append({ kind: 'order_shipped', subject: order_id, detail: {} });
        return answered('orders_ship', { order_id, shipped: true });
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

/** @param {Faults} faults */
function startAfresh(faults) {
  payments.startAfresh(faults);
  invoices.startAfresh();
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
