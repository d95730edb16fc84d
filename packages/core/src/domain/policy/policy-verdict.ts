import type { Effect, JsonObject, RiskLevel } from '@invoke/contract';
import type { EpochMs } from '../time.js';

/** Where a rule comes from. A call's own rules only tighten: its `allow` is without effect. */
export type RuleSource = 'operator' | 'tenant' | 'call';

/** What rules may look at. Also the names that stand at the root of an expression. */
export interface PolicyFacts {
  readonly action: string | null;
  readonly tool: string;
  readonly agent_id: string | null;
  readonly workflow: string | null;
  readonly env: string;
  readonly intent: string | null;
  readonly risk: RiskLevel;
  readonly params: JsonObject;
  readonly variables: JsonObject;
  readonly tool_outputs: JsonObject;
  /** Freshly read state; empty where none was read. */
  readonly state: JsonObject;
  /** State at the time of freezing; empty before. */
  readonly frozen: JsonObject;
  /** The entity that was resolved: entity_id, source, resolved_at; empty where none was. */
  readonly entity: JsonObject;
  readonly now: EpochMs;
}

/** One rule that applied, or that could not be decided and therefore restricts. */
export interface RuleHit {
  /** The rule's own id, or `rules[3]`. */
  readonly rule: string;
  readonly source: RuleSource;
  readonly effect: Effect;
  readonly reason: string;
  readonly intent: string | null;
  readonly allowedAction: string | null;
  readonly approvers: number;
  readonly priority: number;
  /** Why it could not be decided: what is missing, or of the wrong type. Null where it was. */
  readonly undecided: string | null;
}

/**
 * What all rules together say. Deny wins over require_approval, which wins over allow, whatever their order; priority only
 * says whose reason is told. No rule at all allows: scopes and cards have their say elsewhere.
 */
export type PolicyVerdict =
  | { readonly kind: 'allow'; readonly hits: readonly RuleHit[] }
  | { readonly kind: 'deny'; readonly by: RuleHit; readonly hits: readonly RuleHit[] }
  | {
      readonly kind: 'require_approval';
      readonly by: RuleHit;
      /** The most that any of the matching rules asks for. */
      readonly approvers: number;
      readonly hits: readonly RuleHit[];
    }
  /** A bare name means two things. */
  | { readonly kind: 'conflict'; readonly name: string };
