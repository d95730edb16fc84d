import type { ExplainedPart, ExpressionFacts } from '../../domain/policy/expression.js';
import { Exhausted, Meter, STEPS_PER_EVALUATION } from '../bounded/meter.js';
import type { ASTNode } from './cel-grammar.js';
import type { ExpressionParts } from './compile-source.js';
import { Duration, Timestamp, Unknown } from './values.js';
import { MACROS } from './vet-expression.js';

/**
 * The value of every part of an expression, each by itself: also of those that the whole did not need. Together they take
 * no longer than one evaluation may.
 */
export function explainParts(parts: ExpressionParts, facts: ExpressionFacts): readonly ExplainedPart[] {
  const meter = new Meter(STEPS_PER_EVALUATION);
  return partsOf(parts.ast).map((node) => ({
    source: parts.textOf(node),
    at: parts.placeOf(node),
    value: valueOf(node),
  }));

  function valueOf(node: ASTNode): ExplainedPart['value'] {
    try {
      const value = parts.compile(node)({ facts, meter, item: undefined });
      return value instanceof Unknown
        ? { kind: 'unknown', why: value.why }
        : { kind: 'known', json: toJson(value) };
    } catch (error) {
      if (error instanceof Exhausted) return { kind: 'unknown', why: `given up: ${error.message}` };
      throw error;
    }
  }
}

/** Without literals, which are what they are, and without what stands in macros, which has a value per element. */
function partsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
      return [];
    case 'id':
      return [node];
    case '.':
    case '.?':
      return [node, ...beneath(node.args[0])];
    case '[]':
    case '[?]':
      return [node, ...beneath(node.args[0]), ...partsOf(node.args[1])];
    case 'call': {
      const [name, args] = node.args;
      return [node, ...args.flatMap(name === 'has' ? beneath : partsOf)];
    }
    case 'rcall': {
      const [name, receiver, args] = node.args;
      return [node, ...partsOf(receiver), ...(MACROS.has(name) ? [] : args.flatMap(partsOf))];
    }
    case 'map':
      return [node, ...node.args.flat().flatMap(partsOf)];
    case 'list':
      return node.args.flatMap(partsOf);
    case '!_':
    case '-_':
      return [node, ...partsOf(node.args)];
    default:
      return [node, ...(node.args as readonly ASTNode[]).flatMap(partsOf)];
  }
}

/** What a field is a field of: a root by itself, or all of an object, would only repeat the call. */
function beneath(node: ASTNode): readonly ASTNode[] {
  if (node.op === 'id') return [];
  if (node.op === '.' || node.op === '.?') return beneath(node.args[0]);
  return partsOf(node);
}

function toJson(value: unknown): unknown {
  const text = JSON.stringify(value, (_, part: unknown) => plain(part));
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

function plain(part: unknown): unknown {
  if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
  if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
  if (part instanceof Timestamp)
    return Math.abs(part.ms) <= 8.64e15 ? new Date(part.ms).toISOString() : String(part.ms);
  if (part instanceof Duration) return `${part.ms / 1_000}s`;
  return part;
}
