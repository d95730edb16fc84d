import { setUp } from '../../support/set-up.js';
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
  await setUp(`${gateway}/v1/providers`, APPROVER, { name: 'Ledger', slug: 'ledger' });
  for (const { card, method, approvalRequired } of tools) {
    await setUp(`${gateway}/v1/providers/ledger/tools`, APPROVER, {
      name: card.name,
      capability_card: card,
      http: { method, url: `${toolUrl}${card.name}` },
      approval_required: approvalRequired,
    });
  }
}
