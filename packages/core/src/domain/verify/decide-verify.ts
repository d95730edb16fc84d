import type { JsonObject, VerifiedField, VerifyStateAnswer, VerifyStateRequest } from '@invoke/contract';
import type { CompiledConditions } from '../policy/conditions.js';
import { describeField, verifyFields } from './verify-fields.js';

/** What is known of the world now. */
export type CurrentState =
  | { readonly kind: 'known'; readonly state: JsonObject }
  /** Nothing is known: it could not be read, or nobody has said. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface VerifyFacts {
  readonly request: Pick<VerifyStateRequest, 'required_fields' | 'assumed_state' | 'on_mismatch'>;
  readonly conditions: Extract<CompiledConditions, { kind: 'ok' }>;
  readonly current: CurrentState;
}

export interface Verification extends Pick<VerifyStateAnswer, 'status' | 'decision' | 'reason'> {
  readonly fields: readonly VerifiedField[];
}

/**
 * Whether a plan still stands on the world as it is. `verified` only where every field that is required, assumed or under a
 * condition is there, is unchanged and holds; whatever is missing, changed, false or not to be told stops the action.
 */
export function decideVerify({ request, conditions, current }: VerifyFacts): Verification {
  const state = current.kind === 'known' ? current.state : null;
  const fields = verifyFields({
    required: request.required_fields,
    assumed: request.assumed_state,
    conditions: conditions.evaluate(state ?? {}).fields,
    current: state,
  });
  const wrong = fields.flatMap((f) => describeField(f) ?? []);
  if (current.kind === 'unknown') return { ...stopped(request.on_mismatch), fields, reason: current.why };
  if (wrong.length > 0 || fields.length === 0) {
    return {
      ...stopped(request.on_mismatch),
      fields,
      reason: wrong.join('; ') || 'there is nothing to verify',
    };
  }
  return {
    status: 'verified',
    decision: 'execute',
    fields,
    reason: 'everything that was required or assumed still holds',
  };
}

function stopped(onMismatch: 'abort' | 'replan'): Pick<VerifyStateAnswer, 'status' | 'decision'> {
  return onMismatch === 'replan'
    ? { status: 'replan_required', decision: 'replan' }
    : { status: 'blocked', decision: 'abort' };
}
