import { refuse, type Refused } from '../../domain/decision.js';
import type { Beginning } from '../../domain/history/decide-beginning.js';
import { mayWrite, type Reach } from '../../domain/tool/reach.js';
import type { EngineDeps } from '../deps.js';
import { sleep } from '../timers.js';

/** Not begun, or begun after a wait; null where neither is needed, so that other calls do not wait for a turn. */
export type HeldBack = Promise<Refused | null> | null;

/**
 * Holds back what would begin a write while what is stored cannot be believed, at most for as long as its caller waits. What
 * only reads does no harm.
 */
export function holdBack(reach: Reach, patienceMs: number, deps: EngineDeps): HeldBack {
  if (!mayWrite(reach)) return null;
  const beginning = deps.history.beginning(patienceMs);
  return beginning.kind === 'now' ? null : wait(beginning, patienceMs, deps);
}

async function wait(first: Beginning, patienceMs: number, deps: EngineDeps): Promise<Refused | null> {
  const { clock, history } = deps;
  const until = clock.monotonic() + patienceMs;
  let beginning = first;
  while (beginning.kind === 'wait') {
    await sleep(beginning.ms, clock);
    beginning = history.beginning(until - clock.monotonic());
  }
  return beginning.kind === 'now' ? null : toRefusal(beginning);
}

const MESSAGES = {
  restored:
    'The database was restored from a backup, and nobody has confirmed that yet: this call may have been made before. ' +
    'Nothing was sent.',
  changed:
    'The database has gone back a moment ago, and gateways put back what they remember: this call may have been made ' +
    'before. Nothing was sent.',
  not_verified:
    'The database has gone back, and this gateway does not know yet whether everything that it had acknowledged is there: ' +
    'this call may have been made before. Nothing was sent.',
} as const;

function toRefusal({ because, retryAfterMs }: Beginning & { kind: 'refuse' }): Refused {
  const details = retryAfterMs === null ? {} : { retry_after: Math.ceil(retryAfterMs / 1_000) };
  return refuse('history_in_doubt', MESSAGES[because], { details });
}
