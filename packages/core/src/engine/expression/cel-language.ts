import { desugar } from '../../domain/policy/desugar.js';
import type {
  CompiledExpression,
  Expression,
  ExpressionError,
  ExpressionFacts,
  ExpressionLanguage,
  ExpressionValue,
} from '../../domain/policy/expression.js';
import { Exhausted, Meter, STEPS_PER_EVALUATION } from '../bounded/meter.js';
import { parseCel, type ASTNode } from './cel-grammar.js';
import { compileExpression } from './compile-node.js';
import type { Step } from './step.js';
import { describe, Unknown } from './values.js';
import { vetExpression } from './vet-expression.js';

/**
 * The policy language on CEL: the shorthand is rewritten, the CEL library parses and checks types within limits, and the
 * tree is run by our own code. That one can tell an unknown from a failure, says what is missing, takes the numbers of JSON
 * as they come, and counts its steps: no expression takes longer than about 50 ms, whatever facts it meets.
 */
export function createExpressionLanguage(): ExpressionLanguage {
  return { compile: (source, roots) => compile(source, new Set(roots)) };
}

export const MAX_SOURCE_LENGTH = 4_096;

function compile(source: string, roots: ReadonlySet<string>): CompiledExpression {
  if (source.length > MAX_SOURCE_LENGTH)
    return failed({ at: 0, message: `the expression is longer than ${MAX_SOURCE_LENGTH} characters` });
  const desugared = desugar(source, roots);
  if (desugared.kind === 'error') return failed(desugared.error);
  const { text, map } = desugared;
  const at = ({ at: offset, message }: ExpressionError) => failed({ at: map.toSource(offset), message });

  const parsed = parseCel(text);
  if (parsed.kind === 'error') return at(parsed.problem);
  const vetted = vetExpression(parsed.ast, roots);
  if (vetted.kind === 'error') return at(vetted.problem);
  const typed = parsed.typeOf();
  if (typed.kind === 'error') return at(typed.problem);
  if (typed.type !== 'bool' && typed.type !== 'dyn') {
    return failed({ at: 0, message: `expected something that is true or false, got ${typed.type}` });
  }
  const textOf = (node: ASTNode) => toQuote(map.sliceOf(node.start, node.end));
  const step = compileExpression(parsed.ast, { textOf, patterns: vetted.patterns });
  return { kind: 'ok', expression: toExpression(source, step) };
}

function failed(error: ExpressionError): CompiledExpression {
  return { kind: 'error', error };
}

function toExpression(source: string, step: Step): Expression {
  return {
    source,
    evaluate(facts: ExpressionFacts): ExpressionValue {
      try {
        return toValue(step({ facts, meter: new Meter(STEPS_PER_EVALUATION), item: undefined }));
      } catch (error) {
        if (error instanceof Exhausted) return { kind: 'unknown', why: `given up: ${error.message}` };
        throw error;
      }
    },
  };
}

const TRUE: ExpressionValue = { kind: 'true' };
const FALSE: ExpressionValue = { kind: 'false' };

function toValue(result: unknown): ExpressionValue {
  if (typeof result === 'boolean') return result ? TRUE : FALSE;
  if (result instanceof Unknown) return { kind: 'unknown', why: result.why };
  return { kind: 'unknown', why: `the result is ${describe(result)}, not true or false` };
}

/** For reasons that quote a part of the expression: in one line, not too long, and with the brackets that nodes leave out. */
function toQuote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const opened = line.split('(').length - 1;
  const closed = line.split(')').length - 1;
  const whole = '('.repeat(Math.max(0, closed - opened)) + line + ')'.repeat(Math.max(0, opened - closed));
  return whole.length <= 80 ? whole : `${whole.slice(0, 77)}...`;
}
