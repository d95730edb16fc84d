import type { SettlementView } from '@invoke/contract';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { decideKept } from './decide-kept.js';
import type { SettlementRecord } from './settlement-record.js';

/** An event as it is shown beside its execution. What was kept while the call was under way may contradict how it ended. */
export function toSettlementView(
  settlement: SettlementRecord,
  record: Pick<ExecutionRecord, 'tool' | 'state' | 'journal'>,
): SettlementView {
  const { provider, eventId, verdict, contradiction, detail, receivedAt } = settlement;
  return {
    provider,
    event_id: eventId,
    verdict,
    contradiction: contradiction || decideKept(settlement, record).kind === 'contradict',
    detail,
    received_at: receivedAt,
  };
}
