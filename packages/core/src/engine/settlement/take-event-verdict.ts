import { CERTAINTY, EXECUTION_STATE } from '@invoke/contract';
import { withNote } from '../../domain/execution/journal.js';
import { decideKept } from '../../domain/settlement/decide-kept.js';
import type { SettlementRecord } from '../../domain/settlement/settlement-record.js';
import { StorageUnavailable } from '../../ports/store.js';
import { toolOfLast } from '../begin-run.js';
import type { EngineDeps } from '../deps.js';
import { acceptVerdict } from '../lookups.js';
import { untilStored, type Run } from '../run.js';

/**
 * After an attempt whose outcome is unknown: takes what an event of the provider has said of it meanwhile, so that nobody
 * has to look, wait or decide. Null where there is nothing to read: the tool's provider tells nothing, or the outcome is known.
 */
export function takeEventVerdict(run: Run, deps: EngineDeps): Promise<void> | null {
  return mayBeTold(run) ? takeFirst(run, deps) : null;
}

/**
 * Before something is done as if the last attempt had had no effect: an event that says the opposite may have been kept since
 * the events were read, while the row still said that the attempt was under way. Nobody else would judge it in time. Null as
 * above; true: there is one, and it is taken.
 */
export function takeAppliedEvent(run: Run, deps: EngineDeps): Promise<boolean> | null {
  return mayBeTold(run) && run.verdict !== 'applied' ? takeApplied(run, deps) : null;
}

function mayBeTold(run: Run): boolean {
  if (run.lost || run.heard?.judgement.certainty !== CERTAINTY.unknown) return false;
  return toolOfLast(run).card.settlement !== undefined;
}

/** What cannot be read now is read again before the next step; until then there are lookups, and the tool may still answer. */
async function takeFirst(run: Run, deps: EngineDeps): Promise<void> {
  try {
    const [first] = await verdictsOf(run, deps);
    if (first !== undefined) take(run, first);
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    deps.log.warn('kept_events_not_read', { execution_id: run.record.id, why: error.message });
  }
}

async function takeApplied(run: Run, deps: EngineDeps): Promise<boolean> {
  const ask = () => verdictsOf(run, deps);
  const verdicts = await untilStored(run, { ask, failing: 'kept_events_not_read' }, deps);
  const applied = verdicts?.find(({ as }) => as === 'applied');
  if (applied === undefined) return false;
  take(run, applied);
  return true;
}

interface ToldVerdict {
  readonly as: 'applied' | 'not_applied';
  readonly by: SettlementRecord;
}

/** What the kept events say of the last attempt, as if it had just become unknown. */
async function verdictsOf({ record, journal }: Run, { store }: EngineDeps): Promise<ToldVerdict[]> {
  const unsettled = { ...record, journal, state: EXECUTION_STATE.unknown };
  const kept = await store.settlements.ofExecution(record.tenant, record.id);
  return kept.flatMap((by) => {
    const decision = decideKept(by, unsettled);
    return decision.kind === 'settle' ? [{ as: decision.as, by }] : [];
  });
}

function take(run: Run, { as, by }: ToldVerdict): void {
  const { provider, eventId, detail, receivedAt } = by;
  run.journal = withNote(run.journal, {
    step: 'settled_by_event',
    at: receivedAt,
    detail: `${provider} ${eventId}: ${detail}`,
  });
  acceptVerdict(run, as === 'applied' ? 'applied' : 'absent');
}
