/**
 * The policy language, as the domain sees it. Three-valued: `unknown` means that a field is missing or of a type that the
 * expression cannot use, and the caller of `evaluate` has to take the most restrictive way.
 */
export type ExpressionValue =
  { readonly kind: 'true' } | { readonly kind: 'false' } | { readonly kind: 'unknown'; readonly why: string };

export interface Expression {
  /** As it was written. */
  readonly source: string;
  evaluate(facts: ExpressionFacts): ExpressionValue;
}

/** Root names to values. Own properties only. */
export type ExpressionFacts = Readonly<Record<string, unknown>>;

export interface ExpressionError {
  readonly message: string;
  /** Offset into the source as it was written, for a caret. */
  readonly at: number;
}

export type CompiledExpression =
  | { readonly kind: 'ok'; readonly expression: Expression }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/** Compiles once; evaluation does no I/O and is bounded. Adapters: engine/expression. */
export interface ExpressionLanguage {
  compile(source: string, roots: readonly string[]): CompiledExpression;
}
