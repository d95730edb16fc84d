import {
  Environment,
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
  type ASTNode,
} from '@marcbachmann/cel-js';

export type { ASTNode };

export interface CelProblem {
  /** Offset into the text that was parsed. */
  readonly at: number;
  readonly message: string;
}

export type ParsedCel =
  | { readonly kind: 'ok'; readonly ast: ASTNode; readonly typeOf: () => TypeOfCel }
  | { readonly kind: 'error'; readonly problem: CelProblem };

export type TypeOfCel =
  { readonly kind: 'ok'; readonly type: string } | { readonly kind: 'error'; readonly problem: CelProblem };

/** The CEL library's parser, with limits, and its type checker. */
export function parseCel(text: string): ParsedCel {
  try {
    const { ast, check } = GRAMMAR.parse(text);
    return { kind: 'ok', ast, typeOf: () => typeOfCel(check()) };
  } catch (error) {
    return { kind: 'error', problem: toProblem(error) };
  }
}

const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 24,
  maxListElements: 100,
  maxMapEntries: 100,
  maxCallArguments: 8,
};

const GRAMMAR = createGrammar();

/**
 * Which names there are is decided elsewhere. To the checker, numbers of mixed types may be computed with, and there is
 * `re2`. It never runs them: expressions are evaluated by our own code, which counts its steps.
 */
function createGrammar(): Environment {
  const grammar = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: LIMITS,
  });
  const checkedOnly = () => {
    throw new Error('the CEL library is not asked to evaluate');
  };
  for (const operator of ['+', '-', '*', '/', '%']) {
    grammar.registerOperator(`int ${operator} double: double`, checkedOnly);
    grammar.registerOperator(`double ${operator} int: double`, checkedOnly);
  }
  grammar.registerOperator('double % double: double', checkedOnly);
  grammar.registerFunction('re2(string, string): bool', checkedOnly);
  return grammar;
}

function typeOfCel(result: ReturnType<ReturnType<Environment['parse']>['check']>): TypeOfCel {
  return result.type === undefined
    ? { kind: 'error', problem: toProblem(result.error) }
    : { kind: 'ok', type: result.type };
}

function toProblem(error: unknown): CelProblem {
  const known =
    error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError;
  if (!known) throw error;
  return { at: error.range?.start ?? error.node?.pos ?? 0, message: reword(error.summary) };
}

/** The library's words, without the names of its tokens and limits. */
function reword(summary: string): string {
  for (const [pattern, words] of REWORDINGS) {
    const match = pattern.exec(summary);
    if (match !== null) return words(...match.slice(1).map((name) => NAMES.get(name) ?? name));
  }
  return summary.charAt(0).toLowerCase() + summary.slice(1);
}

const REWORDINGS: readonly (readonly [RegExp, (...parts: readonly string[]) => string])[] = [
  [/^Expected (\w+), got (\w+)$/, (expected, got) => `expected ${expected}, got ${got}`],
  [/^Unexpected token: (\w+)$/, (got) => `expected a value, got ${got}`],
  [/^Exceeded (\w+) \((\d+)\)$/, (what, limit) => `the expression has more than ${limit} ${what}`],
  [
    /^no such overload: (.+?) (==|!=|<=|>=|<|>|in|[-+*/%]) (.+)$/,
    (left, operator, right) => `"${operator}" does not apply to ${left} and ${right}`,
  ],
  [/^no such overload: ([!-])(.+)$/, (operator, type) => `"${operator}" does not apply to ${type}`],
  [/^found no matching overload for '(.*)'$/, (call) => `${call} does not apply to values of these types`],
];

const NAMES: ReadonlyMap<string, string> = new Map([
  ['EOF', 'the end'],
  ['IDENTIFIER', 'a name'],
  ['NUMBER', 'a number'],
  ['STRING', 'text'],
  ['BYTES', 'bytes'],
  ['BOOLEAN', 'true or false'],
  ['LPAREN', '"("'],
  ['RPAREN', '")"'],
  ['LBRACKET', '"["'],
  ['RBRACKET', '"]"'],
  ['LBRACE', '"{"'],
  ['RBRACE', '"}"'],
  ['DOT', '"."'],
  ['COMMA', '","'],
  ['COLON', '":"'],
  ['QUESTION', '"?"'],
  ['maxAstNodes', 'parts'],
  ['maxDepth', 'levels'],
  ['maxListElements', 'elements in one list'],
  ['maxMapEntries', 'entries in one map'],
  ['maxCallArguments', 'arguments of one call'],
]);
