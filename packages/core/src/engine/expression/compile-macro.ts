import type { ASTNode } from './cel-grammar.js';
import { notBoolean, type Frame, type NodeContext, type NodeOf, type Step } from './step.js';
import { describe, isMap, Unknown } from './values.js';

/** `list.all(x, ...)` and its like: they run expressions for every element of a list, or for every key of an object. */
export function compileMacro(node: NodeOf<'rcall'>, context: NodeContext): Step {
  const [name, receiver, args] = node.args;
  const [variable, ...bodies] = args as [NodeOf<'id'>, ...ASTNode[]];
  const collection = context.compile(receiver);
  const text = context.textOf(receiver);
  const loop = compileLoop(
    name,
    bodies.map((body) => compileBody(body, variable.args, context)),
  );
  return (frame) => {
    const value = collection(frame);
    if (value instanceof Unknown) return value;
    if (Array.isArray(value)) return loop(value as readonly unknown[], frame);
    return isMap(value)
      ? loop(Object.keys(value), frame)
      : new Unknown(`${text} is ${describe(value)}, not a list`);
  };
}

type Loop = (items: readonly unknown[], frame: Frame) => unknown;

/** What runs for each element, and pays for itself. */
interface Body {
  value(item: unknown, frame: Frame): unknown;
  /** True, false, or unknown. */
  test(item: unknown, frame: Frame): boolean | Unknown;
}

function compileBody(node: ASTNode, variable: string, context: NodeContext): Body {
  const step = context.compileBody(node, variable);
  const text = context.textOf(node);
  // No expression has more nodes than half of its characters and one.
  const cost = 1 + (node.end - node.start) / 2;
  const value: Body['value'] = (item, frame) => {
    frame.meter.charge(cost);
    frame.item = item;
    return step(frame);
  };
  const test: Body['test'] = (item, frame) => {
    const result = value(item, frame);
    return typeof result === 'boolean' ? result : notBoolean(result, text);
  };
  return { value, test };
}

function compileLoop(name: string, bodies: readonly Body[]): Loop {
  const [first, second] = bodies as [Body, Body | undefined];
  switch (name) {
    case 'all':
      return quantifier(first, false);
    case 'exists':
      return quantifier(first, true);
    case 'exists_one':
      return (items, frame) => {
        const found = filtered(items, first, frame);
        return found instanceof Unknown ? found : found.length === 1;
      };
    case 'filter':
      return (items, frame) => filtered(items, first, frame);
    case 'map':
      return (items, frame) => {
        if (second === undefined) return mapped(items, first, frame);
        const found = filtered(items, first, frame);
        return found instanceof Unknown ? found : mapped(found, second, frame);
      };
    default:
      throw new Error(`${name}() has not been vetted`);
  }
}

/** Like `||` and `&&` over all elements: one that decides does so, whatever is unknown about the others. */
function quantifier(body: Body, deciding: boolean): Loop {
  return (items, frame) => {
    let unknown: Unknown | null = null;
    for (const item of items) {
      const result = body.test(item, frame);
      if (result === deciding) return deciding;
      if (result instanceof Unknown) unknown ??= result;
    }
    return unknown ?? !deciding;
  };
}

function filtered(items: readonly unknown[], body: Body, frame: Frame): unknown[] | Unknown {
  const found: unknown[] = [];
  for (const item of items) {
    const result = body.test(item, frame);
    if (result instanceof Unknown) return result;
    if (result) found.push(item);
  }
  return found;
}

function mapped(items: readonly unknown[], body: Body, frame: Frame): unknown[] | Unknown {
  const values: unknown[] = [];
  for (const item of items) {
    const value = body.value(item, frame);
    if (value instanceof Unknown) return value;
    values.push(value);
  }
  return values;
}
