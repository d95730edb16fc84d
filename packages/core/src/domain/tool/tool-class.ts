import { TOOL_CLASS, type CapabilityCard, type ToolClass } from '@invoke/contract';

/**
 * What may be done when the outcome of a call to this tool is unknown. A lookup may be declared by the card or by the
 * caller's failure policy; a write tool that declares nothing is blind.
 */
export function classifyTool(card: CapabilityCard, canLookUp: boolean): ToolClass {
  if (card.effect === 'read') return TOOL_CLASS.R;
  if (honoursOurKey(card)) return TOOL_CLASS.A;
  return canLookUp ? TOOL_CLASS.B : TOOL_CLASS.C;
}

/** Whether the tool itself refuses to do the same thing twice for one key of ours. */
export function honoursOurKey(card: CapabilityCard): boolean {
  return card.idempotency.header !== undefined || card.idempotency.field !== undefined;
}
