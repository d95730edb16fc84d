import type { CapabilityCardInput } from '@invoke/contract';

/** A tool that the rows name: its card, and how it is reached. */
export interface RowTool {
  readonly card: CapabilityCardInput;
  readonly over: 'http' | 'mcp';
}

const text = { type: 'string' } as const;

/** Params: the named ones, the required ones among them, and no others. */
function params(properties: Record<string, unknown>, required: readonly string[] = []) {
  return { type: 'object', properties, required, additionalProperties: false };
}

const MONEY = params({ customer_id: text, amount: { type: 'number' }, currency: text }, [
  'customer_id',
  'amount',
]);

/** All tools of the rows. One attempt each, so that what is counted is what was let through. */
export const ROW_TOOLS: readonly RowTool[] = [
  {
    over: 'mcp',
    card: {
      name: 'crm_update_customer',
      input_schema: params(
        {
          customer_id: text,
          account_status: text,
          note: text,
          related: { type: 'array', items: { type: 'object' } },
        },
        ['customer_id'],
      ),
      resources: [{ field: '/customer_id' }],
    },
  },
  /* Answers to the same alias as the one above: `crm.update.customer` could be either. */
  { over: 'http', card: { name: 'crm.update_customer', input_schema: params({ customer_id: text }) } },
  { over: 'http', card: { name: 'crm.read', effect: 'read', input_schema: params({}) } },
  {
    over: 'http',
    card: {
      name: 'github.create_issue',
      input_schema: params({ repo: text, title: text }, ['repo']),
      resources: [{ field: '/repo', prefix: 'repo:' }],
    },
  },
  {
    over: 'http',
    card: { name: 'mail.send', action: 'send_mail', input_schema: params({ to: text }, ['to']) },
  },
  { over: 'mcp', card: { name: 'payments.charge', input_schema: MONEY } },
  { over: 'http', card: { name: 'payments.refund', input_schema: { type: 'object' } } },
  { over: 'http', card: { name: 'flaky.write', input_schema: { type: 'object' } } },
  { over: 'http', card: { name: 'a.loop', input_schema: { type: 'object' } } },
  { over: 'http', card: { name: 'mock.state', effect: 'read', input_schema: { type: 'object' } } },
  { over: 'http', card: { name: 'git.push', input_schema: params({ branch: text }, ['branch']) } },
  {
    over: 'http',
    card: { name: 'batch.run', input_schema: params({ steps: { type: 'array' } }, ['steps']) },
  },
  {
    over: 'http',
    card: {
      name: 'billing.send_reminder',
      input_schema: params({ customer_id: text, invoice_id: text }),
      entities: [{ field: '/customer_id', type: 'customer' }],
      entity_required: true,
    },
  },
  { over: 'http', card: { name: 'billing.state', effect: 'read', input_schema: { type: 'object' } } },
  /* Whether it took effect can be looked up, so that a gateway that was killed can find out. */
  {
    over: 'http',
    card: {
      name: 'ledger.charge',
      input_schema: params({ order_id: text }, ['order_id']),
      timeout_ms: 2_000,
      retry: { safe: true, max_attempts: 3, backoff_ms: 1_500 },
      answers: { no_effect_statuses: [503], retryable_statuses: [503] },
      reconcile: {
        state_refetch: { tool: 'ledger.find', params: { order_id: '${params.order_id}' } },
        conditions: { found: true },
        settle_ms: 200,
        min_absent_reads: 2,
      },
    },
  },
  { over: 'http', card: { name: 'ledger.find', effect: 'read', input_schema: { type: 'object' } } },
];
