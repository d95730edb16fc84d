import { invariant } from '../../domain/invariant.js';
import type { ASTNode } from './cel-grammar.js';
import { FUNCTIONS } from './functions.js';
import { withKnown, type NodeContext, type NodeOf, type Step } from './step.js';
import { describe, Unknown } from './values.js';

export function compileCall(node: NodeOf<'call'>, context: NodeContext): Step {
  const [name, args] = node.args;
  return name === 're2' ? compilePatternTest(node, context) : compileFunction(node, { name, args }, context);
}

export function compileMethod(node: NodeOf<'rcall'>, context: NodeContext): Step {
  const [name, receiver, args] = node.args;
  return compileFunction(node, { name, args: [receiver, ...args] }, context);
}

interface Call {
  readonly name: string;
  readonly args: readonly ASTNode[];
}

function compileFunction(node: ASTNode, { name, args }: Call, context: NodeContext): Step {
  const offered = FUNCTIONS.get(name);
  invariant(offered !== undefined, `${name}() has been vetted`);
  const steps = args.map((arg) => context.compile(arg));
  const text = context.textOf(node);
  return (frame) =>
    withKnown(steps, frame, (values) => {
      const result = offered.run(values, frame.meter);
      if (result !== null) return result;
      return new Unknown(`${text}: ${name}() does not apply to ${values.map(describe).join(' and ')}`);
    });
}

function compilePatternTest(node: NodeOf<'call'>, context: NodeContext): Step {
  const pattern = context.patterns.get(node);
  const [textNode] = node.args[1];
  invariant(pattern !== undefined && textNode !== undefined, 'the call of re2() has been vetted');
  const step = context.compile(textNode);
  const written = context.textOf(textNode);
  return (frame) => {
    const value = step(frame);
    if (value instanceof Unknown) return value;
    if (typeof value !== 'string') return new Unknown(`${written} is ${describe(value)}, not text`);
    return pattern.test(value, frame.meter);
  };
}
