import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import { decideFreeze, type Freeze } from '../../domain/approval/decide-freeze.js';
import { PROCEED, refuse } from '../../domain/decision.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { canonicalJson } from '../../domain/json/canonical-json.js';
import { toolsOf } from '../../domain/tool/reach.js';
import { filled, reachOf, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { defineStage } from '../stage.js';

interface FreezeFacts {
  readonly freeze: Freeze | null;
  /** How many calls wait for a human on behalf of the same agent (or key). */
  readonly waiting: number;
  /** A call without a key that asks for what waits already is shown that, not put beside it. */
  readonly same: ExecutionRecord | null;
}

/** More than this at once is not asking a human, it is wearing one down. */
const MOST_PENDING = 20;

/**
 * Whether a human decides first. The approval itself is written together with the claim of the key, in one transaction, so
 * that no crash leaves a key without its approval or an approval without its key.
 */
export const freeze = defineStage<FreezeFacts>('freeze', {
  async gather(ctx, deps) {
    const decided = freezeOf(ctx, deps);
    if (decided === null) return { freeze: null, waiting: 0, same: null };
    const pending = await pendingOf(ctx, deps);
    return { freeze: decided, waiting: pending.length, same: await sameCall(ctx, pending, deps) };
  },
  decide(ctx, { freeze: decided, waiting, same }) {
    ctx.freeze = decided;
    if (same !== null) {
      ctx.known = same;
      return { kind: 'answer', how: 'current' };
    }
    if (waiting < MOST_PENDING) return PROCEED;
    return refuse(
      'rate_limited',
      `${MOST_PENDING} calls of this agent wait for a human already. Wait until some of them are decided.`,
      { details: { pending: waiting, retry_after: 60 } },
    );
  },
});

function freezeOf(ctx: CallContext, { clock }: EngineDeps): Freeze | null {
  const verdict = filled(ctx, 'verdict');
  const policy = ctx.input.request.policy ?? null;
  return decideFreeze({ tools: toolsOf(reachOf(ctx)), policy, verdict, now: clock.now() });
}

async function pendingOf(ctx: CallContext, { store }: EngineDeps): Promise<readonly ApprovalRecord[]> {
  const { tenant, keyId } = filled(ctx, 'principal');
  const { agentId } = filled(ctx, 'identity');
  const page = { tenant, limit: 200, before: null, state: 'pending', agentId } as const;
  const pending = await store.approvals.list(page);
  return pending.filter(
    (a) => a.kind === 'approval' && (agentId !== null || (a.requestedBy === keyId && a.agentId === null)),
  );
}

async function sameCall(
  ctx: CallContext,
  pending: readonly ApprovalRecord[],
  { store }: EngineDeps,
): Promise<ExecutionRecord | null> {
  const { tenant, keyId } = filled(ctx, 'principal');
  const { keyDigest, fingerprint, env } = filled(ctx, 'identity');
  if (keyDigest !== null) return null;
  const policy = canonicalJson(ctx.input.request.policy ?? null);
  for (const { requestedBy, executionId, checkpoint } of pending) {
    if (requestedBy !== keyId || checkpoint.env !== env) continue;
    if (checkpoint.toolVersion !== filled(ctx, 'tool').version) continue;
    if (checkpoint.fallback?.version !== ctx.fallback?.version) continue;
    const known = await store.executions.find(tenant, executionId);
    if (known?.fingerprint === fingerprint && canonicalJson(known.request.policy) === policy) return known;
  }
  return null;
}
