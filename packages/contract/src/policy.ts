import { z } from 'zod';
import { Conditions, StateRefetch } from './failure-policy.js';
import { EntityResolution, ExecutionContextState } from './entity-resolution.js';
import { Identifier, JsonObject, ToolReference } from './fields.js';

/** An expression of the policy language: CEL, or the shorthand `action == git_push and branch == main`. */
export const PolicyExpression = z.string().min(1).max(4096);

export const EFFECTS = ['allow', 'deny', 'require_approval'] as const;
export const Effect = z.enum(EFFECTS);
export type Effect = z.infer<typeof Effect>;

/** One rule. Deny wins over require_approval, which wins over allow; priority only says whose reason is told. */
export const PolicyRule = z.strictObject({
  id: Identifier.optional(),
  when: PolicyExpression,
  effect: Effect,
  intent: Identifier.optional(),
  /** The only action that an approval under this rule permits. */
  allowed_action: Identifier.optional(),
  reason: z.string().max(1024).optional(),
  priority: z.int().min(-1000).max(1000).default(0),
  /** How many different people have to approve. */
  approvers: z.int().min(1).max(10).optional(),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

/** An instant in the future, with its zone (RFC 3339). */
const Expiry = z.iso.datetime({ offset: true });

export const Threshold = z.enum(['strict', 'conditions']);
export type Threshold = z.infer<typeof Threshold>;

/**
 * What a caller attaches to one call: rules; an intent policy (`condition`); or a conditional approval contract
 * (`conditions`). It can only tighten what the operator has set.
 */
export const CallPolicy = z
  .strictObject({
    rules: z.array(PolicyRule).max(100).optional(),
    intent: Identifier.optional(),
    condition: PolicyExpression.optional(),
    conditions: Conditions.optional(),
    allowed_action: Identifier.optional(),
    threshold: Threshold.optional(),
    expires_at: Expiry.optional(),
    /** Reads the state that condition and conditions are about: at freezing, and again before execution. */
    state_refetch: StateRefetch.optional(),
  })
  .superRefine((policy, issues) => {
    const problem = policyProblem(policy);
    if (problem !== null) issues.addIssue({ code: 'custom', ...problem });
  });
export type CallPolicy = z.infer<typeof CallPolicy>;

function policyProblem(policy: {
  rules?: unknown;
  intent?: string | undefined;
  condition?: string | undefined;
  conditions?: Conditions | undefined;
  threshold?: string | undefined;
}): { path: string[]; message: string } | null {
  const { rules, intent, condition, conditions, threshold } = policy;
  if (rules === undefined && condition === undefined && conditions === undefined) {
    return { path: [], message: 'expected rules, a condition or conditions' };
  }
  if (condition !== undefined && conditions !== undefined) {
    return { path: ['conditions'], message: 'expected either condition or conditions' };
  }
  if ((condition !== undefined || conditions !== undefined) && intent === undefined) {
    return { path: ['intent'], message: 'expected the intent that is to be approved' };
  }
  if (conditions !== undefined && Object.keys(conditions).length === 0) {
    return { path: ['conditions'], message: 'expected at least one condition' };
  }
  if (threshold !== undefined && conditions === undefined) {
    return { path: ['threshold'], message: 'a threshold is for conditions' };
  }
  return null;
}

/** How much may be spent in a window, per key, agent or tool. Amounts are those that the card names. */
export const Budget = z
  .strictObject({
    id: Identifier,
    per: z.enum(['key', 'agent', 'tool']),
    /** Only calls for which this holds; all where it is left out. */
    when: PolicyExpression.optional(),
    window: z.enum(['minute', 'hour', 'day', 'month']),
    max_calls: z.int().min(0).max(1_000_000_000).optional(),
    max_amount: z.number().min(0).max(1e15).optional(),
  })
  .refine(({ max_calls, max_amount }) => max_calls !== undefined || max_amount !== undefined, {
    path: ['max_calls'],
    message: 'expected max_calls, max_amount or both: without them the budget limits nothing',
  });
export type Budget = z.infer<typeof Budget>;

/** A call as rules see it; what is left out is missing, and a rule that needs it cannot tell. */
export const SampleCall = z.strictObject({
  tool: ToolReference,
  params: JsonObject.default({}),
  action: Identifier.optional(),
  agent_id: Identifier.optional(),
  workflow: Identifier.optional(),
  env: Identifier.optional(),
  entity_resolution: EntityResolution.optional(),
  execution_state: ExecutionContextState.optional(),
  /** Freshly read state. */
  state: JsonObject.optional(),
});
export type SampleCall = z.infer<typeof SampleCall>;

/** A line of a table test that stands beside the rules. */
export const PolicyTest = z.strictObject({
  name: z.string().min(1).max(256),
  call: SampleCall,
  expect: z.strictObject({ effect: Effect, rule: Identifier.optional() }),
});
export type PolicyTest = z.infer<typeof PolicyTest>;

/** The operator's rules and budgets: INVOKE_POLICY_FILE, or PUT /policy. */
export const PolicyDocument = z.strictObject({
  rules: z.array(PolicyRule).max(5_000).default([]),
  budgets: z.array(Budget).max(500).default([]),
  tests: z.array(PolicyTest).max(5_000).default([]),
});
export type PolicyDocument = z.infer<typeof PolicyDocument>;
export type PolicyDocumentInput = z.input<typeof PolicyDocument>;
