import type { SampleCall } from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import type { PolicyFacts } from '../../domain/policy/policy-verdict.js';
import { toPolicyFacts } from '../../domain/policy/to-policy-facts.js';
import { epochMs } from '../../domain/time.js';
import { allows } from '../../domain/tool/decide-tool.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import { DEFAULT_ENV } from '../context.js';
import type { EngineDeps } from '../deps.js';

/** A call that somebody makes up, as rules would see it. Null: there is no such tool, or it is not theirs to see. */
export function sampleFacts(
  call: SampleCall,
  principal: Principal,
  { tools, clock }: Pick<EngineDeps, 'tools' | 'clock'>,
): PolicyFacts | null {
  const found = tools.catalogue().find(principal.tenant, call.tool);
  if (found.kind !== 'found' || !mayJudge(principal, found.tool)) return null;
  return toPolicyFacts({
    tool: found.tool,
    action: call.action ?? null,
    agentId: call.agent_id ?? null,
    workflow: call.workflow ?? null,
    env: call.env ?? DEFAULT_ENV,
    intent: null,
    params: call.params,
    executionState: call.execution_state ?? null,
    entityResolution: call.entity_resolution ?? null,
    state: call.state ?? null,
    frozen: null,
    now: epochMs(clock.now()),
  });
}

/** A call that was made, as rules saw it; state that was read for it is not kept. */
export function pastFacts(record: ExecutionRecord, tool: ToolDefinition): PolicyFacts {
  const { request } = record;
  return toPolicyFacts({
    tool,
    action: record.action,
    agentId: record.agentId,
    workflow: record.workflow,
    env: record.env,
    intent: request.policy?.intent ?? null,
    params: request.params,
    executionState: request.executionState,
    entityResolution: request.entityResolution,
    state: null,
    frozen: null,
    now: record.createdAt,
  });
}

export function mayJudge({ allowedTools }: Principal, tool: ToolDefinition): boolean {
  return allowedTools === null || allows(allowedTools, tool);
}
