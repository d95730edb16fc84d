import { toolsOf, type RegisteredTool } from './cards.js';
import { APPROVER } from './fleet.js';

/** Registers the tools of a ledger at a gateway. @param toolUrl where they are, ending in a slash */
export function registerTools(gateway: string, toolUrl: string, settleMs?: number): Promise<void> {
  return registerEach(gateway, toolUrl, toolsOf(settleMs));
}

export async function registerEach(
  gateway: string,
  toolUrl: string,
  tools: readonly RegisteredTool[],
): Promise<void> {
  await post(gateway, '/v1/providers', { name: 'Ledger', slug: 'ledger' });
  for (const { card, method, approvalRequired } of tools) {
    await post(gateway, '/v1/providers/ledger/tools', {
      name: card.name,
      capability_card: card,
      http: { method, url: `${toolUrl}${card.name}` },
      approval_required: approvalRequired,
    });
  }
}

async function post(gateway: string, path: string, body: object): Promise<void> {
  const response = await fetch(gateway + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': APPROVER },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
