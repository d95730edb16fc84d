import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { ApprovalMove, DecideResult } from '../../ports/approval-store.js';
import type { EngineDeps } from '../deps.js';
import type { Case, Decided } from './decided.js';
import { withVote, type Decider } from './end-approval.js';

export interface Vote extends Case {
  readonly decider: Decider;
  /** How many have to agree. */
  readonly needed: number;
  readonly when?: ApprovalMove['when'];
}

export type Counted =
  { readonly kind: 'counted'; readonly decided: Decided } | Exclude<DecideResult, { readonly kind: 'moved' }>;

/** One more of several who have to agree; nothing else happens yet. */
export async function countVote(
  { approval, record, decider, needed, when }: Vote,
  { store, clock }: EngineDeps,
): Promise<Counted> {
  const counted: ApprovalRecord = {
    ...withVote(approval, decider, clock.now()),
    approversNeeded: needed,
  };
  const moved = await store.approvals.decide({
    approval: counted,
    move: null,
    fresh: null,
    messages: [],
    ...(when === undefined ? {} : { when }),
  });
  if (moved.kind !== 'moved') return moved;
  const reason = `${counted.votes.length} of ${needed} approvers have said yes`;
  const told = { approval: counted, execution: record, reason, drift: [] };
  return { kind: 'counted', decided: { kind: 'decided', outcome: 'pending', ...told } };
}
