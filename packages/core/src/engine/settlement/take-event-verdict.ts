import { CERTAINTY, EXECUTION_STATE } from '@invoke/contract';
import { withNote } from '../../domain/execution/journal.js';
import { decideKept } from '../../domain/settlement/decide-kept.js';
import { toolOfLast } from '../begin-run.js';
import type { EngineDeps } from '../deps.js';
import { acceptVerdict } from '../lookups.js';
import type { Run } from '../run.js';

/**
 * After an attempt whose outcome is unknown: takes what an event of the provider has said of it meanwhile, so that nobody
 * has to look, wait or decide. Null where there is nothing to read: the tool's provider tells nothing, or the outcome is known.
 */
export function takeEventVerdict(run: Run, deps: EngineDeps): Promise<void> | null {
  if (run.lost || run.heard?.judgement.certainty !== CERTAINTY.unknown) return null;
  return toolOfLast(run).card.settlement === undefined ? null : take(run, deps);
}

async function take(run: Run, { store }: EngineDeps): Promise<void> {
  const { record, journal } = run;
  const unsettled = { ...record, journal, state: EXECUTION_STATE.unknown };
  for (const settlement of await store.settlements.ofExecution(record.tenant, record.id)) {
    const decision = decideKept(settlement, unsettled);
    if (decision.kind !== 'settle') continue;
    const { provider, eventId, detail, receivedAt } = settlement;
    run.journal = withNote(run.journal, {
      step: 'settled_by_event',
      at: receivedAt,
      detail: `${provider} ${eventId}: ${detail}`,
    });
    return acceptVerdict(run, decision.as === 'applied' ? 'applied' : 'absent');
  }
}
