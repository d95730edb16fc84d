import type { ExecutionRecord } from '../execution/execution-record.js';
import { isTerminal, UNSETTLED_STATES } from '../execution/execution-state.js';

/** How earlier calls of the same tool went. */
export interface CallHistory {
  readonly seen: number;
  readonly completed: number;
  readonly failed: number;
  /** Nobody knows yet whether they took effect. */
  readonly unknown: number;
}

export const NO_HISTORY: CallHistory = { seen: 0, completed: 0, failed: 0, unknown: 0 };

/** Counts stored executions by how they stand now; what is under way is only seen. */
export function toHistory(records: readonly ExecutionRecord[]): CallHistory {
  const history = { seen: records.length, completed: 0, failed: 0, unknown: 0 };
  for (const { state } of records) {
    if (UNSETTLED_STATES.includes(state)) history.unknown += 1;
    else if (state === 'completed') history.completed += 1;
    else if (isTerminal(state)) history.failed += 1;
  }
  return history;
}
