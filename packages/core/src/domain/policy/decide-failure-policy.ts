import type { FailurePolicy, ReconcileSpec, StateRefetch } from '@invoke/contract';
import { decideTool } from '../tool/decide-tool.js';
import type { FoundTool } from '../tool/catalogue.js';
import type { ToolDefinition } from '../tool/tool-definition.js';
import type { Principal } from '../access/principal.js';
import { inField, refuse, PROCEED, type Decision } from '../decision.js';

export interface FailurePolicyFacts {
  readonly policy: FailurePolicy | null;
  readonly tool: ToolDefinition;
  readonly principal: Principal;
  /** FAILURE_POLICY_MAX_RETRIES. */
  readonly maxRetries: number;
  /** What the policy's fallback names. */
  readonly fallback: FoundTool | null;
}

/**
 * Whether a failure policy may be used: bounded, and its fallback is another tool that the caller can see. What else a call
 * has to pass its fallback passes in the same stages (`decideReach`), so that a policy never reaches further than the call.
 */
export function decideFailurePolicy(facts: FailurePolicyFacts): Decision {
  const { policy, tool, principal } = facts;
  if (policy === null) return PROCEED;
  if (policy.retry !== undefined && policy.retry > facts.maxRetries) {
    return invalid(
      '/failure_policy/retry',
      `expected at most ${facts.maxRetries} retries (FAILURE_POLICY_MAX_RETRIES)`,
    );
  }
  if (policy.fallback !== undefined && facts.fallback !== null) {
    const refused = decideTool(principal, policy.fallback, facts.fallback);
    if (refused.kind !== 'proceed') return inField(refused, '/failure_policy/fallback');
    if (facts.fallback.kind === 'found' && facts.fallback.tool.id === tool.id)
      return invalid('/failure_policy/fallback', 'a tool cannot be its own fallback');
  }
  return PROCEED;
}

/**
 * Whether a tool may be used to read state: it must be one the caller may call, and it must read.
 * @param at JSON Pointer of the refetch in the request
 */
export function decideLookupTool(
  principal: Principal,
  refetch: StateRefetch,
  { found, at }: { readonly found: FoundTool; readonly at: string },
): Decision {
  const pointer = `${at}/tool`;
  const refused = decideTool(principal, refetch.tool, found);
  if (refused.kind !== 'proceed') return inField(refused, pointer);
  if (found.kind === 'found' && found.tool.card.effect === 'read') return PROCEED;
  const message = `${refetch.tool} is not declared as a read tool`;
  const next = 'a tool that looks state up must be one that only reads (effect: read on its card)';
  return refuse('validation_failed', `${pointer}: ${message}; ${next}.`, { errors: [{ pointer, message }] });
}

function invalid(pointer: string, message: string): Decision {
  return refuse('policy_invalid', `The failure policy cannot be used: ${pointer}: ${message}.`, {
    errors: [{ pointer, message }],
  });
}

/** What a card's reconcile declaration may refer to. */
export interface TemplateValues {
  readonly params: Readonly<Record<string, unknown>>;
  readonly reference: string;
  readonly executionId: string;
  readonly idempotencyKey: string | null;
}

/**
 * The card's reconcile declaration with its placeholders filled. Only a string that is a placeholder as a whole is
 * replaced, once, and keeps the type of its value. Null where a placeholder has no value: then there is nothing to look up.
 */
export function fillReconcile(spec: ReconcileSpec, values: TemplateValues): ReconcileSpec | null {
  const params: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(spec.state_refetch.params)) {
    const filled = fill(value, values);
    if (filled === undefined) return null;
    params[name] = filled;
  }
  return { ...spec, state_refetch: { ...spec.state_refetch, params } };
}

const PLACEHOLDER = /^\$\{([A-Za-z0-9_.]+)\}$/;

function fill(value: unknown, values: TemplateValues): unknown {
  const name = typeof value === 'string' ? PLACEHOLDER.exec(value)?.[1] : undefined;
  if (name === undefined) return value;
  switch (name) {
    case 'reference':
      return values.reference;
    case 'execution_id':
      return values.executionId;
    case 'idempotency_key':
      return values.idempotencyKey ?? undefined;
    default:
      return name.startsWith('params.')
        ? ownPath(values.params, name.slice('params.'.length).split('.'))
        : undefined;
  }
}

function ownPath(root: unknown, path: readonly string[]): unknown {
  let current = root;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current ?? undefined;
}
