import { allows, isConfigured } from '../tool/decide-tool.js';
import type { ToolDefinition } from '../tool/tool-definition.js';
import type { Principal } from './principal.js';

/**
 * Whether there is any call of this tool that the limits of this key let through: an agent is not offered what would be
 * refused whatever it sends. What depends on the call (agent, environment, resources) is judged when it comes.
 */
export function isOffered(principal: Principal, tool: ToolDefinition): boolean {
  const { allowedTools, readOnly, actions } = principal;
  const { effect, action } = tool.card;
  if (!isConfigured(tool)) return false;
  if (allowedTools !== null && !allows(allowedTools, tool)) return false;
  if (readOnly && effect !== 'read') return false;
  return actions === null || action === undefined || actions.has(action);
}
