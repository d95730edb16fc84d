import type { CapabilityCard, JsonObject } from '@invoke/contract';
import type { ExecutionRecord, StoredFallback } from '../execution/execution-record.js';
import type { FoundTool } from '../tool/catalogue.js';
import { allows } from '../tool/decide-tool.js';
import { decideLimits, type LimitFacts } from './decide-scope.js';
import type { Principal } from './principal.js';

/** A call as it was recorded: what a key's limits are held against when it is looked at, or decided on. */
export interface RecordedCall {
  readonly tool: string;
  readonly action: string | null;
  readonly params: JsonObject;
  readonly agentId: string | null;
  readonly env: string | null;
  readonly workflow: string | null;
  readonly resource: string | null;
  /** The other tool that it may have reached, or may reach yet. */
  readonly fallback?: StoredFallback | null;
}

export function toRecordedCall({ request, ...record }: ExecutionRecord): RecordedCall {
  const { tool, action, agentId, env, workflow } = record;
  const { params, resource, fallback } = request;
  return { tool, action, agentId, env, workflow, params, resource, fallback };
}

/** How a name is found among the tools of today. */
export type FindTool = (reference: string) => FoundTool;

/** Whether the limits of this key would let it make this call: only then does it decide whether the call is made. */
export function isWithinLimits(principal: Principal, call: RecordedCall, find: FindTool): boolean {
  const own = { id: call.tool, action: call.action };
  const { fallback = null } = call;
  const reached = fallback === null ? [own] : [own, { id: fallback.tool, action: fallback.action ?? null }];
  return reached.every(({ id, action }) => {
    const tool = toolNow(find(id), id);
    if (principal.allowedTools !== null && !allows(principal.allowedTools, tool)) return false;
    const facts = { principal: asRecorded(principal), tool, params: call.params };
    return decideLimits({ ...facts, request: toRequest(call, action) }).kind === 'proceed';
  });
}

/** Whether a key may look at what became of this call. Looking writes nothing, so a key that only reads may look at writes. */
export function isInSight(principal: Principal, call: RecordedCall, find: FindTool): boolean {
  return isWithinLimits({ ...principal, readOnly: false }, call, find);
}

/** A new call of the key is made for its own agent where it names none; one that was recorded without an agent was not. */
function asRecorded(principal: Principal): Principal {
  const { agentId } = principal;
  return agentId === null ? principal : { ...principal, agentId: null, agents: new Set([agentId]) };
}

function toRequest({ agentId, env, workflow, resource }: RecordedCall, action: string | null) {
  return {
    ...(agentId === null ? {} : { agent_id: agentId }),
    ...(env === null ? {} : { env }),
    ...(workflow === null ? {} : { workflow }),
    ...(action === null ? {} : { action }),
    ...(resource === null ? {} : { resource }),
  };
}

type ToolNow = LimitFacts['tool'] & Parameters<typeof allows>[1];

/** Of a tool that is gone nobody knows what its params name: it counts as one that writes, and only its name is listed. */
function toolNow(found: FoundTool, id: string): ToolNow {
  if (found.kind === 'found') return found.tool;
  const card: ToolNow['card'] & Pick<CapabilityCard, 'effect'> = {
    effect: 'write',
    resources: [],
    entities: [],
  };
  return { id, key: id, name: id, card };
}
