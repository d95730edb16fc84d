import type { CallRequest, CapabilityCard, JsonObject, Scope } from '@invoke/contract';
import { refuse, PROCEED, type Decision } from '../decision.js';
import { findIdLikeFields, idsAt } from '../tool/find-fields.js';
import { decideHeldScope } from './decide-principal.js';
import type { Principal } from './principal.js';

/** What a key's limits are held against. */
export interface LimitFacts {
  readonly principal: Principal;
  readonly tool: {
    readonly name: string;
    readonly card: Pick<CapabilityCard, 'effect' | 'action' | 'resources' | 'entities'>;
  };
  readonly params: JsonObject;
  readonly request: Pick<CallRequest, 'agent_id' | 'env' | 'workflow' | 'action' | 'resource'>;
}

export interface ScopeFacts extends LimitFacts {
  /** The scope under which it is made; `tools:call` where it is left out. */
  readonly scope?: Scope;
}

/**
 * Whether this key may make this call: scope, reads and writes, then who, where, for which workflow, doing what, to what.
 * A list limits also what is left out: a key that is limited to workflows must name one.
 */
export function decideScope(facts: ScopeFacts): Decision {
  const held = decideHeldScope(facts.principal, facts.scope ?? 'tools:call');
  if (held.kind === 'refuse') return held;
  const limited = decideLimits(facts);
  return limited.kind === 'refuse' ? limited : (otherAction(facts) ?? PROCEED);
}

/** The limits of a key alone, without its scopes; whoever has none passes. */
export function decideLimits(facts: LimitFacts): Decision {
  const { principal, tool, request } = facts;
  if (principal.readOnly && tool.card.effect !== 'read') {
    return refuse('read_only_token', `This key only reads, and ${tool.name} writes.`);
  }
  const placed = decideContext(principal, request);
  if (placed.kind === 'refuse') return placed;
  return deniedAction(facts) ?? deniedResource(facts) ?? PROCEED;
}

/** Whether a key may act for this agent, in this environment, for this workflow; whatever it is that is done. */
export function decideContext(
  principal: Principal,
  { agent_id, env, workflow }: Pick<ScopeFacts['request'], 'agent_id' | 'env' | 'workflow'>,
): Decision {
  return (
    deniedAgent(principal, agent_id) ??
    outside('env', principal.envs, env) ??
    outside('workflow', principal.workflows, workflow) ??
    PROCEED
  );
}

/** The agent a call acts for: the key's own agent where the request names none. */
export function agentOf(principal: Principal, named: string | undefined): string | null {
  return named ?? principal.agentId;
}

function deniedAgent(principal: Principal, named: string | undefined): Decision | null {
  const agent = agentOf(principal, named);
  if (principal.agentId !== null && agent !== principal.agentId) {
    return denied('agent_id', `this key belongs to the agent ${principal.agentId}`);
  }
  return outside('agent_id', principal.agents, agent ?? undefined);
}

function otherAction({ tool, request }: LimitFacts): Decision | null {
  const own = tool.card.action;
  return own === undefined || request.action === undefined || request.action === own
    ? null
    : denied('action', `the action of ${tool.name} is ${own}`);
}

function deniedAction({ principal, tool, request }: LimitFacts): Decision | null {
  return outside('action', principal.actions, request.action ?? tool.card.action);
}

function deniedResource({ principal, tool, params, request }: LimitFacts): Decision | null {
  const allowed = principal.resources;
  if (allowed === null) return null;
  const declared = [...tool.card.resources, ...tool.card.entities].flatMap((r) =>
    idsAt(params, r.field).map((id) => ({ field: r.field, id: `${r.prefix ?? ''}${id}` })),
  );
  const known = new Set(declared.map((d) => d.field));
  const undeclared = findIdLikeFields(params)
    .filter((f) => !known.has(f.pointer))
    .map((f) => ({ field: f.pointer, id: f.value }));
  const named = request.resource === undefined ? [] : [{ field: '/resource', id: request.resource }];
  const all = [...declared, ...undeclared, ...named];
  if (all.length === 0) {
    // What reads and has to do with no resource at all cannot reach a wrong one.
    const free = tool.card.effect === 'read' && tool.card.resources.length + tool.card.entities.length === 0;
    return free ? null : denied('resource', 'this key is limited to resources, and the call names none');
  }
  const bad = all.find((r) => !allowed.has(r.id));
  return bad === undefined
    ? null
    : denied('resource', `${bad.field} names a resource that this key may not touch`);
}

function outside(
  what: string,
  allowed: ReadonlySet<string> | null,
  value: string | undefined,
): Decision | null {
  if (allowed === null) return null;
  if (value === undefined) return denied(what, `this key is limited in ${what}, and the call names none`);
  return allowed.has(value) ? null : denied(what, `this key may not act with this ${what}`);
}

function denied(limit: string, why: string): Decision {
  return refuse('context_denied', `Not allowed: ${why}.`, { details: { limit } });
}
