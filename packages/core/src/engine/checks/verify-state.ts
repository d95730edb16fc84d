import type { VerifyStateAnswer, VerifyStateRequest } from '@invoke/contract';
import { decideVerify, type CurrentState } from '../../domain/verify/decide-verify.js';
import type { EngineDeps } from '../deps.js';
import { readState, type StateRead } from '../read-state.js';
import { admit, type Asking, type Checked } from './check-request.js';
import { beginCheckTrace, endRefused } from './check-trace.js';

/**
 * Holds what an agent assumes against the world as it is. State is read by a read tool that the caller may use; what it
 * reads wins over what the caller says. Where nothing is known, nothing is verified.
 */
export async function verifyState(
  request: VerifyStateRequest,
  asking: Asking,
  deps: EngineDeps,
): Promise<Checked<VerifyStateAnswer>> {
  const { intent } = request;
  const { principal, meta } = asking;
  const trace = beginCheckTrace({ check: 'state.verify', intent, request }, asking, deps);
  const admitted = admit(request, { principal, scope: 'state:verify' }, deps.language);
  if (admitted.kind === 'refused') return endRefused(trace, admitted.refusal);
  const { traceparent } = meta;
  const reader = { principal, context: request, traceparent, under: 'state:verify' } as const;
  const read =
    request.state_refetch === undefined ? null : await readState(request.state_refetch, reader, deps);
  if (read?.kind === 'refused') return endRefused(trace, read.refusal);
  const current = toCurrent(request, read);
  if (read !== null)
    trace.note('state_refetched', read.kind === 'state' ? 'completed' : 'failed', whyOf(current));
  const { fields, ...verification } = decideVerify({ request, conditions: admitted.conditions, current });
  const { status, decision, reason } = verification;
  trace.note('state_compared', decision, reason);
  trace.end({ status, refusal: null });
  const answer: VerifyStateAnswer = {
    success: status === 'verified',
    ...verification,
    intent,
    current_state: current.kind === 'known' ? current.state : null,
    fields: [...fields],
    trace_id: trace.traceId,
  };
  return { kind: 'answer', answer };
}

/** What the refetch tool has read; what the caller says only where there is none. */
export function toCurrent(
  { current_state: given }: Pick<VerifyStateRequest, 'current_state'>,
  read: Exclude<StateRead, { kind: 'refused' }> | null,
): CurrentState {
  if (read?.kind === 'state') return { kind: 'known', state: read.state };
  if (read !== null) return { kind: 'unknown', why: `the current state could not be read: ${read.why}` };
  if (given !== undefined) return { kind: 'known', state: given };
  return {
    kind: 'unknown',
    why: 'nothing is known of the current state: send state_refetch (a tool that reads it) or current_state',
  };
}

function whyOf(current: CurrentState): string | undefined {
  return current.kind === 'unknown' ? current.why : undefined;
}
