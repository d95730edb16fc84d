import { EXECUTION_STATE } from '@invoke/contract';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import { chargesToGiveBack } from '../../domain/budget/charges-to-give-back.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import type { SettlementRecord } from '../../domain/settlement/settlement-record.js';
import type { OutboxMessage } from '../../ports/outbox-store.js';
import { settledByItself } from '../approvals/end-approval.js';
import { release } from '../budgets/release.js';
import type { EngineDeps } from '../deps.js';
import { toTransition } from '../run.js';

export interface Keeping {
  readonly settlement: SettlementRecord;
  /** The execution as it was read, and as the event settles it; null where it settles nothing. */
  readonly step: Step | null;
  readonly messages: readonly OutboxMessage[];
}

interface Step {
  readonly from: ExecutionRecord;
  readonly to: ExecutionRecord;
}

/**
 * Writes an event with what it leads to. `lost`: the execution has moved since it was read, and nothing is written. `seen`:
 * the event was kept before, and nothing is written.
 */
export async function keepEvent(keeping: Keeping, deps: EngineDeps): Promise<'kept' | 'seen' | 'lost'> {
  const { settlement, step, messages } = keeping;
  const { settlements } = deps.store;
  if (step === null) return toKept(await settlements.record(settlement, null, messages));
  const review = await openReviewOf(step.from, deps);
  if (review !== null) return keepWithReview(keeping, { ...step, review }, deps);
  const written = toKept(await settlements.record(settlement, toTransition(step.from, step.to), messages));
  if (written === 'kept') await release(chargesToGiveBack(step.to), deps);
  return written;
}

async function openReviewOf(
  { tenant, id, state }: ExecutionRecord,
  { store }: EngineDeps,
): Promise<ApprovalRecord | null> {
  if (state !== EXECUTION_STATE.needs_review) return null;
  const newest = await store.approvals.ofExecution(tenant, id);
  return newest?.state === 'pending' ? newest : null;
}

/**
 * People are asked no longer: their review ends in the transaction of the transition. Should this gateway stop before it
 * has kept the event, the provider delivers it again, and it confirms what is recorded then.
 */
async function keepWithReview(
  { settlement, messages }: Keeping,
  { from, to, review }: Step & { readonly review: ApprovalRecord },
  deps: EngineDeps,
): Promise<'kept' | 'seen' | 'lost'> {
  const { store } = deps;
  const { provider, eventId } = settlement;
  const before = await store.settlements.ofExecution(from.tenant, from.id);
  if (before.some((s) => s.provider === provider && s.eventId === eventId)) return 'seen';
  const decided = await store.approvals.decide({
    approval: settledByItself(review, to),
    move: toTransition(from, to),
    fresh: null,
    messages,
  });
  if (decided.kind !== 'moved') return 'lost';
  // Before the event is kept, which may fail: nobody would give it back when the event comes again.
  await release(chargesToGiveBack(to), deps);
  await store.settlements.record(settlement, null, []);
  return 'kept';
}

function toKept({ kind }: { readonly kind: 'moved' | 'lost' | 'seen' }): 'kept' | 'seen' | 'lost' {
  return kind === 'moved' ? 'kept' : kind;
}
