import type { Meter } from '../bounded/meter.js';
import { calculate, type ArithmeticOperator } from './arithmetic.js';
import { isEqual, order } from './compare.js';
import { notBoolean, type NodeContext, type NodeOf, type Step } from './step.js';
import { describe, isMap, Unknown } from './values.js';

/**
 * `&&` and `||`: an operand that decides does so whatever is unknown about the other, on either side (CEL's rule). So an
 * unknown never turns into true or false by itself.
 */
export function compileLogic(node: NodeOf<'&&' | '||'>, context: NodeContext): Step {
  const deciding = node.op === '||';
  const [left, right] = node.args.map((operand) => context.compile(operand)) as [Step, Step];
  const [leftText, rightText] = node.args.map((operand) => context.textOf(operand)) as [string, string];
  return (frame) => {
    const a = left(frame);
    if (a === deciding) return deciding;
    const b = right(frame);
    if (b === deciding) return deciding;
    if (typeof a !== 'boolean') return notBoolean(a, leftText);
    return typeof b === 'boolean' ? !deciding : notBoolean(b, rightText);
  };
}

export function compileChoice(node: NodeOf<'?:'>, context: NodeContext): Step {
  const [condition, yes, no] = node.args.map((part) => context.compile(part)) as [Step, Step, Step];
  const text = context.textOf(node.args[0]);
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== 'boolean') return notBoolean(value, text);
    return value ? yes(frame) : no(frame);
  };
}

export function compileUnary(node: NodeOf<'!_' | '-_'>, context: NodeContext): Step {
  const operand = context.compile(node.args);
  const text = context.textOf(node.args);
  if (node.op === '!_') {
    return (frame) => {
      const value = operand(frame);
      return typeof value === 'boolean' ? !value : notBoolean(value, text);
    };
  }
  return (frame) => {
    const value = operand(frame);
    if (value instanceof Unknown || typeof value === 'number')
      return value instanceof Unknown ? value : -value;
    return typeof value === 'bigint' ? -value : new Unknown(`${text} is ${describe(value)}, not a number`);
  };
}

type BinaryNode = NodeOf<'==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | ArithmeticOperator>;
type Operation = (a: unknown, b: unknown, meter: Meter) => unknown;

/** The step that most rules consist of, for thousands of which there is not much time: it makes nothing but its result. */
export function compileBinary(node: BinaryNode, context: NodeContext): Step {
  const [left, right] = node.args.map((operand) => context.compile(operand)) as [Step, Step];
  const operation = OPERATIONS[node.op];
  const text = context.textOf(node);
  const mismatch = (a: unknown, b: unknown) =>
    new Unknown(`${text}: "${node.op}" does not apply to ${describe(a)} and ${describe(b)}`);
  const literal = node.args[1];
  if (literal.op === 'value') {
    const b: unknown = literal.args;
    return (frame) => {
      const a = left(frame);
      if (a instanceof Unknown) return a;
      const result = operation(a, b, frame.meter);
      return result === null ? mismatch(a, b) : result;
    };
  }
  return (frame) => {
    const a = left(frame);
    if (a instanceof Unknown) return a;
    const b = right(frame);
    if (b instanceof Unknown) return b;
    const result = operation(a, b, frame.meter);
    return result === null ? mismatch(a, b) : result;
  };
}

/** Null: the operator does not apply to values of these types. */
const OPERATIONS: Readonly<Record<BinaryNode['op'], Operation>> = {
  '==': isEqual,
  '!=': (a, b, meter) => !isEqual(a, b, meter),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  in: isIn,
  '+': (a, b, meter) => calculate('+', [a, b], meter),
  '-': (a, b, meter) => calculate('-', [a, b], meter),
  '*': (a, b, meter) => calculate('*', [a, b], meter),
  '/': (a, b, meter) => calculate('/', [a, b], meter),
  '%': (a, b, meter) => calculate('%', [a, b], meter),
};

function ordered(holds: (order: number) => boolean): Operation {
  return (a, b, meter) => {
    const result = order(a, b, meter);
    return result === null ? null : holds(result);
  };
}

/** An element of a list, or a key of an object. */
function isIn(element: unknown, collection: unknown, meter: Meter): boolean | null {
  if (Array.isArray(collection)) return collection.some((other) => isEqual(element, other, meter));
  if (!isMap(collection)) return null;
  return typeof element === 'string' && Object.hasOwn(collection, element);
}
