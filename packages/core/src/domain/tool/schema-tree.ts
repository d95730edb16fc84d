import type { JsonObject } from '@invoke/contract';
import { childSchemas } from './subschemas.js';

/** One schema within a schema. */
export interface SchemaNode {
  /** JSON Pointer from the root; empty for the root. */
  readonly pointer: string;
  readonly schema: JsonObject | boolean;
  readonly children: readonly SchemaNode[];
  /** Held against the same value as the schema around it. */
  readonly sameInstance: boolean;
  /** Reached from the root by `properties` alone, so that one value of the params belongs to it. */
  readonly isProperty: boolean;
}

export interface TreeProblem {
  readonly pointer: string;
  readonly message: string;
}

export interface TreeLimits {
  /** How many schemas may stand inside of each other. */
  readonly maxDepth: number;
  readonly maxSchemas: number;
}

export type SchemaTree =
  | { readonly kind: 'ok'; readonly root: SchemaNode; readonly nodes: ReadonlyMap<string, SchemaNode> }
  | { readonly kind: 'error'; readonly problem: TreeProblem };

/** All schemas within a schema, by their pointers; or why it cannot be walked through. */
export function toSchemaTree(schema: JsonObject, limits: TreeLimits): SchemaTree {
  const nodes = new Map<string, SchemaNode>();
  let problem: TreeProblem | null = null;
  const fail = (pointer: string, message: string): null => {
    problem ??= { pointer, message };
    return null;
  };

  function toNode(
    value: unknown,
    place: Omit<SchemaNode, 'schema' | 'children'>,
    depth: number,
  ): SchemaNode | null {
    const { pointer } = place;
    if (depth > limits.maxDepth)
      return fail(pointer, `schemas are nested deeper than ${limits.maxDepth} levels`);
    if (nodes.size >= limits.maxSchemas)
      return fail('', `there are more than ${limits.maxSchemas} subschemas`);
    if (typeof value !== 'boolean' && !isObject(value))
      return fail(pointer, 'expected a schema: an object, true or false');
    const children: SchemaNode[] = [];
    const node: SchemaNode = { ...place, schema: value, children };
    nodes.set(pointer, node);
    for (const child of typeof value === 'boolean' ? [] : childSchemas(value)) {
      const isProperty = place.isProperty && child.keyword === 'properties';
      const at = { pointer: pointer + child.pointer, sameInstance: child.sameInstance, isProperty };
      const childNode = toNode(child.schema, at, depth + 1);
      if (childNode === null) return null;
      children.push(childNode);
    }
    return node;
  }

  const root = toNode(schema, { pointer: '', sameInstance: false, isProperty: true }, 1);
  if (root === null) return { kind: 'error', problem: problem ?? { pointer: '', message: 'not a schema' } };
  return { kind: 'ok', root, nodes };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
