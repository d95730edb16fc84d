import { ATTEMPT_STATE, EXECUTION_STATE, type AttemptState, type ExecutionState } from '@invoke/contract';
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

/** Attempts of which it is certain that they did nothing. */
const DID_NOTHING: ReadonlySet<AttemptState> = new Set([
  ATTEMPT_STATE.not_sent,
  ATTEMPT_STATE.rejected,
  ATTEMPT_STATE.confirmed_absent,
]);

/**
 * What an execution gives back to its budgets now that it is in this state. Open and unknown outcomes give nothing back; one
 * that took effect gives back what was taken for the tool that certainly did nothing, or was not called.
 */
export function chargesToGiveBack({
  state,
  request,
  journal,
}: Pick<ExecutionRecord, 'state' | 'request' | 'journal'>): readonly Charge[] {
  const { charges } = request;
  if (WITHOUT_EFFECT.has(state)) return charges;
  if (state !== EXECUTION_STATE.completed) return [];
  return charges.filter(({ only }) => only !== undefined && didNothing(only, journal));
}

function didNothing(tool: NonNullable<Charge['only']>, { attempts }: ExecutionRecord['journal']): boolean {
  return attempts
    .filter(({ role }) => (role === 'fallback') === (tool === 'fallback'))
    .every((attempt) => DID_NOTHING.has(attempt.state));
}
