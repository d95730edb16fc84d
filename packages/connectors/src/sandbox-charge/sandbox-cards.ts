import { CapabilityCard } from '@invoke/contract';

/** The names of the tools, and of their handlers. */
export const SANDBOX_CHARGE = 'sandbox.charge';
export const SANDBOX_LOOKUP = 'sandbox.lookup';

/** Nothing takes time in the sandbox; what is waited for is only the order of things. */
const TIMEOUT_MS = 1_000;

export const sandboxChargeCard: CapabilityCard = CapabilityCard.parse({
  name: SANDBOX_CHARGE,
  description:
    'SANDBOX: moves no money and reaches nobody. A simulated charge that always takes effect and whose answer is always lost, to show what Invoke does then: it looks the charge up with sandbox.lookup instead of charging again.',
  capability: 'sandbox.charge',
  effect: 'write',
  action: 'sandbox_charge',
  input_schema: { type: 'object' },
  timeout_ms: TIMEOUT_MS,
  reconcile: {
    action: 'sandbox_charge',
    state_refetch: { tool: SANDBOX_LOOKUP, params: { reference: '${reference}' } },
    conditions: { charged: true },
    settle_ms: 50,
    min_absent_reads: 1,
    max_reads: 3,
  },
  tags: ['sandbox', 'built-in'],
});

export const sandboxLookupCard: CapabilityCard = CapabilityCard.parse({
  name: SANDBOX_LOOKUP,
  description:
    'SANDBOX: finds a simulated charge by its reference. It keeps no state: a reference of the form that Invoke gives to charges is one that was charged.',
  capability: 'sandbox.lookup',
  effect: 'read',
  input_schema: {
    type: 'object',
    properties: { reference: { type: 'string', maxLength: 256 } },
    required: ['reference'],
    additionalProperties: false,
  },
  timeout_ms: TIMEOUT_MS,
  tags: ['sandbox', 'built-in'],
});
