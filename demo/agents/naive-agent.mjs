import { callDirectly } from './direct-tool.mjs';
/** @import { Tell, ToolOutcome } from '../types.ts' */

/**
 * The retry loop that is written when nothing better is at hand: whatever went wrong, try again until it works.
 * `atMost` is where the demo stops watching, not something that the agent knows.
 * @param {{ readonly mcpUrl: string, readonly tell: Tell, readonly timeoutMs: number, readonly atMost?: number }} agent
 * @param {string} tool
 * @param {Readonly<Record<string, unknown>>} params
 * @returns {Promise<ToolOutcome>}
 */
export async function callUntilItWorks({ mcpUrl, tell, timeoutMs, atMost = 10 }, tool, params) {
  for (let n = 1; ; n += 1) {
    const outcome = await callDirectly(mcpUrl, { tool, params, timeoutMs });
    if (outcome.kind === 'answered') {
      tell(`${tool}, try ${n}: answered`);
      return outcome;
    }
    tell(`${tool}, try ${n}: ${outcome.why}`, 'bad');
    if (n === atMost) {
      tell(`still trying; the demo stops watching after ${atMost}`, 'dim');
      return outcome;
    }
  }
}
