import type { FieldProblem } from '@invoke/contract';
import type { SchemaNode } from './schema-tree.js';

const ANNOTATION = 'x-mcp-header';

/** A token of RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

const PRIMITIVES: ReadonlySet<unknown> = new Set(['string', 'integer', 'number', 'boolean']);

/** Names that would be mistaken for what the transport itself sends. */
const RESERVED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'proxy-authorization',
  'set-cookie',
  'transfer-encoding',
  'x-api-key',
]);

/**
 * `x-mcp-header` asks MCP clients to send a parameter as the header `Mcp-Param-<name>` too (MCP 2026-07-28). A client has to
 * drop a tool in which one is wrong: the name a token and used once whatever its case, the parameter a primitive that is
 * reached by `properties` alone.
 */
export function lintParameterHeaders(nodes: readonly SchemaNode[]): readonly FieldProblem[] {
  const taken = new Set<string>();
  return nodes.flatMap((node) => {
    if (typeof node.schema === 'boolean' || !Object.hasOwn(node.schema, ANNOTATION)) return [];
    const name = node.schema[ANNOTATION];
    const message = lintName(name, taken) ?? lintPlace(node);
    if (typeof name === 'string') taken.add(name.toLowerCase());
    return message === null ? [] : [{ pointer: `${node.pointer}/${ANNOTATION}`, message }];
  });
}

function lintName(name: unknown, taken: ReadonlySet<string>): string | null {
  if (typeof name !== 'string' || !TOKEN.test(name)) return 'expected the name of a header';
  if (RESERVED.has(name.toLowerCase())) return 'this header is reserved';
  return taken.has(name.toLowerCase()) ? 'another parameter has this header' : null;
}

function lintPlace({ pointer, schema, isProperty }: SchemaNode): string | null {
  if (pointer === '' || !isProperty)
    return 'only a property, not a part of a condition or a list, can be a header';
  return typeof schema === 'object' && PRIMITIVES.has(schema['type'])
    ? null
    : 'expected a parameter of a primitive type';
}
