import type {
  CompiledExpression,
  Effort,
  Expression,
  ExpressionFacts,
  ExpressionLanguage,
  ExpressionValue,
} from '../../domain/policy/expression.js';
import { Exhausted, Meter, STEPS_PER_EVALUATION } from '../bounded/meter.js';
import { compileSource, type ExpressionParts, type ExpressionSource } from './compile-source.js';
import { explainParts } from './explain-parts.js';
import { describe, Unknown } from './values.js';

/**
 * The policy language on CEL: the shorthand is rewritten, the CEL library parses and checks types within limits, and the
 * tree is run by our own code. That one can tell an unknown from a failure, says what is missing, takes the numbers of JSON
 * as they come, and counts its steps: no expression takes longer than about 50 ms, whatever facts it meets.
 */
export function createExpressionLanguage(): ExpressionLanguage {
  return {
    compile: (source, roots, names = {}) => compile({ source, roots: new Set(roots), names }),
    explain({ source, roots, names = {} }, facts) {
      const compiled = compileSource({ source, roots: new Set(roots), names });
      return compiled.kind === 'ok' ? explainParts(compiled.parts, facts) : [];
    },
    newEffort: () => new Meter(STEPS_PER_EVALUATION),
  };
}

function compile(from: ExpressionSource): CompiledExpression {
  const compiled = compileSource(from);
  if (compiled.kind === 'error') return compiled;
  return { kind: 'ok', expression: toExpression(from.source, compiled.parts) };
}

function toExpression(
  source: string,
  { ast, openNames, pins, compile: toStep }: ExpressionParts,
): Expression {
  const step = toStep(ast);
  return {
    source,
    openNames,
    pins,
    evaluate(facts: ExpressionFacts, effort?: Effort): ExpressionValue {
      try {
        const meter = effort instanceof Meter ? effort : METER.refill(STEPS_PER_EVALUATION);
        return toValue(step({ facts, meter, item: undefined }));
      } catch (error) {
        if (error instanceof Exhausted) return { kind: 'unknown', why: `given up: ${error.message}` };
        throw error;
      }
    },
  };
}

/** One for all: an evaluation runs to its end before the next one begins. */
const METER = new Meter(STEPS_PER_EVALUATION);
const TRUE: ExpressionValue = { kind: 'true' };
const FALSE: ExpressionValue = { kind: 'false' };

function toValue(result: unknown): ExpressionValue {
  if (typeof result === 'boolean') return result ? TRUE : FALSE;
  if (!(result instanceof Unknown))
    return { kind: 'unknown', why: `the result is ${describe(result)}, not true or false` };
  const { why, conflict } = result;
  return conflict === null ? { kind: 'unknown', why } : { kind: 'unknown', why, conflict };
}
