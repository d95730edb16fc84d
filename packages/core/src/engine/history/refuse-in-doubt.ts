import { refuse, type Refused } from '../../domain/decision.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';

/** Why a call that would begin something is not begun now; null where it may be. What only reads does no harm. */
export function refuseInDoubt(tool: ToolDefinition, { history }: EngineDeps): Refused | null {
  if (tool.card.effect === 'read') return null;
  if (history.quarantined()) return refuse('history_in_doubt', RESTORED);
  return history.verified() ? null : refuse('history_in_doubt', NOT_VERIFIED);
}

const RESTORED =
  'The database was restored from a backup, and nobody has confirmed that yet: this call may have been made before. ' +
  'Nothing was sent.';
const NOT_VERIFIED =
  'The database has gone back, and this gateway does not know yet whether everything that it had acknowledged is there: ' +
  'this call may have been made before. Nothing was sent.';
