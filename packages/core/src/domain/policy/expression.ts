/**
 * The policy language, as the domain sees it. Three-valued: `unknown` means that a field is missing or of a type that the
 * expression cannot use, and the caller of `evaluate` has to take the most restrictive way.
 */
export type ExpressionValue =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | {
      readonly kind: 'unknown';
      readonly why: string;
      /** The bare name that means two things, where that is why. */
      readonly conflict?: string;
    };

export interface Expression {
  /** As it was written. */
  readonly source: string;
  /** The bare names in it that are no roots; none where the language was not told what they stand for. */
  readonly openNames: readonly OpenName[];
  /** What has to be the case for it not to be false: for finding, among many, the few that may hold. */
  readonly pins: readonly Pin[];
  /** @param effort shared by several evaluations that together may take no longer than one */
  evaluate(facts: ExpressionFacts, effort?: Effort): ExpressionValue;
}

/** Root names to values. Own properties only. */
export type ExpressionFacts = Readonly<Record<string, unknown>>;

/** What evaluations may still take. */
export interface Effort {
  /** Throws when more is charged than is left. */
  charge(steps: number): void;
}

export interface OpenName {
  readonly name: string;
  /** Offset into the source. */
  readonly at: number;
}

/** Where the root is there and none of these, the expression is false, whatever else is the case. */
export interface Pin {
  readonly root: string;
  readonly values: readonly string[];
}

/** What names stand for, beside the roots themselves. */
export interface NameRules {
  /** A name that is no root is a field of the first of these roots that has it. Left out: such names are refused. */
  readonly openIn?: readonly string[];
  /** Those of them that must not disagree: a name with different values there is unknown. */
  readonly agreeing?: readonly string[];
  /** Roots that hold epoch milliseconds and are timestamps to expressions. */
  readonly instants?: readonly string[];
}

export interface ExpressionError {
  readonly message: string;
  /** Offset into the source as it was written, for a caret. */
  readonly at: number;
}

export type CompiledExpression =
  | { readonly kind: 'ok'; readonly expression: Expression }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/** A part of an expression and what it was, as JSON; what is no data of JSON is shown as text. */
export interface ExplainedPart {
  /** As it was written. */
  readonly source: string;
  /** Offset into the source. */
  readonly at: number;
  readonly value:
    { readonly kind: 'known'; readonly json: unknown } | { readonly kind: 'unknown'; readonly why: string };
}

/** Compiles once; evaluation does no I/O and is bounded. Adapters: engine/expression. */
export interface ExpressionLanguage {
  compile(source: string, roots: readonly string[], names?: NameRules): CompiledExpression;
  /** The value of every part of an expression that has a value of its own (not within macros), outermost first. */
  explain(
    expression: { readonly source: string; readonly roots: readonly string[]; readonly names?: NameRules },
    facts: ExpressionFacts,
  ): readonly ExplainedPart[];
  /** As much as one evaluation may take. */
  newEffort(): Effort;
}
