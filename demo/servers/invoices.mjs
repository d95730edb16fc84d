import { schemaOf } from '../schema-of.mjs';
/** @import { Ledger } from './ledger.mjs' */
/** @import { Behaviour } from './mcp-server.mjs' */

/** @typedef {{ invoice_id: string, customer_id: string, invoice_status: 'overdue' | 'paid', balance: number }} Invoice */

/**
 * Invoices, and the reminders that the CRM sends for them: to whoever it is told to, paid or not.
 * @param {Ledger} ledger
 * @param {{ readonly answered: (tool: string, value: Readonly<Record<string, unknown>>) => Behaviour }} options
 */
export function createInvoices(ledger, { answered }) {
  /** @type {Map<string, Invoice>} */
  const invoices = new Map();

  /**
   * @param {string} tool
   * @param {string} description
   * @param {(invoice: Invoice) => Readonly<Record<string, unknown>>} act
   */
  const invoiceTool = (tool, description, act) => ({
    description,
    inputSchema: schemaOf({ invoice_id: 'string' }),
    /** @param {Readonly<Record<string, any>>} args @returns {Behaviour} */
    call({ invoice_id }) {
      const invoice = invoices.get(invoice_id);
      if (invoice === undefined) return { kind: 'tool_error', message: `there is no invoice ${invoice_id}` };
      return answered(tool, act(invoice));
    },
  });

  return {
    startAfresh() {
      invoices.clear();
      invoices.set('inv_77', {
        invoice_id: 'inv_77',
        customer_id: 'cust_123',
        invoice_status: 'overdue',
        balance: 125,
      });
    },

    tools: {
      invoices_read: invoiceTool('invoices_read', 'An invoice as it stands.', (invoice) => ({ ...invoice })),
      invoices_pay: invoiceTool('invoices_pay', 'What a customer does, not an agent.', (invoice) => {
        invoice.invoice_status = 'paid';
        invoice.balance = 0;
        ledger.append({ kind: 'invoice_paid', subject: invoice.invoice_id, detail: {} });
        return { ...invoice };
      }),
      crm_send_reminder: invoiceTool(
        'crm_send_reminder',
        'Reminds the customer of an unpaid invoice.',
        ({ invoice_id, invoice_status, balance }) => {
          ledger.append({
            kind: 'reminder_sent',
            subject: invoice_id,
            detail: { invoice_status, balance },
          });
          return { invoice_id, sent: true };
        },
      ),
    },
  };
}
