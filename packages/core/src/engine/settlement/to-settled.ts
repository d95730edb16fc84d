import { FINAL_OUTCOME } from '@invoke/contract';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { withNote, withVerdict } from '../../domain/execution/journal.js';
import { eventsToSettle } from '../../domain/settlement/events-to-settle.js';
import type { SettlementRecord } from '../../domain/settlement/settlement-record.js';
import type { EngineDeps } from '../deps.js';
import { changed } from '../run.js';

/** What settles an execution. */
export interface Evidence {
  readonly as: 'applied' | 'not_applied';
  readonly settlement: SettlementRecord;
  /** The event as JSON text, where it is at hand: the recorded result of a call that took effect. */
  readonly payload: string | null;
}

/** The execution as a provider's event settles it. */
export function toSettled(
  record: ExecutionRecord,
  { as, settlement, payload }: Evidence,
  deps: EngineDeps,
): ExecutionRecord {
  const applied = as === 'applied';
  const { provider, eventId, detail, receivedAt } = settlement;
  const says = applied ? 'took effect' : 'had no effect';
  const proven = withVerdict(record.journal, applied ? 'applied' : 'absent');
  const approvalId = record.outcome?.approvalId;
  return changed(
    record,
    {
      events: eventsToSettle(record.state, as),
      resultText: applied ? payload : null,
      outcome: {
        final: applied ? FINAL_OUTCOME.outcome_reconciled : FINAL_OUTCOME.failed,
        decision: applied ? 'do_not_retry' : 'retry_allowed',
        code: applied ? null : 'upstream_rejected',
        message: `${provider} says by event ${eventId} that the call ${says}`,
        ...(approvalId === undefined ? {} : { approvalId }),
      },
      journal: withNote(proven, {
        step: 'settled_by_event',
        at: receivedAt,
        detail: `${provider} ${eventId}: ${detail}`,
      }),
    },
    deps,
  );
}
