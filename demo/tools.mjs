import { schemaOf } from './schema-of.mjs';
/** @import { DemoTool } from './types.ts' */

/**
 * The demo's tools as they are registered with Invoke. The timeouts are short so that the demo is; everything else is what
 * an operator would write on these cards.
 * @type {readonly DemoTool[]}
 */
export const TOOLS = [
  rateTool('exchange_rate', "Today's rate between two currencies."),
  rateTool('rate_history', 'The rates of the last three days.'),
  {
    server: 'business',
    registration: {
      name: 'payments_charge',
      risk_level: 'high',
      capability_card: {
        name: 'payments_charge',
        description: 'Charges a customer.',
        effect: 'write',
        input_schema: schemaOf({
          payment_id: 'string',
          customer_id: 'string',
          amount: 'number',
          currency: 'string',
        }),
        timeout_ms: 500,
        reference_field: 'reference',
        settlement: {
          reference: '/data/reference',
          applied: { type: 'payment.succeeded' },
          not_applied: { type: 'payment.failed' },
        },
        entities: [{ field: '/customer_id', type: 'customer' }],
        reconcile: {
          action: 'charge_customer',
          state_refetch: { tool: 'payments_lookup', params: { payment_id: '${params.payment_id}' } },
          conditions: { charged: true },
          settle_ms: 300,
        },
      },
    },
  },
  {
    server: 'business',
    registration: {
      name: 'payments_lookup',
      risk_level: 'low',
      capability_card: {
        name: 'payments_lookup',
        description: 'Whether a payment was charged, and where it stands.',
        effect: 'read',
        input_schema: schemaOf({ payment_id: 'string' }),
        timeout_ms: 2_000,
      },
    },
  },
  {
    server: 'business',
    registration: {
      name: 'crm_update_customer',
      risk_level: 'medium',
      capability_card: {
        name: 'crm_update_customer',
        description: 'Changes the account status of a customer.',
        effect: 'write',
        input_schema: schemaOf({ customer_id: 'string', account_status: 'string' }),
        timeout_ms: 2_000,
        entities: [{ field: '/customer_id', type: 'customer' }],
        entity_required: true,
      },
    },
  },
  {
    server: 'business',
    registration: {
      name: 'invoices_read',
      risk_level: 'low',
      capability_card: {
        name: 'invoices_read',
        description: 'An invoice as it stands.',
        effect: 'read',
        input_schema: schemaOf({ invoice_id: 'string' }),
        timeout_ms: 2_000,
      },
    },
  },
  {
    server: 'business',
    registration: {
      name: 'crm_send_reminder',
      risk_level: 'low',
      capability_card: {
        name: 'crm_send_reminder',
        description: 'Reminds the customer of an unpaid invoice.',
        effect: 'write',
        input_schema: schemaOf({ invoice_id: 'string' }),
        timeout_ms: 2_000,
      },
    },
  },
  {
    server: 'business',
    registration: {
      name: 'orders_ship',
      risk_level: 'medium',
      capability_card: {
        name: 'orders_ship',
        description: 'Has the warehouse send an order out.',
        effect: 'write',
        input_schema: schemaOf({ order_id: 'string' }),
        timeout_ms: 2_000,
      },
    },
  },
  {
    server: 'business',
    registration: {
      name: 'issues_create',
      risk_level: 'medium',
      capability_card: {
        name: 'issues_create',
        description: 'Opens an issue.',
        effect: 'write',
        input_schema: schemaOf({ team_id: 'string', title: 'string' }),
        timeout_ms: 2_000,
        idempotency: { mode: 'caller_provided', required: true },
      },
    },
  },
];

/** @param {string} name @param {string} description @returns {DemoTool} */
function rateTool(name, description) {
  return {
    server: 'flaky',
    registration: {
      name,
      risk_level: 'low',
      capability_card: {
        name,
        description,
        effect: 'read',
        input_schema: schemaOf({ from: 'string', to: 'string' }),
        timeout_ms: 400,
        retry: { safe: true, max_attempts: 3, backoff_ms: 50 },
      },
    },
  };
}
