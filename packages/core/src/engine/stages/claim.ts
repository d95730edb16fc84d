import { EXECUTION_STATE, type ReconcileSpec } from '@invoke/contract';
import { PROCEED, type Decision } from '../../domain/decision.js';
import type { ExecutionRecord, StoredRequest } from '../../domain/execution/execution-record.js';
import { EMPTY_JOURNAL, withAttempt } from '../../domain/execution/journal.js';
import { decideClaim } from '../../domain/idempotency/decide-claim.js';
import { fillReconcile } from '../../domain/policy/decide-failure-policy.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { newAttempt } from '../attempts.js';
import { beginRun } from '../begin-run.js';
import { defineActingStage } from '../stage.js';

/**
 * Claims the key. The row that wins holds the first attempt already, so that two flushes carry a whole call: this one
 * before a byte is sent, and the outcome's before it is answered.
 */
export const claim = defineActingStage<undefined, Decision>('claim', {
  decide: () => PROCEED,
  async apply(ctx, decision, deps) {
    const record = draft(ctx, deps);
    const claimed = await deps.store.executions.claim(record);
    if (claimed.kind === 'claimed') {
      ctx.run = beginRun(
        record,
        { primary: filled(ctx, 'tool'), fallback: ctx.fallback, unsent: true },
        deps,
      );
      return decision;
    }
    if (claimed.kind === 'execution') ctx.known = claimed.record;
    return decideClaim(claimed, filled(ctx, 'identity').fingerprint);
  },
});

function draft(ctx: CallContext, deps: EngineDeps): ExecutionRecord {
  const { request } = ctx.input;
  const tool = filled(ctx, 'tool');
  const principal = filled(ctx, 'principal');
  const { idempotencyKey, keyDigest, fingerprint, entityId, agentId, env } = filled(ctx, 'identity');
  const id = deps.ids.execution();
  const now = deps.clock.now();
  const attempt = newAttempt({ executionId: id, n: 1, role: 'primary', tool }, deps);
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
    entityId: tool.card.effect === 'write' ? entityId : null,
    traceId: ctx.traceId,
    request: storedRequest(ctx, reconcileOf(ctx, { executionId: id, reference: attempt.downstreamKey })),
    state: EXECUTION_STATE.running,
    epoch: 1,
    seq: 1,
    owner: deps.lease.owner,
    token: deps.ids.token(),
    journal: withAttempt(EMPTY_JOURNAL, attempt),
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
    fallback: fallback === null ? null : { tool: fallback.id, version: fallback.version },
    entityResolution: request.entity_resolution ?? null,
    executionState: request.execution_state ?? null,
    resource: request.resource ?? null,
  };
}

/** How to look up this call's outcome: as its failure policy says, else as the card of its tool does. */
function reconcileOf(
  ctx: CallContext,
  names: { executionId: string; reference: string },
): ReconcileSpec | null {
  const own = ctx.input.request.failure_policy?.reconcile;
  if (own !== undefined) return own;
  const declared = filled(ctx, 'tool').card.reconcile;
  if (declared === undefined) return null;
  const { idempotencyKey } = filled(ctx, 'identity');
  return fillReconcile(declared, { params: filled(ctx, 'params'), idempotencyKey, ...names });
}
