import type { JsonObject, Refusal } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../../domain/decision.js';
import { decideOpenNames } from '../../domain/policy/decide-open-names.js';
import { decideOwnContract } from '../../domain/policy/decide-own-contract.js';
import { decideVerdict } from '../../domain/policy/decide-verdict.js';
import type { CompiledCallPolicy } from '../../domain/policy/compiled-policy.js';
import type { PolicyFacts, PolicyVerdict } from '../../domain/policy/policy-verdict.js';
import { strictestVerdict } from '../../domain/policy/strictest-verdict.js';
import { toPolicyFacts } from '../../domain/policy/to-policy-facts.js';
import { decideReach } from '../../domain/tool/reach.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import { filled, reachOf, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { pointedAt, readState, type StateRead } from '../read-state.js';
import { defineStage } from '../stage.js';

type Gathered =
  | { readonly kind: 'ready'; readonly own: CompiledCallPolicy | null; readonly state: JsonObject | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Rules of the operator, the tenant and the call itself. Reads are judged too: what may not be known is also an effect.
 * Where approval is required the call goes on, and is frozen once its key is claimed.
 */
export const policy = defineStage<Gathered>('policy', {
  gather(ctx, deps) {
    const { policy: attached } = ctx.input.request;
    if (attached === undefined) return NOTHING_ATTACHED;
    const compiled = deps.policies.compileCall(attached, deps.clock.now());
    if (compiled.kind === 'refused') return compiled;
    const own = compiled.policy;
    return attached.state_refetch === undefined
      ? { kind: 'ready', own, state: null }
      : readOwnState(ctx, own, deps);
  },
  decide(ctx, gathered, { policies, clock }) {
    if (gathered.kind === 'refused') return toRefused(gathered.refusal);
    const { own, state } = gathered;
    ctx.ownPolicy = own;
    ctx.liveState = state ?? ctx.liveState;
    const { tenant } = filled(ctx, 'principal');
    const at = clock.now();
    const tool = filled(ctx, 'tool');
    const named = own === null ? PROCEED : decideOwnNames(ctx, own, factsOf(ctx, tool, at));
    if (named.kind !== 'proceed') return named;
    const verdicts: PolicyVerdict[] = [];
    const decided = decideReach(reachOf(ctx), (reached) => {
      const facts = factsOf(ctx, reached, at);
      const verdict = policies.judge(tenant, facts, own);
      verdicts.push(verdict);
      const judged = decideVerdict(verdict);
      return judged.kind !== 'proceed' || own === null ? judged : decideOwnContract(own, state, facts);
    });
    ctx.verdict = strictestVerdict(verdicts);
    return decided;
  },
});

const NOTHING_ATTACHED: Gathered = { kind: 'ready', own: null, state: null };

/** Where a call's own policy says how to read state. */
const OWN_REFETCH = '/policy/state_refetch';

async function readOwnState(ctx: CallContext, own: CompiledCallPolicy, deps: EngineDeps): Promise<Gathered> {
  const refetch = own.policy.state_refetch;
  if (refetch === undefined) return { kind: 'ready', own, state: null };
  const { request, traceparent } = ctx.input;
  const read = await readState(
    refetch,
    { principal: filled(ctx, 'principal'), context: request, traceparent, at: OWN_REFETCH },
    deps,
  );
  return read.kind === 'state'
    ? { kind: 'ready', own, state: read.state }
    : { kind: 'refused', refusal: refusalOf(read) };
}

function refusalOf(read: Exclude<StateRead, { kind: 'state' }>): Refusal {
  if (read.kind === 'unread') {
    return refuse(
      'replan_required',
      `The state that this call depends on could not be read: ${read.why}. Nothing was executed.`,
      { details: { why: 'state could not be read' } },
    ).refusal;
  }
  return pointedAt(read.refusal, OWN_REFETCH);
}

function toRefused(refusal: Refusal): Decision {
  return { kind: 'refuse', refusal };
}

/** What rules, and the conditions of budgets, may look at of this call, if it is made by this tool. */
export function factsOf(ctx: CallContext, tool: ToolDefinition, now: PolicyFacts['now']): PolicyFacts {
  const { request } = ctx.input;
  const { agentId, env } = filled(ctx, 'identity');
  return toPolicyFacts({
    tool,
    action: request.action ?? null,
    agentId,
    workflow: request.workflow ?? null,
    env,
    intent: request.policy?.intent ?? null,
    params: filled(ctx, 'params'),
    executionState: request.execution_state ?? null,
    entityResolution: request.entity_resolution ?? null,
    state: ctx.liveState,
    frozen: null,
    now,
  });
}

function decideOwnNames(ctx: CallContext, own: CompiledCallPolicy, facts: PolicyFacts): Decision {
  const { params, variables, state } = facts;
  const inputSchema = filled(ctx, 'tool').card.input_schema;
  return decideOpenNames(own, { params, variables, state, inputSchema });
}
