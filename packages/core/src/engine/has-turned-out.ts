import type { EngineDeps } from './deps.js';
import type { Run } from './run.js';
import { takeAppliedEvent } from './settlement/take-event-verdict.js';
import { waitUnlessSettled } from './settlement/wait-unless-settled.js';

/**
 * Waits up to `waitMs`, and looks at what has come in by then, before anything is done or recorded as if the last attempt had
 * led to nothing: the tool may have answered after all, and its provider may have told of an effect while a lookup did not see
 * it yet. True: something was learned, and the next step is decided anew.
 */
export async function hasTurnedOut(run: Run, waitMs: number, deps: EngineDeps): Promise<boolean> {
  if (await waitUnlessSettled(run, waitMs, deps)) return true;
  return takeAppliedEvent(run, deps) ?? false;
}
