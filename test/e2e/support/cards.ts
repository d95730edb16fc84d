import type { CapabilityCardInput } from '@invoke/contract';

export interface BusinessTool {
  readonly card: CapabilityCardInput;
  /** Plain HTTP, or MCP over Streamable HTTP. */
  readonly over: 'http' | 'mcp';
  readonly riskLevel: 'low' | 'high';
}

const text = { type: 'string' } as const;

function params(...names: readonly string[]) {
  const properties = Object.fromEntries(names.map((name) => [name, text]));
  return { type: 'object', properties, required: names, additionalProperties: false };
}

const READ = { effect: 'read', timeout_ms: 5_000, retry: { backoff_ms: 10 } } as const;

/** The tools of the description's examples. Writes declare nothing of how they may be repeated: that is for the call to say. */
export const TOOLS: readonly BusinessTool[] = [
  {
    over: 'http',
    riskLevel: 'low',
    card: { ...READ, name: 'billing.invoice', input_schema: params('invoice_id') },
  },
  {
    over: 'http',
    riskLevel: 'low',
    card: { ...READ, name: 'billing.primary_lookup', input_schema: params('invoice_id') },
  },
  {
    over: 'mcp',
    riskLevel: 'low',
    card: { ...READ, name: 'billing.secondary_lookup', input_schema: params('invoice_id') },
  },
  {
    over: 'mcp',
    riskLevel: 'low',
    card: { ...READ, name: 'payments.lookup', input_schema: params('payment_id') },
  },
  {
    over: 'http',
    riskLevel: 'low',
    card: {
      name: 'billing.send_reminder',
      input_schema: params('customer_id', 'invoice_id'),
      entities: [{ field: '/customer_id', type: 'customer' }],
    },
  },
  {
    over: 'mcp',
    riskLevel: 'low',
    card: { name: 'email.send', action: 'send_email', input_schema: params('invoice_id') },
  },
  ...(['http', 'mcp'] as const).map((over): BusinessTool => {
    const timing = { timeout_ms: 800, retry: { backoff_ms: 10 } };
    const name = over === 'http' ? 'payments.charge' : 'payments.charge_by_mcp';
    return { over, riskLevel: 'high', card: { ...timing, name, input_schema: params('payment_id') } };
  }),
  {
    over: 'http',
    riskLevel: 'high',
    card: { name: 'repo.push', input_schema: params('url', 'branch') },
  },
];
