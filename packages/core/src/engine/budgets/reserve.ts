import type { Charge } from '../../domain/budget/charge.js';
import { refuseOverdraft } from '../../domain/budget/refuse-overdraft.js';
import { PROCEED, type Decision } from '../../domain/decision.js';
import type { EpochMs } from '../../domain/time.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { chargesOf } from './charges-of.js';

/**
 * Takes what this call costs from every budget that counts it, all or nothing, and notes it in `ctx.charges`. Called just
 * before the key is claimed, so that replays and refused calls cost nothing; whoever does not win the claim gives it back.
 * A gateway that dies in between leaves the budget charged until its window ends: too little is spent then, never too much.
 */
export function reserve(ctx: CallContext, deps: ReserveDeps): Decision | Promise<Decision> {
  return mayCharge(ctx, deps) ? reserveBy(ctx, deps) : PROCEED;
}

/** Whether there are budgets at all that may count this call. */
export function mayCharge(ctx: CallContext, { policies }: Pick<EngineDeps, 'policies'>): boolean {
  return policies.budgets(filled(ctx, 'principal').tenant).length > 0;
}

type ReserveDeps = Pick<EngineDeps, 'policies' | 'store' | 'history'>;

async function reserveBy(ctx: CallContext, deps: ReserveDeps): Promise<Decision> {
  // All gateways charge the same window: which one it is, the store says.
  const at = deps.history.storeNow();
  const decision = chargesOf(ctx, at, deps);
  if (decision.kind === 'refuse') return decision;
  const { charges } = decision;
  if (charges.length === 0) return PROCEED;
  const reserved = await deps.store.usage.reserve(charges);
  if (reserved.kind === 'exceeded') {
    if (await isDuplicate(ctx, deps)) return PROCEED;
    return refuseOverdraft(reserved.charge, await spentOf(reserved.charge, at, deps), at);
  }
  ctx.charges = charges;
  return PROCEED;
}

/** Its original has taken the last of the budget a moment ago: the claim will not be won, and has the better answer. */
async function isDuplicate(ctx: CallContext, { store }: Pick<EngineDeps, 'store'>): Promise<boolean> {
  const { keyDigest } = filled(ctx, 'identity');
  return keyDigest !== null && (await store.executions.recall(keyDigest)).kind !== 'none';
}

async function spentOf(
  { tenant, budget, subject, windowStart }: Charge,
  at: EpochMs,
  { store }: Pick<EngineDeps, 'store'>,
) {
  const spent = await store.usage.spent(tenant, at);
  return (
    spent.find((s) => s.budget === budget && s.subject === subject && s.windowStart === windowStart) ?? null
  );
}
