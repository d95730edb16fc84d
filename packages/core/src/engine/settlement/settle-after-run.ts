import type { EngineDeps } from '../deps.js';
import type { Run } from '../run.js';
import { settleKept } from './settle-kept.js';

/** Whether a provider tells anything of the tools of this call. */
export function isToldOf(run: Run): boolean {
  return run.primary.card.settlement !== undefined || run.fallback?.card.settlement !== undefined;
}

/**
 * Judges what was kept while this call was under way. Reads nothing where no provider tells anything of its tools. Never
 * rejects: what could not be judged now is judged when the provider sends its event again.
 */
export async function settleAfterRun(run: Run, deps: EngineDeps): Promise<void> {
  if (!isToldOf(run)) return;
  try {
    await settleKept(run.record, deps);
  } catch (error) {
    deps.log.error('kept_events_not_judged', { execution_id: run.record.id, error: String(error) });
  }
}
