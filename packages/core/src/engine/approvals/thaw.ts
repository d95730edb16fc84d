import type { FieldDrift, JsonObject } from '@invoke/contract';
import { decidePrincipal } from '../../domain/access/decide-principal.js';
import { decideScope } from '../../domain/access/decide-scope.js';
import type { Principal } from '../../domain/access/principal.js';
import type { ApprovalRecord, FrozenContract } from '../../domain/approval/approval-record.js';
import { decideThaw, type Thaw } from '../../domain/approval/decide-thaw.js';
import { toDrift } from '../../domain/approval/to-drift.js';
import type { Decision } from '../../domain/decision.js';
import { decideEntity } from '../../domain/entity/decide-entity.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import type { CompiledCallPolicy } from '../../domain/policy/compiled-policy.js';
import type { PolicyFacts } from '../../domain/policy/policy-verdict.js';
import { toPolicyFacts } from '../../domain/policy/to-policy-facts.js';
import { strictestVerdict } from '../../domain/policy/strictest-verdict.js';
import { decideTool } from '../../domain/tool/decide-tool.js';
import { decideReach, toolsOf, type Reach } from '../../domain/tool/reach.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';
import { readState } from '../read-state.js';

/** What an approval meets when it is acted upon. */
export interface Thawed {
  readonly thaw: Thaw;
  readonly drift: readonly FieldDrift[];
  /** Live state: what a refetch read, else what the approver said; null where nobody said. */
  readonly state: JsonObject | null;
  /** The tools that would be called; null where that of the call is gone. */
  readonly reach: Reach | null;
}

export interface ThawInput {
  readonly approval: ApprovalRecord;
  readonly record: ExecutionRecord;
  /** State as the approver knows it. */
  readonly given: JsonObject | null;
  readonly approvers: number;
}

/** Holds what was frozen against the world as it is now. Reads only. */
export async function thaw(input: ThawInput, deps: EngineDeps): Promise<Thawed> {
  const { approval, record } = input;
  const requester = await requesterOf(approval.requestedBy, deps);
  const found = deps.tools.catalogue().find(record.tenant, record.tool);
  if (found.kind !== 'found') {
    const reason = `${record.tool} is not registered any more`;
    return { thaw: { kind: 'replan', reason }, drift: [], state: null, reach: null };
  }
  const { tool } = found;
  const fallback = fallbackNow(record, deps);
  const reach = { tool, fallback };
  const { stateRefetch, intent } = approval.checkpoint.contract;
  const { state, unread } = await liveState({ ...input, stateRefetch }, requester, deps);
  const usable = ownOf(record, deps);
  if (usable.kind === 'unusable') {
    const reason = `its own policy cannot be used any more: ${usable.why}`;
    return { thaw: { kind: 'replan', reason }, drift: [], state, reach };
  }
  const own = usable.policy;
  const frozen = { record, intent, frozen: approval.checkpoint.state };
  const facts = factsOf(frozen, { tool, state }, deps);
  const drift = driftOf(input, own, state);
  const verdicts = toolsOf(reach).map((reached) =>
    deps.policies.judge(record.tenant, factsOf(frozen, { tool: reached, state }, deps), own),
  );
  const decision = decideThaw({
    approval,
    actions: toolsOf(reach).map(({ id }) => actionOf(record, id) ?? id),
    toolVersion: tool.version,
    fallback: record.request.fallback && {
      tool: record.request.fallback.tool,
      version: fallback?.version ?? null,
    },
    scope: requester === null ? null : decideReach(reach, (t) => scopeOf(record, { requester, tool: t })),
    entity: await entityOf(record, { reach, state }, deps),
    verdict: strictestVerdict(verdicts),
    unread,
    condition: own?.condition?.evaluate({ ...facts }) ?? null,
    drift,
    approvers: input.approvers,
  });
  return { thaw: decision, drift, state, reach };
}

/** Who asked, with the limits of now. Null where that key would not be let in any more: nothing is done in its name. */
export async function requesterOf(
  keyId: string,
  { keyRing, clock }: Pick<EngineDeps, 'keyRing' | 'clock'>,
): Promise<Principal | null> {
  const found = decidePrincipal(await keyRing.byId(keyId), clock.now());
  return found.kind === 'proceed' ? found.principal : null;
}

interface Live {
  readonly state: JsonObject | null;
  readonly unread: string | null;
}

/** Where a refetch is configured, what it reads counts, whatever an approver says. */
export async function liveState(
  { record, given, stateRefetch }: Pick<ThawInput, 'record' | 'given'> & Pick<FrozenContract, 'stateRefetch'>,
  requester: Principal | null,
  deps: EngineDeps,
): Promise<Live> {
  if (stateRefetch === null || requester === null) return { state: given, unread: null };
  const context = contextOf(record, record.tool);
  const read = await readState(stateRefetch, { principal: requester, context, traceparent: null }, deps);
  switch (read.kind) {
    case 'state':
      return { state: read.state, unread: null };
    case 'unread':
      return { state: null, unread: read.why };
    case 'refused':
      return { state: null, unread: read.refusal.message };
  }
}

function contextOf(record: ExecutionRecord, tool: string) {
  const { agentId, env, workflow, request } = record;
  const action = actionOf(record, tool);
  return {
    env,
    ...(agentId === null ? {} : { agent_id: agentId }),
    ...(workflow === null ? {} : { workflow }),
    ...(action === null ? {} : { action }),
    ...(request.resource === null ? {} : { resource: request.resource }),
  };
}

/** What a call of this tool does: its fallback may do it under another name. */
function actionOf({ tool: own, action, request }: ExecutionRecord, tool: string): string | null {
  return tool === own ? action : (request.fallback?.action ?? null);
}

function fallbackNow({ tenant, request }: ExecutionRecord, { tools }: EngineDeps): ToolDefinition | null {
  if (request.fallback === null) return null;
  const found = tools.catalogue().find(tenant, request.fallback.tool);
  return found.kind === 'found' ? found.tool : null;
}

export function scopeOf(
  record: ExecutionRecord,
  { requester, tool }: { readonly requester: Principal; readonly tool: ToolDefinition },
): Decision {
  const { params } = record.request;
  const listed = decideTool(requester, tool.id, { kind: 'found', tool });
  if (listed.kind !== 'proceed') return listed;
  return decideScope({ principal: requester, tool, params, request: contextOf(record, tool.id) });
}

/** The call's own write is none of the others that it may have to wait for. */
export async function entityOf(
  record: ExecutionRecord,
  { reach, state }: { readonly reach: Reach; readonly state: JsonObject | null },
  { store }: EngineDeps,
): Promise<Decision> {
  const { request, entityId, tenant, env } = record;
  const held = entityId === null ? null : await store.executions.unsettledWriteTo(tenant, env, entityId);
  return decideReach(reach, ({ card }) =>
    decideEntity({
      card,
      resolution: request.entityResolution,
      params: request.params,
      executionState: request.executionState,
      liveState: state,
      unsettledWrite: held === record.id ? null : held,
    }),
  );
}

export interface World {
  readonly tool: ToolDefinition;
  readonly state: JsonObject | null;
}

interface Frozen {
  readonly record: ExecutionRecord;
  readonly intent: string | null;
  readonly frozen: JsonObject | null;
}

/** What rules look at: the call as it was frozen, the world as it is. */
export function factsOf(
  { record, intent, frozen }: Frozen,
  { tool, state }: World,
  { clock }: EngineDeps,
): PolicyFacts {
  const { request, agentId, workflow, env } = record;
  return toPolicyFacts({
    tool,
    action: actionOf(record, tool.id),
    agentId,
    workflow,
    env,
    intent,
    params: request.params,
    executionState: request.executionState,
    entityResolution: request.entityResolution,
    state,
    frozen,
    now: clock.now(),
  });
}

type Own =
  | { readonly kind: 'ok'; readonly policy: CompiledCallPolicy | null }
  | { readonly kind: 'unusable'; readonly why: string };

/**
 * The caller's own policy, as of when it was accepted: its time is judged apart. One that cannot be used any more must not
 * look like none at all.
 */
export function ownOf({ request, createdAt }: ExecutionRecord, { policies }: EngineDeps): Own {
  if (request.policy === null) return { kind: 'ok', policy: null };
  const compiled = policies.compileCall(request.policy, createdAt);
  return compiled.kind === 'ok' ? compiled : { kind: 'unusable', why: compiled.refusal.message };
}

function driftOf(
  { approval }: ThawInput,
  own: CompiledCallPolicy | null,
  state: JsonObject | null,
): readonly FieldDrift[] {
  const { contract, variables } = approval.checkpoint;
  if (contract.conditions === null) return [];
  const report = own?.conditions?.evaluate(state ?? {});
  return report === undefined
    ? []
    : toDrift({ threshold: contract.threshold, frozen: approval.checkpoint.state ?? variables, report });
}
