import type { LinearPattern } from '../bounded/linear-pattern.js';
import type { Meter } from '../bounded/meter.js';
import type { ASTNode } from './cel-grammar.js';
import { describe, Unknown } from './values.js';

/** What one evaluation works on. */
export interface Frame {
  /** Root names to values; read by own property only. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly meter: Meter;
  /** The element that the macro at work has come to. Macros do not nest, so there is one. */
  item: unknown;
}

/** Gives the value of one node of an expression, or `Unknown`. */
export type Step = (frame: Frame) => unknown;

/** What the compilers of the kinds of node need of each other. */
export interface NodeContext {
  compile(node: ASTNode): Step;
  /** Compiles the body of a macro, in which `variable` is the element. */
  compileBody(node: ASTNode, variable: string): Step;
  /** What a node was written as. */
  textOf(node: ASTNode): string;
  /** The patterns of `re2`, by the call that they stand in. */
  readonly patterns: ReadonlyMap<ASTNode, LinearPattern>;
}

export type NodeOf<Op extends ASTNode['op']> = Extract<ASTNode, { op: Op }>;

/** Runs the steps and hands on their values, or gives the first that is unknown. */
export function withKnown(
  steps: readonly Step[],
  frame: Frame,
  use: (values: readonly unknown[]) => unknown,
): unknown {
  const values: unknown[] = [];
  for (const step of steps) {
    const value = step(frame);
    if (value instanceof Unknown) return value;
    values.push(value);
  }
  return use(values);
}

/** For an operand that has to be true or false, and is not. */
export function notBoolean(value: unknown, text: string): Unknown {
  return value instanceof Unknown ? value : new Unknown(`${text} is ${describe(value)}, not true or false`);
}
