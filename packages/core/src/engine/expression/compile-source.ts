import { desugar } from '../../domain/policy/desugar.js';
import type { ExpressionError, NameRules, OpenName, Pin } from '../../domain/policy/expression.js';
import { parseCel, type ASTNode } from './cel-grammar.js';
import { compileExpression, type NodeCompilerOptions } from './compile-node.js';
import { pinsOf } from './pins-of.js';
import type { Step } from './step.js';
import { vetExpression } from './vet-expression.js';

export const MAX_SOURCE_LENGTH = 4_096;

export interface ExpressionSource {
  readonly source: string;
  readonly roots: ReadonlySet<string>;
  readonly names: NameRules;
}

/** What an expression is made of, once it is accepted. */
export interface ExpressionParts {
  readonly ast: ASTNode;
  readonly openNames: readonly OpenName[];
  readonly pins: readonly Pin[];
  /** Compiles the whole, or a part that is not within a macro. */
  compile(node: ASTNode): Step;
  /** What a part was written as, in one line; and where. */
  textOf(node: ASTNode): string;
  placeOf(node: ASTNode): number;
}

export type CompiledSource =
  | { readonly kind: 'ok'; readonly parts: ExpressionParts }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/** Rewrites the shorthand, parses, vets and checks types; or tells the first thing that is wrong. */
export function compileSource({ source, roots, names }: ExpressionSource): CompiledSource {
  if (source.length > MAX_SOURCE_LENGTH)
    return failed({ at: 0, message: `the expression is longer than ${MAX_SOURCE_LENGTH} characters` });
  const desugared = desugar(source, roots);
  if (desugared.kind === 'error') return failed(desugared.error);
  const { text, map } = desugared;
  const at = ({ at: offset, message }: ExpressionError) => failed({ at: map.toSource(offset), message });

  const parsed = parseCel(text);
  if (parsed.kind === 'error') return at(parsed.problem);
  const vetted = vetExpression(parsed.ast, { roots, open: names.openIn !== undefined });
  if (vetted.kind === 'error') return at(vetted.problem);
  const typed = parsed.typeOf();
  if (typed.kind === 'error') return at(typed.problem);
  if (typed.type !== 'bool' && typed.type !== 'dyn') {
    return failed({ at: 0, message: `expected something that is true or false, got ${typed.type}` });
  }
  const textOf = (node: ASTNode) => toQuote(map.sliceOf(node.start, node.end));
  const options: NodeCompilerOptions = { textOf, patterns: vetted.patterns, roots, names };
  const parts: ExpressionParts = {
    ast: parsed.ast,
    openNames: vetted.openNames.map(({ name, at: offset }) => ({ name, at: map.toSource(offset) })),
    pins: pinsOf(parsed.ast, roots),
    compile: (node) => compileExpression(node, options),
    textOf,
    placeOf: (node) => map.toSource(node.start),
  };
  return { kind: 'ok', parts };
}

function failed(error: ExpressionError): CompiledSource {
  return { kind: 'error', error };
}

/** For reasons that quote a part of the expression: in one line, not too long, and with the brackets that nodes leave out. */
function toQuote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const opened = line.split('(').length - 1;
  const closed = line.split(')').length - 1;
  const whole = '('.repeat(Math.max(0, closed - opened)) + line + ')'.repeat(Math.max(0, opened - closed));
  return whole.length <= 80 ? whole : `${whole.slice(0, 77)}...`;
}
