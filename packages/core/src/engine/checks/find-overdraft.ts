import type { Refusal } from '@invoke/contract';
import { decideBudget } from '../../domain/budget/decide-budget.js';
import { refuseOverdraft } from '../../domain/budget/refuse-overdraft.js';
import { firstOverdraft } from '../../domain/preflight/first-overdraft.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { factsOf } from '../stages/policy.js';

/** Why the budgets would not let this call through now; null where they would. Nothing is reserved. */
export async function findOverdraft(
  ctx: CallContext,
  { policies, store, history }: EngineDeps,
): Promise<Refusal | null> {
  const { tenant, keyId } = filled(ctx, 'principal');
  const rules = policies.budgets(tenant);
  if (rules.length === 0) return null;
  const tool = filled(ctx, 'tool');
  const params = filled(ctx, 'params');
  const { agentId } = filled(ctx, 'identity');
  const at = history.storeNow();
  const facts = { ...factsOf(ctx, at) };
  const decision = decideBudget(rules, { tenant, keyId, agentId, tool, params, facts, at });
  if (decision.kind === 'refuse') return decision.refusal;
  if (decision.charges.length === 0) return null;
  const over = firstOverdraft(decision.charges, await store.usage.spent(tenant, at));
  return over === null ? null : refuseOverdraft(over.charge, over.spent, at).refusal;
}
