import type { Pin } from '../../domain/policy/expression.js';
import type { ASTNode } from './cel-grammar.js';

/**
 * What must be the case for an expression not to be false: the comparisons of a root with text that it cannot do without,
 * `action == git_push` in `action == git_push and params.amount > 5`. Where a root is there and pinned to other values, the
 * expression is false, and nothing else in it needs to be looked at.
 */
export function pinsOf(node: ASTNode, roots: ReadonlySet<string>): readonly Pin[] {
  switch (node.op) {
    case '&&':
      return node.args.flatMap((operand) => pinsOf(operand, roots));
    case '||': {
      const [left, right] = node.args.map((operand) => pinsOf(operand, roots)) as [Pins, Pins];
      return left.flatMap((pin) => {
        const other = right.find(({ root }) => root === pin.root);
        return other === undefined ? [] : [{ root: pin.root, values: [...pin.values, ...other.values] }];
      });
    }
    case '==': {
      const [a, b] = node.args;
      return pin(a, [b], roots) ?? pin(b, [a], roots) ?? [];
    }
    case 'in': {
      const [element, list] = node.args;
      return list.op === 'list' ? (pin(element, list.args, roots) ?? []) : [];
    }
    default:
      return [];
  }
}

type Pins = readonly Pin[];

function pin(name: ASTNode, values: readonly ASTNode[], roots: ReadonlySet<string>): Pins | null {
  if (name.op !== 'id' || !roots.has(name.args)) return null;
  const texts = values.flatMap((v) => (v.op === 'value' && typeof v.args === 'string' ? [v.args] : []));
  return texts.length === values.length ? [{ root: name.args, values: texts }] : null;
}
