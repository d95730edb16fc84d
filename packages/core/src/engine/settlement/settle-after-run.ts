import type { EngineDeps } from '../deps.js';
import type { Run } from '../run.js';
import { settleKept } from './settle-kept.js';

/**
 * Judges what was kept while this call was under way. Reads nothing where no provider tells anything of its tools. Never
 * rejects: what could not be judged now is judged when the provider sends its event again.
 */
export async function settleAfterRun(run: Run, deps: EngineDeps): Promise<void> {
  const tells = [run.primary, run.fallback].some((t) => t?.card.settlement !== undefined);
  if (!tells) return;
  try {
    await settleKept(run.record, deps);
  } catch (error) {
    deps.log.error('kept_events_not_judged', { execution_id: run.record.id, error: String(error) });
  }
}
