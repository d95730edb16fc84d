import type { ExecutionState } from '@invoke/contract';
import { DRIVEN_STATES } from '../execution/execution-state.js';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { decideSettlement, type SettlementDecision } from './decide-settlement.js';
import type { SettlementRecord } from './settlement-record.js';
import { toSettlementFacts } from './to-settlement-facts.js';

/**
 * What a kept event comes to, as the execution is now. It speaks of the tool that it named: what is said of the tool that was
 * meant may arrive when its fallback is under way.
 */
export function decideKept(
  { verdict, tool }: Pick<SettlementRecord, 'verdict' | 'tool'>,
  record: Pick<ExecutionRecord, 'tool' | 'state' | 'journal'>,
): SettlementDecision {
  return decideSettlement(toSettlementFacts(record, tool ?? record.tool, verdict));
}

/**
 * Whether an event that was judged in this state is judged for good: nobody drives the call any more who would look at it at its
 * end. An event is kept (`decideSettlement`) only while somebody does.
 */
export function isJudged(state: ExecutionState): boolean {
  return !DRIVEN_STATES.includes(state);
}
