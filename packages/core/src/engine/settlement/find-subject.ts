import { executionIdOf } from '../../domain/settlement/execution-id-of.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { compileConditions } from '../../domain/policy/conditions.js';
import { judgePayload, type PayloadJudgement } from '../../domain/settlement/judge-payload.js';
import { valueAt } from '../../domain/tool/find-fields.js';
import type { ProviderRecord, ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';
import { downstreamKeyOf } from '../downstream-key.js';

/** What an event speaks of: one tool's part in one execution. */
export interface Subject extends PayloadJudgement {
  readonly tool: string;
  readonly record: ExecutionRecord;
}

/**
 * The execution that a provider's event speaks of, by the cards of that provider's tools; null where it speaks of none. A
 * reference only leads to calls of the provider's own tools in its own tenant.
 */
export async function findSubject(
  provider: ProviderRecord,
  payload: Readonly<Record<string, unknown>>,
  deps: EngineDeps,
): Promise<Subject | null> {
  const { tenant, id } = provider;
  const tools = deps.tools
    .catalogue()
    .all(tenant)
    .filter((t) => t.provider.id === id);
  for (const tool of tools) {
    const { settlement } = tool.card;
    const reference = settlement === undefined ? undefined : valueAt(payload, settlement.reference);
    const executionId = typeof reference === 'string' ? executionIdOf(reference) : null;
    if (settlement === undefined || executionId === null) continue;
    if (reference !== executionId && reference !== downstreamKeyOf(executionId, tool.id, deps)) continue;
    const record = await deps.store.executions.find(tenant, executionId);
    if (record === null || !callsTool(record, tool)) continue;
    return { tool: tool.id, record, ...judge(tool, payload, deps) };
  }
  return null;
}

function callsTool({ tool, request }: ExecutionRecord, { id }: ToolDefinition): boolean {
  return tool === id || request.fallback?.tool === id;
}

function judge(
  { card }: ToolDefinition,
  payload: Readonly<Record<string, unknown>>,
  { language }: EngineDeps,
): PayloadJudgement {
  const { applied = {}, not_applied: notApplied } = card.settlement ?? {};
  const yes = compileConditions(applied, language);
  const no = notApplied === undefined ? null : compileConditions(notApplied, language);
  if (yes.kind === 'error') return unusable(yes.message);
  if (no?.kind === 'error') return unusable(no.message);
  return judgePayload(payload, { applied: yes, notApplied: no });
}

/** Conditions are compiled at registration; what does not compile any more proves nothing. */
function unusable(why: string): PayloadJudgement {
  return { verdict: 'unclear', detail: `the card's conditions cannot be used: ${why}` };
}
