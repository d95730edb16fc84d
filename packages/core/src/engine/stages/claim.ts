import { EXECUTION_STATE, type ReconcileSpec } from '@invoke/contract';
import type { Freeze } from '../../domain/approval/decide-freeze.js';
import { decideUnderWay } from '../../domain/access/decide-under-way.js';
import { PROCEED, type Decision } from '../../domain/decision.js';
import type {
  ExecutionRecord,
  StoredFallback,
  StoredRequest,
} from '../../domain/execution/execution-record.js';
import { EMPTY_JOURNAL, withAttempt, withNote } from '../../domain/execution/journal.js';
import { decideClaim } from '../../domain/idempotency/decide-claim.js';
import { fillReconcile } from '../../domain/policy/decide-failure-policy.js';
import { withinDeclared } from '../../domain/reconcile/within-declared.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { ClaimResult } from '../../ports/execution-store.js';
import { filled, patienceOf, reachOf, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { holdBack } from '../history/hold-back.js';
import { whilePending } from '../while-pending.js';
import { announce } from '../approvals/announce.js';
import { draftApproval } from '../approvals/draft-approval.js';
import { waitingOutcome } from '../approvals/waiting-outcome.js';
import { newAttempt } from '../attempts.js';
import { downstreamKeyOf } from '../downstream-key.js';
import { release } from '../budgets/release.js';
import { mayCharge, reserve } from '../budgets/reserve.js';
import { beginRun } from '../begin-run.js';
import { defineActingStage } from '../stage.js';
import { entity, writtenEntity } from './entity.js';
import { isOwnClaim, recallNow } from './recall.js';

/**
 * Claims the key. The row that wins holds the first attempt already, so that two flushes carry a whole call: this one
 * before a byte is sent, and the outcome's before it is answered. A call that a human decides on first is claimed without
 * an attempt, together with its approval.
 */
export const claim = defineActingStage<undefined, Decision>('claim', {
  decide: (ctx, _facts, { underWay, config }) =>
    // What waits for a human is not under way; how much of it there may be is judged at freeze.
    ctx.freeze === null
      ? decideUnderWay({ underWay: underWay.of(filled(ctx, 'principal').keyId), most: config.callsUnderWay })
      : PROCEED,
  async apply(ctx, decision, deps) {
    if (decision.kind !== 'proceed') return decision;
    const { freeze } = ctx;
    const { keyId } = filled(ctx, 'principal');
    // In the turn in which it was let through: all that come while it waits for its turn or for its charge see it counted.
    if (freeze === null) deps.underWay.enter(keyId);
    try {
      const held = holdBack(reachOf(ctx), patienceOf(ctx, deps), deps);
      if (ctx.recallDue && (held !== null || freeze !== null || mayCharge(ctx, deps))) {
        const recalled = await recallNow(ctx, deps);
        if (recalled.kind !== 'proceed') return recalled;
      }
      if (held !== null) {
        const began = deps.clock.monotonic();
        const refused = await held;
        if (refused !== null) return refused;
        ctx.heldMs = deps.clock.monotonic() - began;
        // Meanwhile others have put back what they remember: a write to the same entity may be in doubt now.
        const judged = await entity.run(ctx, deps);
        if (judged.kind !== 'proceed') return judged;
      }
      const reserved = reserve(ctx, deps);
      const paid = reserved instanceof Promise ? await reserved : reserved;
      if (paid.kind === 'refuse') return paid;
      return await (freeze === null ? claimToRun(ctx, decision, deps) : claimFrozen(ctx, freeze, deps));
    } finally {
      // Who drives it counts it from here on, without a turn in between.
      if (freeze === null) deps.underWay.leave(keyId);
    }
  },
});

/**
 * A store that refuses a claim at once (read-only, disk full) can still be asked what the key names. One that is out of reach
 * would have the caller wait as long again.
 */
const AT_ONCE_MS = 1_000;

async function claimToRun(ctx: CallContext, decision: Decision, deps: EngineDeps): Promise<Decision> {
  const id = deps.ids.execution();
  const drafted = draft(ctx, id, deps);
  const attempt = newAttempt({ executionId: id, n: 1, role: 'primary', tool: filled(ctx, 'tool') }, deps);
  const record: ExecutionRecord = {
    ...drafted,
    state: EXECUTION_STATE.running,
    owner: deps.lease.owner,
    journal: withAttempt(EMPTY_JOURNAL, attempt),
  };
  const began = deps.clock.monotonic();
  let claimed: ClaimResult;
  try {
    claimed = await whilePending(id, () => deps.store.executions.claim(record), deps);
  } catch (error) {
    if (deps.clock.monotonic() - began > AT_ONCE_MS) ctx.recallDue = false;
    throw error;
  }
  ctx.recallDue = false;
  if (claimed.kind !== 'claimed') return decideTaken(ctx, claimed, deps);
  ctx.run = beginRun(record, { primary: filled(ctx, 'tool'), fallback: ctx.fallback, unsent: true }, deps);
  return decision;
}

async function claimFrozen(ctx: CallContext, freeze: Freeze, deps: EngineDeps): Promise<Decision> {
  const waiting: ExecutionRecord = {
    ...draft(ctx, deps.ids.execution(), deps),
    state: EXECUTION_STATE.awaiting_approval,
    owner: null,
    journal: EMPTY_JOURNAL,
  };
  const approval = draftApproval(waiting, { freeze, state: ctx.liveState }, deps);
  const { id, reason, createdAt: at } = approval;
  const journal = withNote(EMPTY_JOURNAL, { step: 'approval_requested', at, detail: `${id}: ${reason}` });
  const record = { ...waiting, journal, outcome: waitingOutcome(approval) };
  const messages = announce('approval.requested', { approval, execution: record }, deps);
  const claimed = await deps.store.approvals.freeze(record, approval, messages);
  if (claimed.kind !== 'claimed') return decideTaken(ctx, claimed, deps);
  ctx.known = record;
  return { kind: 'answer', how: 'current' };
}

/**
 * Somebody else holds the key: what this call had reserved is given back. Not where the holder is this very call, whose claim was
 * made and whose gateway was replaced before it was told so: who drives it now gives it back if it has no effect.
 */
async function decideTaken(
  ctx: CallContext,
  claimed: Exclude<ClaimResult, { kind: 'claimed' }>,
  deps: EngineDeps,
): Promise<Decision> {
  if (!isOwnClaim(ctx, claimed)) await release(ctx.charges, deps);
  const identity = filled(ctx, 'identity');
  if (claimed.kind === 'execution') {
    ctx.known = claimed.record;
    if (identity.keyDigest !== null) deps.settled.keep(identity.keyDigest, claimed.record);
  }
  return decideClaim(claimed, identity);
}

/** What a call and its frozen twin have in common. */
function draft(
  ctx: CallContext,
  id: string,
  deps: EngineDeps,
): Omit<ExecutionRecord, 'state' | 'owner' | 'journal'> {
  const { request } = ctx.input;
  const tool = filled(ctx, 'tool');
  const principal = filled(ctx, 'principal');
  const { idempotencyKey, keyDigest, fingerprint, agentId, env } = filled(ctx, 'identity');
  const now = deps.clock.now();
  return {
    id,
    tenant: principal.tenant,
    env,
    keyDigest,
    idempotencyKey,
    fingerprint,
    tool: tool.id,
    toolVersion: tool.version,
    action: request.action ?? tool.card.action ?? null,
    agentId,
    workflow: request.workflow ?? null,
    keyId: principal.keyId,
    entityId: writtenEntity(ctx),
    traceId: ctx.traceId,
    request: storedRequest(ctx, reconcileOf(ctx, id, deps)),
    epoch: 1,
    seq: 1,
    token: deps.ids.token(),
    resultText: null,
    outcome: null,
    notBeforeAt: null,
    createdAt: now,
    updatedAt: now,
    finishedAt: null,
  };
}

function storedRequest(ctx: CallContext, reconcile: ReconcileSpec | null): StoredRequest {
  const { request } = ctx.input;
  const { fallback } = ctx;
  return {
    requestId: ctx.input.requestId,
    params: filled(ctx, 'params'),
    failurePolicy: request.failure_policy ?? null,
    reconcile,
    fallback: fallback === null ? null : toStored(fallback, request.action),
    entityResolution: request.entity_resolution ?? null,
    executionState: request.execution_state ?? null,
    resource: request.resource ?? null,
    policy: request.policy ?? null,
    charges: ctx.charges,
  };
}

function toStored({ id, version, card }: ToolDefinition, named: string | undefined): StoredFallback {
  return { tool: id, version, action: named ?? card.action ?? null };
}

/** How to look up this call's outcome: as its failure policy says, within what the card of its tool declares; else as that does. */
function reconcileOf(ctx: CallContext, executionId: string, deps: EngineDeps): ReconcileSpec | null {
  const own = ctx.input.request.failure_policy?.reconcile;
  const tool = filled(ctx, 'tool');
  const declared = tool.card.reconcile;
  if (own !== undefined) return declared === undefined ? own : withinDeclared(own, declared);
  if (declared === undefined) return null;
  const { idempotencyKey } = filled(ctx, 'identity');
  const reference = downstreamKeyOf(executionId, tool.id, deps);
  return fillReconcile(declared, { params: filled(ctx, 'params'), idempotencyKey, executionId, reference });
}
