import { refuse, type Refused } from '../../domain/decision.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';

/** Why a call that would begin something is not begun now; null where it may be. What only reads does no harm. */
export function refuseQuarantined(tool: ToolDefinition, { history }: EngineDeps): Refused | null {
  if (tool.card.effect === 'read' || !history.quarantined()) return null;
  const message =
    'The database was restored from a backup, and nobody has confirmed that yet: this call may have been made before. ' +
    'Nothing was sent.';
  return refuse('history_in_doubt', message);
}
