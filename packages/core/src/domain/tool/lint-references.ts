import type { FieldProblem } from '@invoke/contract';
import type { SchemaNode } from './schema-tree.js';

/** How many schemas may be held against one and the same value, references followed. */
const MAX_SCHEMAS_PER_VALUE = 10_000;

/**
 * What is wrong with the references of a schema: only within the document, only to schemas, no circles that come back to
 * the same value, and no chains that double until billions of schemas are held against one value.
 */
export function lintReferences(nodes: ReadonlyMap<string, SchemaNode>): readonly FieldProblem[] {
  const problems = [...nodes.values()].flatMap((node) => brokenReference(node, nodes));
  if (problems.length > 0) return problems;
  const expansion = new Expansion(nodes);
  for (const node of nodes.values()) {
    const size = expansion.sizeOf(node);
    if (size === null)
      return [
        {
          pointer: node.pointer,
          message: 'the schema refers to itself without looking at a part of the value',
        },
      ];
    if (size > MAX_SCHEMAS_PER_VALUE)
      return [
        {
          pointer: node.pointer,
          message: 'the references multiply: too many schemas are held against one value',
        },
      ];
  }
  return [];
}

function brokenReference(node: SchemaNode, nodes: ReadonlyMap<string, SchemaNode>): readonly FieldProblem[] {
  if (typeof node.schema === 'boolean' || node.schema['$ref'] === undefined) return [];
  const reference = node.schema['$ref'];
  const pointer = `${node.pointer}/$ref`;
  if (typeof reference !== 'string' || !/^#(?:$|\/)/.test(reference)) {
    return [{ pointer, message: 'expected a reference within this schema, such as #/$defs/name' }];
  }
  return targetOf(node, nodes) === null ? [{ pointer, message: 'the reference leads to no schema' }] : [];
}

/** The schema that `$ref` leads to; null where it leads to none. */
function targetOf(node: SchemaNode, nodes: ReadonlyMap<string, SchemaNode>): SchemaNode | null {
  const reference = typeof node.schema === 'boolean' ? undefined : node.schema['$ref'];
  if (typeof reference !== 'string') return null;
  try {
    return nodes.get(decodeURIComponent(reference.slice(1))) ?? null;
  } catch {
    return null;
  }
}

/** How many schemas are held against a value when one is, counted over everything that looks at the same value. */
class Expansion {
  private readonly nodes: ReadonlyMap<string, SchemaNode>;
  private readonly sizes = new Map<SchemaNode, number | 'open'>();

  constructor(nodes: ReadonlyMap<string, SchemaNode>) {
    this.nodes = nodes;
  }

  /** Null: there is a circle. */
  sizeOf(node: SchemaNode): number | null {
    const known = this.sizes.get(node);
    if (known !== undefined) return known === 'open' ? null : known;
    this.sizes.set(node, 'open');
    let size = 1;
    for (const next of this.heldAgainstTheSame(node)) {
      const more = this.sizeOf(next);
      if (more === null) return null;
      size += more;
    }
    this.sizes.set(node, size);
    return size;
  }

  private heldAgainstTheSame(node: SchemaNode): readonly SchemaNode[] {
    const target = targetOf(node, this.nodes);
    const children = node.children.filter((child) => child.sameInstance);
    return target === null ? children : [...children, target];
  }
}
