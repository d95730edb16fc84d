import type { BudgetCall, BudgetDecision } from '../../domain/budget/decide-budget.js';
import { decideReachBudget } from '../../domain/budget/decide-reach-budget.js';
import type { EpochMs } from '../../domain/time.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import { filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { factsOf } from '../stages/policy.js';

/** What this call takes from the budgets of its tenant; nothing is reserved. */
export function chargesOf(
  ctx: CallContext,
  at: EpochMs,
  { policies }: Pick<EngineDeps, 'policies'>,
): BudgetDecision {
  const { tenant, keyId } = filled(ctx, 'principal');
  const { agentId } = filled(ctx, 'identity');
  const params = filled(ctx, 'params');
  const by = (tool: ToolDefinition): BudgetCall => {
    return { tenant, keyId, agentId, tool, params, facts: { ...factsOf(ctx, tool, at) }, at };
  };
  const fallback = ctx.fallback === null ? null : by(ctx.fallback);
  return decideReachBudget(policies.budgets(tenant), by(filled(ctx, 'tool')), fallback);
}
