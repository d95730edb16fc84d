import type { CapabilityCard } from '@invoke/contract';
import { refuse, PROCEED, type Decision } from '../decision.js';
import type { Principal } from '../access/principal.js';
import type { FoundTool } from './catalogue.js';
import type { ToolDefinition } from './tool-definition.js';

/**
 * Whether the named tool may be used at all. To a key with a tool list everything outside of it looks the same, whether it
 * exists or not; to other keys a tool that does not exist is not found.
 */
export function decideTool(principal: Principal, reference: string, found: FoundTool): Decision {
  const listed = principal.allowedTools;
  if (listed !== null && !(found.kind === 'found' && allows(listed, found.tool))) {
    return refuse('tool_not_allowed', 'This key may not call this tool.', { details: { tool: reference } });
  }
  switch (found.kind) {
    case 'none':
      return refuse('not_found', `There is no tool ${JSON.stringify(reference)}.`, {
        details: { tool: reference },
      });
    case 'ambiguous':
      return refuse(
        'tool_conflict',
        `${JSON.stringify(reference)} fits more than one tool: use the exact id.`,
      );
    case 'found':
      return isConfigured(found.tool) ? PROCEED : notConfigured(found.tool);
  }
}

/** A list names tools by id, key or capability; the exact spelling counts. */
export function allows(
  listed: ReadonlySet<string>,
  tool: Pick<ToolDefinition, 'id' | 'key'> & { readonly card: Pick<CapabilityCard, 'capability'> },
): boolean {
  return (
    listed.has(tool.id) ||
    listed.has(tool.key) ||
    (tool.card.capability !== undefined && listed.has(tool.card.capability))
  );
}

const PLACEHOLDER = /replace-with-your/i;

/** Whether the address is a real one; templates ship with a placeholder. */
export function isConfigured(tool: ToolDefinition): boolean {
  return tool.binding.kind === 'builtin' || !PLACEHOLDER.test(tool.binding.url);
}

function notConfigured(tool: ToolDefinition): Decision {
  return refuse(
    'tool_not_callable',
    `${tool.name} still has a placeholder address. Register it again with the address of its server.`,
  );
}

/** Why a name may not be registered: it is taken, or looks like one that is. */
export function decideToolName(name: string, providerId: string, alike: readonly ToolDefinition[]): Decision {
  const other = alike.find((t) => t.provider.id !== providerId);
  if (other === undefined) return PROCEED;
  return refuse('tool_conflict', `${name} would answer for ${other.id}, which belongs to another provider.`);
}
