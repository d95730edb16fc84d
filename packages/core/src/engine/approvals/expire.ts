import type { EngineDeps } from '../deps.js';
import { endBoth, findCase, stoppedOutcome } from './decided.js';

const BATCH = 100;

/** Ends approvals that nobody has decided in time. Returns how many. */
export async function expireOverdue(deps: EngineDeps): Promise<number> {
  const overdue = await deps.store.approvals.expired(BATCH);
  for (const { tenant, id } of overdue) {
    const found = await findCase(tenant, id, deps);
    if (found === null) continue;
    const at = deps.clock.now();
    const outcome = stoppedOutcome('expired', 'nobody has decided in time', id);
    const ending = { state: 'expired', outcome: 'cancelled', at, decider: null } as const;
    const stopped = { events: ['approval_expired'], outcome } as const;
    await endBoth(found, { ending, stopped, when: 'overdue' }, deps);
  }
  return overdue.length;
}
