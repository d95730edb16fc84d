import type { RejectRequest } from '@invoke/contract';
import { alreadyDecided, refuseDecision, toResolution } from '../../domain/approval/decide-vote.js';
import type { DecisionInput } from './decision-input.js';
import {
  endBoth,
  findCaseFor,
  notFound,
  refused,
  stoppedOutcome,
  type Decided,
  type Parts,
} from './decided.js';
import { digestOf } from './draft-approval.js';
import { resolve } from './resolve.js';

/** A no: nothing was executed, and nothing will be. */
export async function reject(input: DecisionInput<RejectRequest>, parts: Parts): Promise<Decided> {
  const { principal, id, request } = input;
  const { deps } = parts;
  const found = await findCaseFor(principal, id, deps);
  if (found === null) return notFound();
  const { approval, record } = found;
  const resolution = toResolution(approval, 'no');
  if (resolution !== null) return resolve({ ...input, request: { ...request, resolution } }, parts);
  const storedDigest = digestOf(approval.checkpoint, deps);
  const facts = { approval, principal, shownDigest: request.digest ?? null, storedDigest };
  const refusal = refuseDecision(facts, 'approval');
  if (refusal !== null) return refused(refusal, record.id);
  if (approval.state !== 'pending') return refused(alreadyDecided(approval), record.id);
  const decider = { principal, reviewedBy: request.reviewed_by ?? null, comment: request.comment ?? null };
  const message = decider.comment ?? 'an approver has said no';
  const stopped = {
    events: ['approval_rejected'],
    outcome: stoppedOutcome('rejected', message, id),
  } as const;
  const ending = { state: 'rejected', outcome: 'rejected', at: deps.clock.now(), decider } as const;
  return endBoth(found, { ending, stopped }, deps);
}
