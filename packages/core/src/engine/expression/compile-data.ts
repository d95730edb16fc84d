import type { NameRules } from '../../domain/policy/expression.js';
import { isEqual } from './compare.js';
import type { NodeContext, NodeOf, Step } from './step.js';
import { withKnown } from './step.js';
import { describe, isMap, isNumber, Timestamp, Unknown } from './values.js';

export function compileName(name: string): Step {
  const missing = new Unknown(`${name} is missing`);
  return ({ facts }) => {
    const value = Object.hasOwn(facts, name) ? facts[name] : undefined;
    return value === undefined ? missing : value;
  };
}

/** A root that holds epoch milliseconds. */
export function compileInstant(name: string): Step {
  const step = compileName(name);
  return (frame) => {
    const value = step(frame);
    return typeof value === 'number' ? new Timestamp(value) : value;
  };
}

/** A bare name: a field of the first root that has it, unless those that have to agree do not. */
export function compileOpenName(name: string, { openIn = [], agreeing = [] }: NameRules): Step {
  const missing = new Unknown(`${name} is missing`);
  const conflicting = new Unknown(`${name} has different values in ${agreeing.join(' and ')}`, name);
  const roots = openIn.map((root) => ({
    root,
    others: agreeing.includes(root) ? without(agreeing, root) : [],
  }));
  return ({ facts, meter }) => {
    for (const { root, others } of roots) {
      const value = memberOf(facts[root], name);
      if (value === undefined) continue;
      for (const other of others) {
        const also = memberOf(facts[other], name);
        if (also !== undefined && !isEqual(value, also, meter)) return conflicting;
      }
      return value;
    }
    return missing;
  };
}

function without(names: readonly string[], name: string): readonly string[] {
  return names.filter((other) => other !== name);
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
  const literals = node.args.flatMap((element) => (element.op === 'value' ? [element.args] : []));
  if (literals.length === node.args.length) return () => literals;
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
  if (typeof key !== 'string' || !isMap(object)) return undefined;
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
