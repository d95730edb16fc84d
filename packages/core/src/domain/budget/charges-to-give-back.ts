import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { ExecutionRecord } from '../execution/execution-record.js';
import type { Charge } from './charge.js';

/** States in which it is certain that nothing happened. */
const WITHOUT_EFFECT: ReadonlySet<ExecutionState> = new Set([
  EXECUTION_STATE.failed,
  EXECUTION_STATE.blocked,
  EXECUTION_STATE.denied,
  EXECUTION_STATE.rejected,
  EXECUTION_STATE.cancelled,
  EXECUTION_STATE.expired,
  EXECUTION_STATE.replan_required,
]);

/** What an execution gives back to its budgets now that it is in this state. Open and unknown outcomes give nothing back. */
export function chargesToGiveBack({
  state,
  request,
}: Pick<ExecutionRecord, 'state' | 'request'>): readonly Charge[] {
  return WITHOUT_EFFECT.has(state) ? request.charges : [];
}
