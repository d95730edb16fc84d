import type { BudgetUse, UsageLine } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import { budgetName } from '../../domain/budget/decide-budget.js';
import { toBudgetUse } from '../../domain/budget/to-budget-use.js';
import { after, type EpochMs } from '../../domain/time.js';
import { allows } from '../../domain/tool/decide-tool.js';
import type { EngineDeps } from '../deps.js';

export interface UsageFilter {
  readonly per: 'tool' | 'agent' | 'key';
  /** Null: a day before `until`. */
  readonly since: EpochMs | null;
  /** Null: now. */
  readonly until: EpochMs | null;
}

export interface UsageReport {
  readonly usage: readonly UsageLine[];
  /** False where only the newest executions of the period were counted. */
  readonly complete: boolean;
  readonly budgets: readonly BudgetUse[];
}

/** How many executions one report counts at most: a reader must not keep the store from its work. */
const SCAN = 10_000;
const DAY_MS = 86_400_000;

/**
 * What the principal's tenant has used, and how much of its budgets is left. A key with a tool list sees no line of a tool
 * that it may not call.
 */
export async function usageReport(
  principal: Principal,
  filter: UsageFilter,
  deps: Pick<EngineDeps, 'store' | 'policies' | 'tools' | 'clock' | 'history'>,
): Promise<UsageReport> {
  const { tenant } = principal;
  const now = deps.history.storeNow();
  const until = filter.until ?? deps.clock.now();
  const since = filter.since ?? after(until, -DAY_MS);
  const rules = deps.policies.budgets(tenant);
  const perTool = new Set(rules.filter((r) => r.budget.per === 'tool').map(budgetName));
  const [{ lines, complete }, spent] = await Promise.all([
    deps.store.usage.usage({ tenant, per: filter.per, since, until, scan: SCAN }),
    deps.store.usage.spent(tenant, now),
  ]);
  const mayRead = (tool: string) => mayCall(principal, tool, deps);
  return {
    usage: filter.per === 'tool' ? lines.filter((line) => mayRead(line.subject)) : lines,
    complete,
    budgets: toBudgetUse(rules, spent, now).filter((b) => !perTool.has(b.budget) || mayRead(b.subject)),
  };
}

function mayCall(
  { tenant, allowedTools }: Principal,
  toolId: string,
  { tools }: Pick<EngineDeps, 'tools'>,
): boolean {
  if (allowedTools === null) return true;
  const found = tools.catalogue().find(tenant, toolId);
  return found.kind === 'found' ? allows(allowedTools, found.tool) : allowedTools.has(toolId);
}
