import { CapabilityCard, type CapabilityCardInput } from '@invoke/contract';
import { epochMs } from './time.js';
import type { ToolDefinition } from './tool/tool-definition.js';

/** A definition for tests of the domain: what matters in a test is said in the test. */
export function aTool(
  card: Partial<CapabilityCardInput> & { name: string },
  more: Partial<ToolDefinition> = {},
): ToolDefinition {
  return {
    id: card.name,
    key: `acme.${card.name}`,
    name: card.name,
    tenant: 'default',
    provider: { id: 'prov_1', slug: 'acme' },
    version: `version of ${card.name}`,
    card: CapabilityCard.parse({ input_schema: {}, ...card }),
    binding: { kind: 'mcp', url: 'http://127.0.0.1:1/mcp', tool: card.name },
    riskLevel: 'medium',
    approvalRequired: false,
    updatedAt: epochMs(1_700_000_000_000),
    ...more,
  };
}
