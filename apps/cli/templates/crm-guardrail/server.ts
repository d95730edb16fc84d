import { getCustomer, STATUSES, updateCustomer, type CustomerChange } from './crm.ts';
import { serve, ToolError, type Params } from './mcp-server.ts';

const customerId = { type: 'string', description: 'Such as cust_123' };

serve('{{name}}', [
  {
    name: 'crm_update_customer',
    description: 'Changes the status, owner or note of one customer.',
    inputSchema: {
      type: 'object',
      properties: {
        customer_id: customerId,
        account_status: { type: 'string', enum: STATUSES },
        owner: { type: 'string' },
        note: { type: 'string' },
      },
      required: ['customer_id'],
      additionalProperties: false,
    },
    async call(params, { idempotencyKey }) {
      const id = text(params, 'customer_id');
      const updated = await updateCustomer(id, toChange(params), idempotencyKey);
      if (updated === undefined) throw new ToolError(`there is no customer ${id}`);
      return updated;
    },
  },
  {
    name: 'crm_get_customer',
    description: 'Reads one customer.',
    inputSchema: {
      type: 'object',
      properties: { customer_id: customerId },
      required: ['customer_id'],
      additionalProperties: false,
    },
    async call(params) {
      const id = text(params, 'customer_id');
      const customer = await getCustomer(id);
      if (customer === undefined) throw new ToolError(`there is no customer ${id}`);
      return { customer };
    },
  },
]);

function toChange(params: Params): CustomerChange {
  const { account_status: asked, owner, note } = params;
  const status = STATUSES.find((known) => known === asked);
  if (asked !== undefined && status === undefined) {
    throw new ToolError(`account_status must be one of ${STATUSES.join(', ')}`);
  }
  return {
    ...(status === undefined ? {} : { account_status: status }),
    ...(owner === undefined ? {} : { owner: text(params, 'owner') }),
    ...(note === undefined ? {} : { note: text(params, 'note') }),
  };
}

function text(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== 'string') throw new ToolError(`${name} must be a text`);
  return value;
}
