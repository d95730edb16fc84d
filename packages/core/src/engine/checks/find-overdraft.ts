import type { Refusal } from '@invoke/contract';
import { refuseOverdraft } from '../../domain/budget/refuse-overdraft.js';
import { firstOverdraft } from '../../domain/preflight/first-overdraft.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { chargesOf } from '../budgets/charges-of.js';
import { mayCharge } from '../budgets/reserve.js';

/** Why the budgets would not let this call through now; null where they would. Nothing is reserved. */
export async function findOverdraft(
  ctx: CallContext,
  { policies, store, history }: EngineDeps,
): Promise<Refusal | null> {
  const { tenant } = filled(ctx, 'principal');
  if (!mayCharge(ctx, { policies })) return null;
  const at = history.storeNow();
  const decision = chargesOf(ctx, at, { policies });
  if (decision.kind === 'refuse') return decision.refusal;
  if (decision.charges.length === 0) return null;
  const over = firstOverdraft(decision.charges, await store.usage.spent(tenant, at));
  return over === null ? null : refuseOverdraft(over.charge, over.spent, at).refusal;
}
