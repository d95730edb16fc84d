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
import type { CallIdentity } from '../call-identity.js';
import { DEFAULT_ENV, filled, type CallContext } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { defineStage } from '../stage.js';

interface ValidationFacts {
  /** Null: the schema of the tool cannot be compiled. */
  readonly problems: readonly FieldProblem[] | null;
  readonly compiled: boolean;
  readonly fallback: FoundTool | null;
  readonly fallbackProblems: readonly FieldProblem[] | null;
  readonly lookup: FoundTool | null;
}

/** Params against the tool's schema, the failure policy against the caller's rights, and the identity of the call. */
export const validate = defineStage<ValidationFacts>('validate', {
  gather(ctx, { tools }) {
    const { tenant } = filled(ctx, 'principal');
    const { params, failure_policy: policy } = ctx.input.request;
    const named = (reference: string | undefined) =>
      reference === undefined ? null : tools.catalogue().find(tenant, reference);
    const validator = tools.validator(filled(ctx, 'tool'));
    const fallback = named(policy?.fallback);
    return {
      compiled: validator !== null,
      problems: validator?.(params) ?? null,
      fallback,
      fallbackProblems:
        fallback?.kind === 'found' ? (tools.validator(fallback.tool)?.(params) ?? null) : null,
      lookup: named(policy?.reconcile?.state_refetch.tool),
    };
  },
  decide(ctx, facts, deps) {
    const tool = filled(ctx, 'tool');
    if (!facts.compiled)
      return refuse('schema_rejected', `The schema of ${tool.name} cannot be compiled: register it again.`);
    const problems = facts.problems ?? [];
    if (problems.length > 0) return invalidParams(tool.name, problems);
    const policy = ctx.input.request.failure_policy ?? null;
    const { fallback, lookup } = facts;
    const principal = filled(ctx, 'principal');
    const decision = decideFailurePolicy({
      policy,
      tool,
      principal,
      fallback,
      lookup,
      maxRetries: deps.config.maxRetries,
    });
    if (decision.kind !== 'proceed') return decision;
    if ((facts.fallbackProblems ?? []).length > 0)
      return invalidParams(`the fallback ${policy?.fallback}`, facts.fallbackProblems ?? []);
    return decideConditions(ctx, deps) ?? decideKeyGiven(ctx, facts, deps);
  },
});

function invalidParams(of: string, problems: readonly FieldProblem[]): Decision {
  const errors = problems.map((p) => ({ ...p, pointer: `/params${p.pointer}` }));
  const first = errors[0];
  return refuse(
    'validation_failed',
    `The params do not fit the schema of ${of}: ${first?.pointer} ${first?.message}.`,
    { errors },
  );
}

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
function decideKeyGiven(ctx: CallContext, { fallback, lookup }: ValidationFacts, deps: EngineDeps): Decision {
  const tool = filled(ctx, 'tool');
  ctx.params = ctx.input.request.params;
  ctx.fallback = fallback?.kind === 'found' ? fallback.tool : null;
  ctx.lookupTool = lookup?.kind === 'found' ? lookup.tool : null;
  ctx.identity = identityOf(ctx, deps);
  if (tool.card.idempotency.required && ctx.identity.idempotencyKey === null) {
    return refuse('idempotency_key_required', `${tool.name} is only called with an idempotency key.`);
  }
  return PROCEED;
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
