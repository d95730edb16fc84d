import type { ExecutionRecord } from '../execution/execution-record.js';
import { decideSettlement, type SettlementDecision } from './decide-settlement.js';
import type { SettlementRecord } from './settlement-record.js';
import { toSettlementFacts } from './to-settlement-facts.js';

/** What a kept event comes to, as the execution is now. The tool that was under way when it came is the one it speaks of. */
export function decideKept(
  { verdict, receivedAt }: Pick<SettlementRecord, 'verdict' | 'receivedAt'>,
  record: Pick<ExecutionRecord, 'tool' | 'state' | 'journal'>,
): SettlementDecision {
  const underWay = record.journal.attempts.findLast((a) => a.startedAt <= receivedAt);
  return decideSettlement(toSettlementFacts(record, underWay?.tool ?? record.tool, verdict));
}
