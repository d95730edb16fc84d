import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { StorageUnavailable } from '../../ports/store.js';
import type { EngineDeps } from '../deps.js';
import { takeLateAnswer } from '../late-answers.js';
import type { Run } from '../run.js';
import { isToldOf } from './settle-after-run.js';

/** How soon a caller hears that an event has settled what is waited for, whichever gateway took it. */
const LOOK_EVERY_MS = 500;

/**
 * Waits up to `waitMs`, or less when the tool answers after all, or when an event of its provider has settled the execution
 * meanwhile: then this gateway has no licence to go on, and whoever waits for its answer need not wait any longer. True as
 * takeLateAnswer. Where no provider tells anything of the tools of this call, nothing is read.
 */
export async function waitUnlessSettled(run: Run, waitMs: number, deps: EngineDeps): Promise<boolean> {
  if (!isToldOf(run)) return takeLateAnswer(run, waitMs, deps);
  const until = deps.clock.monotonic() + waitMs;
  for (let leftMs = waitMs; ; leftMs = until - deps.clock.monotonic()) {
    if (await takeLateAnswer(run, Math.min(leftMs, LOOK_EVERY_MS), deps)) return true;
    if (leftMs <= LOOK_EVERY_MS || run.lost) return false;
    if (await hasMoved(run.record, deps)) {
      run.lost = true;
      return false;
    }
  }
}

/** Where that cannot be read now, the next write finds out. */
async function hasMoved(
  { tenant, id, epoch, seq }: ExecutionRecord,
  { store }: EngineDeps,
): Promise<boolean> {
  try {
    const now = await store.executions.find(tenant, id);
    return now !== null && (now.epoch !== epoch || now.seq !== seq);
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    return false;
  }
}
