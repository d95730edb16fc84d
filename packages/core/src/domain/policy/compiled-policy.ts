import type { Budget, CallPolicy, Effect } from '@invoke/contract';
import type { CompiledConditions } from './conditions.js';
import type { Expression } from './expression.js';
import type { RuleSource } from './policy-verdict.js';

export interface CompiledRule {
  /** The rule's own id, or `rules[3]`. */
  readonly rule: string;
  readonly source: RuleSource;
  readonly effect: Effect;
  readonly when: Expression;
  readonly reason: string;
  readonly intent: string | null;
  readonly allowedAction: string | null;
  readonly approvers: number;
  readonly priority: number;
  /** Its place among the rules of its source. */
  readonly order: number;
}

export interface CompiledBudget {
  readonly budget: Budget;
  readonly source: RuleSource;
  /** Null: it counts every call. */
  readonly when: Expression | null;
}

/** A document of the operator or of a tenant, ready to be held against calls. */
export interface CompiledPolicy {
  readonly rules: readonly CompiledRule[];
  readonly budgets: readonly CompiledBudget[];
}

/** A caller's own policy, ready to be held against a call. */
export interface CompiledCallPolicy {
  readonly policy: CallPolicy;
  readonly rules: readonly CompiledRule[];
  /** Of an intent policy. */
  readonly condition: Expression | null;
  /** Of a conditional approval contract. */
  readonly conditions: Extract<CompiledConditions, { kind: 'ok' }> | null;
}
