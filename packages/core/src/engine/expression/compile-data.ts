import type { NodeContext, NodeOf, Step } from './step.js';
import { withKnown } from './step.js';
import { describe, isMap, isNumber, Unknown } from './values.js';

export function compileName(name: string): Step {
  const missing = new Unknown(`${name} is missing`);
  return ({ facts }) => {
    const value = Object.hasOwn(facts, name) ? facts[name] : undefined;
    return value === undefined ? missing : value;
  };
}

export function compileField(node: NodeOf<'.' | '.?'>, context: NodeContext): Step {
  const [of, name] = node.args;
  const object = context.compile(of);
  const missing = new Unknown(`${context.textOf(node)} is missing`);
  return (frame) => {
    const value = object(frame);
    if (value instanceof Unknown) return value;
    const member = memberOf(value, name);
    return member === undefined ? missing : member;
  };
}

export function compileIndex(node: NodeOf<'[]' | '[?]'>, context: NodeContext): Step {
  const steps = node.args.map((part) => context.compile(part));
  const missing = new Unknown(`${context.textOf(node)} is missing`);
  return (frame) =>
    withKnown(steps, frame, ([object, key]) => {
      const member = memberOf(object, key);
      return member === undefined ? missing : member;
    });
}

/** Whether there is such a field. That what it would be a field of is there, is taken for granted, as in all of CEL. */
export function compileHas(node: NodeOf<'call'>, context: NodeContext): Step {
  const [field] = node.args[1] as [NodeOf<'.'>];
  const [of, name] = field.args;
  const object = context.compile(of);
  return (frame) => {
    const value = object(frame);
    return value instanceof Unknown ? value : memberOf(value, name) !== undefined;
  };
}

export function compileList(node: NodeOf<'list'>, context: NodeContext): Step {
  const elements = node.args.map((element) => context.compile(element));
  return (frame) => withKnown(elements, frame, (values) => values);
}

export function compileMap(node: NodeOf<'map'>, context: NodeContext): Step {
  const steps = node.args.flat().map((part) => context.compile(part));
  return (frame) =>
    withKnown(steps, frame, (parts) => {
      const map = Object.create(null) as Record<string, unknown>;
      for (let i = 0; i < parts.length; i += 2) {
        const key = parts[i];
        if (typeof key !== 'string') return new Unknown(`a key of a map is ${describe(key)}, not text`);
        map[key] = parts[i + 1];
      }
      return map;
    });
}

/** Own fields of objects, elements of lists; undefined where there is none, which no value in JSON is. */
function memberOf(object: unknown, key: unknown): unknown {
  if (Array.isArray(object)) return isNumber(key) ? (object as readonly unknown[])[Number(key)] : undefined;
  return typeof key === 'string' && isMap(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}
