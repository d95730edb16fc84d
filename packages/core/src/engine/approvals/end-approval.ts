import type { ApprovalOutcome, ApprovalState, FieldDrift } from '@invoke/contract';
import { lineageOf } from '../../domain/access/lineage-of.js';
import type { Principal } from '../../domain/access/principal.js';
import type { ApprovalRecord, ApprovalVote } from '../../domain/approval/approval-record.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import type { EpochMs } from '../../domain/time.js';

/** Who decides, and what they say. */
export interface Decider {
  readonly principal: Principal;
  readonly reviewedBy: string | null;
  readonly comment: string | null;
}

export interface Ending {
  readonly state: ApprovalState;
  readonly outcome: ApprovalOutcome;
  readonly at: EpochMs;
  /** Null where time or the machine has decided. */
  readonly decider: Decider | null;
  /** Why, where the decision does not say it. */
  readonly comment?: string;
  readonly drift?: readonly FieldDrift[];
  readonly nextId?: string;
}

/** The approval with its end. Whoever was first is who decided. */
export function endApproval(approval: ApprovalRecord, ending: Ending): ApprovalRecord {
  const { state, outcome, at, decider, drift, nextId } = ending;
  return {
    ...approval,
    state,
    outcome,
    version: approval.version + 1,
    votes:
      decider === null || outcome !== 'executed' ? approval.votes : [...approval.votes, toVote(decider, at)],
    drift: drift ?? approval.drift,
    nextId: nextId ?? null,
    decidedBy: decider?.principal.keyId ?? null,
    reviewedBy: decider?.reviewedBy ?? null,
    comment: decider?.comment ?? ending.comment ?? null,
    decidedAt: at,
  };
}

/** The approval with one more yes, still waiting for others. */
export function withVote(approval: ApprovalRecord, decider: Decider, at: EpochMs): ApprovalRecord {
  return { ...approval, version: approval.version + 1, votes: [...approval.votes, toVote(decider, at)] };
}

function toVote({ principal, reviewedBy, comment }: Decider, at: EpochMs): ApprovalVote {
  return { keyId: principal.keyId, lineage: lineageOf(principal), reviewedBy, comment, at };
}

/** A review whose execution was settled by the tool itself, late, or by an event. */
export function settledByItself(review: ApprovalRecord, execution: ExecutionRecord): ApprovalRecord {
  return endApproval(review, {
    state: 'resolved',
    outcome: 'resolved',
    at: execution.updatedAt,
    decider: null,
    comment: `settled without a decision: ${execution.state}`,
  });
}
