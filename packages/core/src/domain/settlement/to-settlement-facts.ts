import type { ExecutionRecord } from '../execution/execution-record.js';
import { lastAttempt } from '../execution/journal.js';
import type { SettlementFacts } from './decide-settlement.js';
import type { SettlementRecord } from './settlement-record.js';

/** @param tool the id of the tool that the event speaks of */
export function toSettlementFacts(
  { state, journal }: Pick<ExecutionRecord, 'state' | 'journal'>,
  tool: string,
  verdict: SettlementRecord['verdict'],
): SettlementFacts {
  return {
    verdict,
    state,
    attempts: journal.attempts.filter((a) => a.tool === tool).length,
    isLast: lastAttempt(journal)?.tool === tool,
  };
}
