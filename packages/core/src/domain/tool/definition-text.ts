import { canonicalJson } from '../json/canonical-json.js';
import type { ToolDefinition } from './tool-definition.js';

/**
 * The text whose SHA-256 is a definition's version: everything that changes what the tool does or how it is treated, in
 * canonical form (RFC 8785), so that the order of keys is no change and one changed character is.
 */
export function definitionText(tool: Omit<ToolDefinition, 'version' | 'updatedAt'>): string {
  const { name, card, binding, riskLevel, approvalRequired, provider } = tool;
  return canonicalJson({ v: 1, provider: provider.slug, name, card, binding, riskLevel, approvalRequired });
}
