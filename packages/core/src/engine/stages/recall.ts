import { PROCEED, type Decision } from '../../domain/decision.js';
import { decideClaim } from '../../domain/idempotency/decide-claim.js';
import type { Recalled } from '../../ports/execution-store.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { defineStage } from '../stage.js';

const NOTHING: Recalled = { kind: 'none' };

/**
 * What the key names already. Where nobody can say without asking the database, the question is left to the claim, which
 * asks it anyway: until then the look is due (see `recallNow`).
 */
export const recall = defineStage<Recalled>('recall', {
  gather(ctx, deps) {
    const { keyDigest } = filled(ctx, 'identity');
    if (keyDigest === null) return NOTHING;
    const record = deps.settled.find(keyDigest, deps.clock.now());
    if (record !== null) return { kind: 'execution', record };
    const foresight = deps.store.executions.foresee(keyDigest);
    ctx.recallDue = foresight === 'unknown' && isProbablyNew(ctx);
    return foresight === 'absent' || ctx.recallDue ? NOTHING : look(keyDigest, deps);
  },
  decide: decideRecalled,
});

/**
 * The look that was left to the claim, before anything is said or done to a call that its key may have the answer for: before
 * a later stage stops it, and before the claim takes from a budget, asks a human or lets it wait.
 */
export async function recallNow(ctx: CallContext, deps: EngineDeps): Promise<Decision> {
  ctx.recallDue = false;
  const { keyDigest } = filled(ctx, 'identity');
  const recalled = keyDigest === null ? NOTHING : await look(keyDigest, deps);
  // Nobody says that a call is under way which nobody drives.
  return isOwnClaim(ctx, recalled) ? PROCEED : decideRecalled(ctx, recalled);
}

/** The key is held by this very call: its claim was made, and the answer to that was lost. */
export function isOwnClaim({ traceId }: CallContext, recalled: Recalled): boolean {
  return recalled.kind === 'execution' && recalled.record.traceId === traceId;
}

function decideRecalled(ctx: CallContext, recalled: Recalled): Decision {
  if (recalled.kind === 'execution') ctx.known = recalled.record;
  return decideClaim(recalled, filled(ctx, 'identity'));
}

/** Not sent in these words before; and judging it reads nothing from the outside, which a duplicate must not cause. */
function isProbablyNew({ input }: CallContext): boolean {
  return input.comesAgain !== true && input.request.policy?.state_refetch === undefined;
}

async function look(keyDigest: string, { store, settled }: EngineDeps): Promise<Recalled> {
  const recalled = await store.executions.recall(keyDigest);
  if (recalled.kind === 'execution') settled.keep(keyDigest, recalled.record);
  return recalled;
}
