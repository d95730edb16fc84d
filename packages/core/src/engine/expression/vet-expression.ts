import type { OpenName } from '../../domain/policy/expression.js';
import { closestName } from '../../domain/policy/closest-name.js';
import { compileLinearPattern, type LinearPattern } from '../bounded/linear-pattern.js';
import type { ASTNode, CelProblem } from './cel-grammar.js';
import { FUNCTIONS } from './functions.js';

export type Vetted =
  | {
      readonly kind: 'ok';
      readonly patterns: ReadonlyMap<ASTNode, LinearPattern>;
      /** Names that are no roots, with their places in the text; none unless they are let through. */
      readonly openNames: readonly OpenName[];
    }
  | { readonly kind: 'error'; readonly problem: CelProblem };

/** Macros by how many arguments they take. */
export const MACROS: ReadonlyMap<string, readonly number[]> = new Map([
  ['all', [2]],
  ['exists', [2]],
  ['exists_one', [2]],
  ['filter', [2]],
  ['map', [2, 3]],
]);

export interface VettedNames {
  readonly roots: ReadonlySet<string>;
  /** Whether other names are let through, and reported. */
  readonly open: boolean;
}

/**
 * Whether an expression keeps to what we evaluate: declared names, the functions that we offer, macros that are not nested,
 * and patterns that stand in the expression and run in linear time. Gives the compiled patterns, by the call they are in.
 */
export function vetExpression(ast: ASTNode, names: VettedNames): Vetted {
  const vetting = new Vetting(names);
  vetting.visit(ast, null);
  const { problem, patterns, openNames } = vetting;
  return problem === null ? { kind: 'ok', patterns, openNames } : { kind: 'error', problem };
}

class Vetting {
  problem: CelProblem | null = null;
  readonly patterns = new Map<ASTNode, LinearPattern>();
  readonly openNames: OpenName[] = [];
  private readonly names: VettedNames;

  constructor(names: VettedNames) {
    this.names = names;
  }

  /** @param bound the variable of the macro that the node is in, null outside of macros */
  visit(node: ASTNode, bound: string | null): void {
    switch (node.op) {
      case 'value':
        return this.literal(node);
      case 'id':
        return this.name(node, bound);
      case '.':
      case '.?':
        return this.visit(node.args[0], bound);
      case 'call':
        return this.call(node, bound);
      case 'rcall':
        return this.method(node, bound);
      case 'map':
        return node.args.forEach((entry) => this.visitAll(entry, bound));
      case '!_':
      case '-_':
        return this.visit(node.args, bound);
      default:
        return this.visitAll(node.args, bound);
    }
  }

  private visitAll(nodes: readonly ASTNode[], bound: string | null): void {
    for (const node of nodes) this.visit(node, bound);
  }

  private literal(node: ASTNode & { op: 'value' }): void {
    const { args: value } = node;
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value)
      this.fail(node, 'the number does not fit into 64 bits');
    if (typeof value === 'object' && value !== null)
      this.fail(node, 'bytes and unsigned numbers are not offered');
  }

  private name(node: ASTNode & { op: 'id' }, bound: string | null): void {
    const name = node.args;
    const { roots, open } = this.names;
    if (name === bound || roots.has(name)) return;
    if (open) return void this.openNames.push({ name, at: node.start });
    const meant = closestName(name, roots);
    this.fail(
      node,
      `${name} is not a known name${meant === null ? `; text needs quotes: "${name}"` : `; did you mean ${meant}?`}`,
    );
  }

  private call(node: ASTNode & { op: 'call' }, bound: string | null): void {
    const [name, args] = node.args;
    if (name === 're2') this.pattern(node, args);
    else if (name !== 'has') this.offered(node, { name, form: 'function', arity: args.length });
    this.visitAll(args, bound);
  }

  private method(node: ASTNode & { op: 'rcall' }, bound: string | null): void {
    const [name, receiver, args] = node.args;
    this.visit(receiver, bound);
    const arities = MACROS.get(name);
    if (arities === undefined) {
      this.offered(node, { name, form: 'method', arity: args.length + 1 });
      return this.visitAll(args, bound);
    }
    if (!arities.includes(args.length))
      return this.fail(node, `${name}() takes a variable and an expression`);
    const [variable, ...bodies] = args;
    if (bound !== null) this.fail(node, `${name}() cannot stand inside of another macro`);
    else if (variable?.op === 'id') this.visitAll(bodies, variable.args);
    else this.fail(node, `${name}() needs the name of a variable first`);
  }

  private offered(
    node: ASTNode,
    {
      name,
      form,
      arity,
    }: { readonly name: string; readonly form: 'function' | 'method'; readonly arity: number },
  ): void {
    const offered = FUNCTIONS.get(name);
    if (offered === undefined) return this.fail(node, notOffered(name));
    if (offered.form !== 'either' && offered.form !== form) {
      return this.fail(
        node,
        form === 'function'
          ? `write x.${name}(...) instead of ${name}(x, ...)`
          : `write ${name}(x) instead of x.${name}()`,
      );
    }
    const expected = form === 'function' ? offered.arity : offered.arity - 1;
    if (offered.arity !== arity)
      this.fail(node, `${name}() takes ${expected === 1 ? 'one argument' : `${expected} arguments`}`);
  }

  private pattern(node: ASTNode, args: readonly ASTNode[]): void {
    const pattern = args[1];
    if (args.length !== 2) return this.fail(node, 're2() takes a text and a pattern');
    if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
      return this.fail(pattern ?? node, 'the pattern of re2() has to stand in the expression, in quotes');
    }
    const compiled = compileLinearPattern(pattern.args);
    if (compiled.kind === 'error') return this.fail(pattern, compiled.message);
    this.patterns.set(node, compiled.pattern);
  }

  private fail(node: ASTNode, message: string): void {
    this.problem ??= { at: node.start, message };
  }
}

function notOffered(name: string): string {
  if (name === 'matches')
    return 'matches() is not offered, because it may take for ever; use re2(text, "pattern")';
  const names = [...FUNCTIONS.keys(), ...MACROS.keys(), 'has', 're2'];
  const meant = closestName(name, names);
  return `there is no function ${name}()${meant === null ? '' : `; did you mean ${meant}()?`}`;
}
