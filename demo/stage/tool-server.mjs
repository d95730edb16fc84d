/** @import { LedgerEntry, ToolServer } from '../types.ts' */

/**
 * A server of the demo, spoken to directly: its chapters and its ledger never go through Invoke.
 * @param {string} url
 * @returns {ToolServer}
 */
export function createToolServer(url) {
  return {
    mcpUrl: `${url}/mcp`,
    async openChapter(name, faults) {
      const answer = await fetch(`${url}/chapters`, {
        method: 'POST',
        body: JSON.stringify({ name, faults }),
      });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${url} opened no chapter: ${answer.status}`);
    },
    async ledger(chapter) {
      const answer = await fetch(`${url}/ledger?chapter=${encodeURIComponent(chapter)}`);
      const { entries } = /** @type {{ entries: LedgerEntry[] }} */ (await answer.json());
      return entries;
    },
    async sendEvent(order) {
      const answer = await fetch(`${url}/events`, { method: 'POST', body: JSON.stringify(order) });
      if (!answer.ok) throw new Error(`${url} sent no event: ${answer.status}`);
      return /** @type {any} */ (await answer.json());
    },
  };
}
