import type { EntityResolution, ExecutionContextState, JsonObject } from '@invoke/contract';
import type { EpochMs } from '../time.js';
import type { ToolDefinition } from '../tool/tool-definition.js';
import type { PolicyFacts } from './policy-verdict.js';

/** A call, as much of it as rules may look at. */
export interface JudgedCall {
  readonly tool: ToolDefinition;
  /** What the caller says it does; where it says nothing, what the card says. */
  readonly action: string | null;
  readonly agentId: string | null;
  readonly workflow: string | null;
  readonly env: string;
  /** Of the caller's own policy. */
  readonly intent: string | null;
  readonly params: JsonObject;
  readonly executionState: ExecutionContextState | null;
  readonly entityResolution: EntityResolution | null;
  /** Freshly read; null where nothing was. */
  readonly state: JsonObject | null;
  /** As it was at the time of freezing; null before. */
  readonly frozen: JsonObject | null;
  readonly now: EpochMs;
}

/** The same facts on every way in, so that what is tried out is what will be decided. */
export function toPolicyFacts(call: JudgedCall): PolicyFacts {
  const { tool, action, agentId, workflow, env, intent, params, now } = call;
  return {
    action: action ?? tool.card.action ?? null,
    tool: tool.id,
    agent_id: agentId,
    workflow,
    env,
    intent,
    risk: tool.riskLevel,
    params,
    variables: call.executionState?.variables ?? NOTHING,
    tool_outputs: call.executionState?.tool_outputs ?? NOTHING,
    state: call.state ?? NOTHING,
    frozen: call.frozen ?? NOTHING,
    entity: call.entityResolution ?? NOTHING,
    now,
  };
}

const NOTHING: JsonObject = Object.freeze({});
