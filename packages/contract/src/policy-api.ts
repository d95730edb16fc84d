import { z } from 'zod';
import { Effect, PolicyDocument, PolicyExpression, PolicyTest, SampleCall } from './policy.js';

/** One mistake in a policy, or one thing in it that is probably not meant. */
export const PolicyMistake = z.strictObject({
  /** JSON Pointer into what was sent. */
  pointer: z.string(),
  message: z.string(),
  /** For terminals: the message, the line of the expression, and a caret under the place. */
  caret: z.string(),
});
export type PolicyMistake = z.infer<typeof PolicyMistake>;

/** GET and PUT /policy: the rules and budgets that this tenant has stored; null where it has none. */
export const PolicyView = z.strictObject({
  document: PolicyDocument.nullable(),
  updated_by: z.string().nullable(),
  /** Epoch milliseconds. */
  updated_at: z.int().nullable(),
  /** Null, or why the stored document cannot be used any more; until it is replaced, every call is denied. */
  broken: z.string().nullable(),
});
export type PolicyView = z.infer<typeof PolicyView>;

/** POST /policy/check: a whole document, or one expression. */
export const PolicyCheckRequest = z
  .strictObject({ document: PolicyDocument.optional(), when: PolicyExpression.optional() })
  .refine((r) => (r.document === undefined) !== (r.when === undefined), 'expected either document or when');
export type PolicyCheckRequest = z.infer<typeof PolicyCheckRequest>;

export const PolicyCheckAnswer = z.strictObject({
  valid: z.boolean(),
  mistakes: z.array(PolicyMistake),
  /** Not wrong, but probably not meant: a bare name that is nearly the name of a root, say. */
  warnings: z.array(PolicyMistake),
});
export type PolicyCheckAnswer = z.infer<typeof PolicyCheckAnswer>;

/** What rules say of a call. `conflict`: a bare name has one value in params and another in variables. */
export const PolicyOutcome = z.strictObject({
  /** In a test also the code by which a real call would be refused before any rule is asked. */
  effect: z.enum([...Effect.options, 'conflict', 'not_found', 'tool_not_allowed', 'tool_conflict']),
  /** The rule whose reason is told: its id, or rules[n]. Null where no rule had a say. */
  rule: z.string().nullable(),
  source: z.enum(['operator', 'tenant', 'call']).nullable(),
  reason: z.string().nullable(),
  /** Why the rule could not be decided and therefore restricts; null where it was. */
  undecided: z.string().nullable(),
  /** How many people have to approve; 0 where none has. */
  approvers: z.int(),
});
export type PolicyOutcome = z.infer<typeof PolicyOutcome>;

/** POST /policy/test: tables of calls and what is expected of them. Left out: the stored document, and the document's own tests. */
export const PolicyTestRequest = z.strictObject({
  document: PolicyDocument.optional(),
  tests: z.array(PolicyTest).max(5_000).optional(),
});
export type PolicyTestRequest = z.infer<typeof PolicyTestRequest>;

export const PolicyTestAnswer = z.strictObject({
  passed: z.int(),
  failed: z.int(),
  results: z.array(
    z.strictObject({
      name: z.string(),
      passed: z.boolean(),
      expected: PolicyTest.shape.expect,
      got: PolicyOutcome,
      /** Why it failed; null where it passed. */
      why: z.string().nullable(),
    }),
  ),
});
export type PolicyTestAnswer = z.infer<typeof PolicyTestAnswer>;

/** POST /policy/explain: one expression, a document, or (both left out) the rules in force, held against a call. */
export const PolicyExplainRequest = z
  .strictObject({
    when: PolicyExpression.optional(),
    document: PolicyDocument.optional(),
    call: SampleCall,
  })
  .refine((r) => r.when === undefined || r.document === undefined, 'expected either document or when');
export type PolicyExplainRequest = z.infer<typeof PolicyExplainRequest>;

/** A part of an expression, and what it was. */
export const ExplainedPart = z.strictObject({
  /** As it was written. */
  source: z.string(),
  /** Offset into the expression. */
  at: z.int(),
  known: z.boolean(),
  /** Its value as JSON where it is known. */
  value: z.unknown(),
  /** Why it is not known; null where it is. */
  why: z.string().nullable(),
});
export type ExplainedPart = z.infer<typeof ExplainedPart>;

export const ExplainedRule = z.strictObject({
  rule: z.string(),
  source: z.enum(['operator', 'tenant', 'call']),
  effect: Effect,
  when: z.string(),
  value: z.enum(['true', 'false', 'unknown']),
  why: z.string().nullable(),
  parts: z.array(ExplainedPart),
});
export type ExplainedRule = z.infer<typeof ExplainedRule>;

export const PolicyExplainAnswer = z.strictObject({
  verdict: PolicyOutcome,
  /** Those that apply first, then those that cannot be decided, then the others. */
  rules: z.array(ExplainedRule),
  /** How many rules are left out, because there are too many; all of them are false. */
  left_out: z.int(),
});
export type PolicyExplainAnswer = z.infer<typeof PolicyExplainAnswer>;

/** POST /policy/simulate: what would this document have decided, in the place of the stored one? */
export const PolicySimulateRequest = z.strictObject({
  document: PolicyDocument,
  /** How many of the newest executions are decided again; none where it is left out. */
  last: z.int().min(1).max(1_000).optional(),
  call: SampleCall.optional(),
});
export type PolicySimulateRequest = z.infer<typeof PolicySimulateRequest>;

/** `from`: under the rules in force now; `to`: with the new document in the place of the stored one. */
const Difference = { from: PolicyOutcome, to: PolicyOutcome };

export const BacktestedExecution = z.strictObject({
  execution_id: z.string(),
  tool: z.string(),
  action: z.string().nullable(),
  agent_id: z.string().nullable(),
  created_at: z.int(),
  ...Difference,
});
export type BacktestedExecution = z.infer<typeof BacktestedExecution>;

export const PolicySimulateAnswer = z.strictObject({
  call: z.strictObject(Difference).nullable(),
  backtest: z
    .strictObject({
      examined: z.int(),
      /** Left out, because their tools are not known any more. */
      skipped: z.int(),
      changed: z.array(BacktestedExecution),
      /** Counts of the changes, by `allow -> deny` and so on. */
      changes: z.record(z.string(), z.int()),
    })
    .nullable(),
});
export type PolicySimulateAnswer = z.infer<typeof PolicySimulateAnswer>;
