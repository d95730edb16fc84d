import type { FieldProblem } from '@invoke/contract';
import { agentOf } from '../../domain/access/decide-scope.js';
import { PROCEED, refuse, type Decision } from '../../domain/decision.js';
import { entityOf } from '../../domain/entity/decide-entity.js';
import {
  contractText,
  FINGERPRINT_VERSION,
  fingerprintText,
  keyOf,
  keyText,
} from '../../domain/idempotency/key-material.js';
import { compileConditions } from '../../domain/policy/conditions.js';
import { decideFailurePolicy } from '../../domain/policy/decide-failure-policy.js';
import type { FoundTool } from '../../domain/tool/catalogue.js';
import { decideParams } from '../../domain/tool/decide-params.js';
import { decideReach } from '../../domain/tool/reach.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { CallIdentity } from '../call-identity.js';
import { DEFAULT_ENV, filled, reachOf, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { decideRefetch, pointedAt, problemsWith, type Refetch } from '../read-state.js';
import { defineStage } from '../stage.js';

interface ValidationFacts {
  readonly fallback: FoundTool | null;
  /** Whether the read that the failure policy brings along may be made; null where it brings none. */
  readonly lookup: Refetch | null;
  /** What is wrong with the params, by the schema of each tool; null: that schema cannot be compiled. */
  readonly problemsOf: (tool: ToolDefinition) => readonly FieldProblem[] | null;
}

/** Params against the tool's schema, the failure policy against the caller's rights, and the identity of the call. */
export const validate = defineStage<ValidationFacts>('validate', {
  gather(ctx, { tools }) {
    const principal = filled(ctx, 'principal');
    const { request } = ctx.input;
    const { fallback, reconcile } = request.failure_policy ?? {};
    const read = reconcile?.state_refetch;
    return {
      fallback: fallback === undefined ? null : tools.catalogue().find(principal.tenant, fallback),
      lookup:
        read === undefined
          ? null
          : decideRefetch(read, { principal, context: request, at: LOOKUP }, { tools }),
      problemsOf: (tool) => problemsWith(tool, request.params, { tools }),
    };
  },
  decide(ctx, facts, deps) {
    const tool = filled(ctx, 'tool');
    const fits = (reached: ToolDefinition) => decideParams(reached, facts.problemsOf(reached), '/params');
    const own = fits(tool);
    if (own.kind !== 'proceed') return own;
    const { fallback, lookup } = facts;
    const decision = decideFailurePolicy({
      policy: ctx.input.request.failure_policy ?? null,
      tool,
      principal: filled(ctx, 'principal'),
      fallback,
      maxRetries: deps.config.maxRetries,
    });
    if (decision.kind !== 'proceed') return decision;
    ctx.fallback = fallback?.kind === 'found' ? fallback.tool : null;
    const both = decideReach(reachOf(ctx), fits);
    if (both.kind !== 'proceed') return both;
    if (lookup?.kind === 'refused') return { kind: 'refuse', refusal: pointedAt(lookup.refusal, LOOKUP) };
    ctx.lookupTool = lookup?.tool ?? null;
    return decideConditions(ctx, deps) ?? decideKeyGiven(ctx, deps);
  },
});

/** Where a call says how its outcome is looked up. */
const LOOKUP = '/failure_policy/reconcile/state_refetch';

function decideConditions(ctx: CallContext, { language }: EngineDeps): Decision | null {
  const conditions = ctx.input.request.failure_policy?.reconcile?.conditions;
  if (conditions === undefined) return null;
  const compiled = compileConditions(conditions, language);
  if (compiled.kind === 'ok') return null;
  const pointer = `/failure_policy/reconcile/conditions${compiled.pointer}`;
  return refuse('policy_invalid', `A condition cannot be used: ${pointer}: ${compiled.message}.`, {
    errors: [{ pointer, message: compiled.message }],
  });
}

/** Fills in what the later stages need, and refuses calls without a key where the tool demands one. */
function decideKeyGiven(ctx: CallContext, deps: EngineDeps): Decision {
  ctx.params = ctx.input.request.params;
  const { idempotencyKey } = (ctx.identity = identityOf(ctx, deps));
  return decideReach(reachOf(ctx), ({ name, card }) =>
    card.idempotency.required && idempotencyKey === null
      ? refuse('idempotency_key_required', `${name} is only called with an idempotency key.`)
      : PROCEED,
  );
}

/**
 * A caller that repeats a request word for word gets its identity from the one before: digests are most of what a replay
 * costs. The object of the request is the same only where its words are (see the reader of requests).
 */
function identityOf(ctx: CallContext, deps: EngineDeps): CallIdentity {
  const { request, comesAgain } = ctx.input;
  if (comesAgain !== true) return identify(ctx, deps);
  const tool = filled(ctx, 'tool');
  const principal = filled(ctx, 'principal');
  const known = deps.identities.get(request);
  if (known?.tool === tool && known.principal === principal) return known.identity;
  const identity = identify(ctx, deps);
  deps.identities.set(request, { tool, principal, identity });
  return identity;
}

function identify(ctx: CallContext, { digest }: EngineDeps): CallIdentity {
  const { request } = ctx.input;
  const tool = filled(ctx, 'tool');
  const principal = filled(ctx, 'principal');
  const params = filled(ctx, 'params');
  const agentId = agentOf(principal, request.agent_id);
  const entityId = entityOf(tool.card, request.entity_resolution ?? null, params);
  const env = request.env ?? DEFAULT_ENV;
  const facts = { tool: tool.id, action: request.action ?? null, agentId, params, entityId };
  const key = keyOf(tool.card.idempotency, request, facts);
  const idempotencyKey =
    key.kind === 'none' ? null : key.kind === 'given' ? key.key : `auto_${digest.sha256(key.from)}`;
  return {
    agentId,
    entityId,
    env,
    idempotencyKey,
    keyDigest: idempotencyKey === null ? null : digest.sha256(keyText(principal.tenant, env, idempotencyKey)),
    keyFields: key.kind === 'derived' ? tool.card.idempotency.key_fields : [],
    contract: contractText(request.policy),
    fingerprint: `v${FINGERPRINT_VERSION}:${digest.sha256(fingerprintText(facts))}`,
  };
}
