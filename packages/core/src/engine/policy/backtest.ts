import type { BacktestedExecution, PolicySimulateAnswer } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { toPolicyOutcome } from '../../domain/policy/to-policy-outcome.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';
import { judgeCall } from './judge-call.js';
import type { RulesInForce } from './policies.js';
import { mayJudge, pastFacts } from './sample-facts.js';

export type Backtest = NonNullable<PolicySimulateAnswer['backtest']>;

export interface Compared {
  readonly before: RulesInForce;
  readonly after: RulesInForce;
}

/** The most that the store gives at once. */
const PAGE = 200;

/** Decides the newest executions again, and tells those that other rules would have decided otherwise. Changes nothing. */
export async function backtest(
  { principal, last }: { readonly principal: Principal; readonly last: number },
  rules: Compared,
  deps: EngineDeps,
): Promise<Backtest> {
  const changed: BacktestedExecution[] = [];
  const counts = new Map<string, number>();
  let examined = 0;
  let skipped = 0;
  for await (const record of newest(principal.tenant, last, deps)) {
    const tool = await toolOf(record, deps);
    if (tool === null || !mayJudge(principal, tool)) {
      skipped += 1;
      continue;
    }
    examined += 1;
    const difference = compare(record, tool, { rules, deps });
    if (difference === null) continue;
    changed.push(difference);
    const change = `${difference.from.effect} -> ${difference.to.effect}`;
    counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  return { examined, skipped, changed, changes: Object.fromEntries(counts) };
}

async function* newest(tenant: string, last: number, { store }: EngineDeps): AsyncGenerator<ExecutionRecord> {
  let before: string | null = null;
  for (let left = last; left > 0; left -= PAGE) {
    const limit = Math.min(PAGE, left);
    const page: readonly ExecutionRecord[] = await store.executions.list({
      tenant,
      limit,
      before,
      state: null,
      tool: null,
      agentId: null,
    });
    yield* page;
    before = page.at(-1)?.id ?? null;
    if (page.length < limit) return;
  }
}

/** As it was when the call was made, if that is still known. */
async function toolOf(record: ExecutionRecord, { tools }: EngineDeps): Promise<ToolDefinition | null> {
  const version = await tools.version(record.tenant, record.toolVersion);
  if (version !== null) return version;
  const found = tools.catalogue().find(record.tenant, record.tool);
  return found.kind === 'found' ? found.tool : null;
}

/** Null: nothing changes but, perhaps, whose reason is told. */
function compare(
  record: ExecutionRecord,
  tool: ToolDefinition,
  { rules, deps }: { readonly rules: Compared; readonly deps: EngineDeps },
): BacktestedExecution | null {
  const facts = pastFacts(record, tool);
  const attached = record.request.policy;
  const compiled = attached === null ? null : deps.policies.compileCall(attached, record.createdAt);
  const own = compiled?.kind === 'ok' ? compiled.policy : null;
  const judge = (by: RulesInForce) => toPolicyOutcome(judgeCall(by, { facts, own }, deps.language));
  const from = judge(rules.before);
  const to = judge(rules.after);
  if (from.effect === to.effect && from.approvers === to.approvers) return null;
  return {
    execution_id: record.id,
    tool: record.tool,
    action: record.action,
    agent_id: record.agentId,
    created_at: record.createdAt,
    from,
    to,
  };
}
