import type { Refusal } from '@invoke/contract';
import { lineageOf } from '../access/lineage-of.js';
import type { Principal } from '../access/principal.js';
import { refuse } from '../decision.js';
import type { ApprovalRecord } from './approval-record.js';

export interface VoteFacts {
  readonly approval: ApprovalRecord;
  readonly principal: Principal;
  /** What the approver says to have seen; null where the client of old does not say. */
  readonly shownDigest: string | null;
  /** Of the checkpoint as it is stored now. */
  readonly storedDigest: string;
}

export type Vote =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Its time is over: nothing is executed. */
  | { readonly kind: 'too_late' }
  /** Counted; more approvers are needed. */
  | { readonly kind: 'one_of_several' }
  /** The last yes that was needed: what was frozen is held against the world as it is now. */
  | { readonly kind: 'revalidate' };

/**
 * Whether this yes counts: by another key than the one that asked, each approver once, to exactly what was shown. Whether it is in
 * time is told by the store's clock, when it is written. The stored checkpoint is digested again, so that a row changed
 * behind our back is noticed.
 */
export function decideVote(facts: VoteFacts): Vote {
  const { approval, principal } = facts;
  const refused = refuseDecision(facts, 'approval');
  if (refused !== null) return { kind: 'refused', refusal: refused };
  if (approval.state === 'expired') return { kind: 'too_late' };
  if (approval.state !== 'pending') return { kind: 'refused', refusal: alreadyDecided(approval) };
  const again = refuseSecondVote(approval, principal);
  if (again !== null) return { kind: 'refused', refusal: again };
  return approval.votes.length + 1 < approval.approversNeeded
    ? { kind: 'one_of_several' }
    : { kind: 'revalidate' };
}

/** What holds for every decision, yes or no. @param decides what a decision of this sort is about */
export function refuseDecision(
  { approval, principal, shownDigest, storedDigest }: VoteFacts,
  decides: ApprovalRecord['kind'],
): Refusal | null {
  if (approval.kind !== decides) return otherKind(approval);
  if (isOf(approval.requestedBy, principal)) {
    return refuse(
      'self_approval_denied',
      'The key that asked for this call cannot decide on it: use the key of an approver.',
    ).refusal;
  }
  if (storedDigest !== approval.digest || (shownDigest !== null && shownDigest !== approval.digest)) {
    return refuse(
      'approval_digest_mismatch',
      shownDigest !== null && shownDigest.length < approval.digest.length
        ? 'This digest is cut off: send the whole one, sha256: and 64 hex digits. Nothing was decided.'
        : 'What would be executed is not what was shown. Read the approval again.',
      { details: { approval_id: approval.id } },
    ).refusal;
  }
  return null;
}

/**
 * What a yes or a no says of a review. Where it is certain that nothing happened (`on_failure: escalate`), what is asked is
 * whether to try once more, and either word is an answer; null where it is not certain, and for an approval.
 */
export function toResolution(
  { kind, failure }: ApprovalRecord,
  word: 'yes' | 'no',
): 'retry' | 'not_applied' | null {
  if (kind !== 'review' || failure?.effect !== 'none') return null;
  return word === 'yes' ? 'retry' : 'not_applied';
}

/**
 * Yes and no say whether something may be done; what became of what was done is another question, and a "no" to it would be
 * recorded as "it had no effect".
 */
function otherKind({ id, kind }: ApprovalRecord): Refusal {
  const path = `/v1/approvals/${id}`;
  const message =
    kind === 'review'
      ? `This is a review, not an approval: nobody asks whether the call may be made, but what became of it. Say so with POST ${path}/resolve or \`invoke approvals resolve ${id}\`: applied, not_applied or retry.`
      : `This is an approval, not a review: nothing was sent yet. Decide with POST ${path}/approve or ${path}/reject.`;
  return refuse('approval_conflict', message, { details: { approval_id: id, kind } }).refusal;
}

/**
 * Of all keys that have one in common, of which they come, one counts among those that have to agree: who makes two keys, or
 * rotates that of somebody else, has both in hand.
 */
export function refuseSecondVote(
  { id, votes }: Pick<ApprovalRecord, 'id' | 'votes'>,
  principal: Principal,
): Refusal | null {
  const own = lineageOf(principal);
  const before = votes.find(({ keyId, lineage = [keyId] }) => lineage.some((key) => own.includes(key)));
  if (before === undefined) return null;
  const message =
    before.keyId === principal.keyId
      ? 'This key has agreed already. Another approver has to.'
      : `${before.keyId} has agreed already, and counts as the same approver as this key: one of the two has made or rotated the other, or one key has made both. Another approver has to, with a key that somebody else has made.`;
  const details = { approval_id: id, agreed: before.keyId };
  return refuse('approval_conflict', message, { details }).refusal;
}

/**
 * Whether this is the principal's key, or one that made it: nobody approves their own call by making a key for it. The other way
 * round it is no such thing: who makes the keys of agents is there to decide on their calls.
 */
function isOf(keyId: string, { keyId: own, madeBy }: Principal): boolean {
  return keyId === own || madeBy.includes(keyId);
}

export function alreadyDecided(approval: ApprovalRecord): Refusal {
  const { id, state, nextId } = approval;
  const next = nextId === null ? '' : ` ${nextId} took its place.`;
  return refuse('approval_conflict', `This approval is ${state} already.${next}`, {
    details: {
      approval_id: id,
      approval_status: state,
      ...(nextId === null ? {} : { next_approval_id: nextId }),
    },
  }).refusal;
}
