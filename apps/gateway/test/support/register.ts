import type { CapabilityCardInput } from '@invoke/contract';
import type { TestGateway } from './gateway.js';

/** Registers a plain HTTP tool of the provider `acme`. */
export async function register(
  gateway: TestGateway,
  name: string,
  url: string,
  card: Partial<CapabilityCardInput> = {},
) {
  await gateway.request('POST', '/v1/providers', { body: { name: 'Acme', slug: 'acme' } });
  const method = card.effect === 'read' ? 'GET' : 'POST';
  return gateway.request('POST', '/v1/providers/acme/tools', {
    body: {
      name,
      capability_card: { name, input_schema: { type: 'object' }, ...card },
      http: { method, url },
    },
  });
}

/** Registers a tool of an MCP server, of the same provider. */
export async function registerMcp(
  gateway: TestGateway,
  name: string,
  url: string,
  card: Partial<CapabilityCardInput> = {},
) {
  await gateway.request('POST', '/v1/providers', { body: { name: 'Acme', slug: 'acme' } });
  return gateway.request('POST', '/v1/providers/acme/tools', {
    body: {
      name,
      capability_card: { name, input_schema: { type: 'object' }, ...card },
      mcp_url: url,
      mcp_tool: name,
    },
  });
}
