import type { ToolView } from '@invoke/contract';
import { isConfigured } from './decide-tool.js';
import { classifyTool } from './tool-class.js';
import type { ToolDefinition } from './tool-definition.js';

/** A tool as callers see it: what it does and how it may be treated, not where it is. */
export function toToolView(tool: ToolDefinition): ToolView {
  return {
    id: tool.id,
    key: tool.key,
    name: tool.name,
    provider: tool.provider.slug,
    description: tool.card.description,
    risk_level: tool.riskLevel,
    approval_required: tool.approvalRequired,
    configured: isConfigured(tool),
    tool_class: classifyTool(tool.card, tool.card.reconcile !== undefined),
    version: tool.version,
    capability_card: tool.card,
  };
}
