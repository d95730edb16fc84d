import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { ExecutionEvent } from '../execution/execution-state.js';

/** Which events of the state machine lead from an open state to what a provider's event says. */
export function eventsToSettle(
  state: ExecutionState,
  as: 'applied' | 'not_applied',
): readonly ExecutionEvent[] {
  const looking = state === EXECUTION_STATE.unknown ? (['lookup_started'] as const) : [];
  if (as === 'not_applied') return [...looking, 'given_up_without_effect'];
  return state === EXECUTION_STATE.retry_wait ? ['late_success'] : [...looking, 'effect_found'];
}
