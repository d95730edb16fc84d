import type { FieldProblem, JsonObject } from '@invoke/contract';
import { closestName } from '../policy/closest-name.js';
import { lintParameterHeaders } from './lint-parameter-headers.js';
import { lintReferences } from './lint-references.js';
import { dialectOf } from './schema-dialect.js';
import { toSchemaTree, type SchemaNode } from './schema-tree.js';
import { escapePointer, isSchemaKeyword, SCHEMA_KEYWORDS } from './subschemas.js';

export const SCHEMA_LIMITS = {
  maxBytes: 64 * 1024,
  /** Of the JSON text. */
  maxNesting: 64,
  /** Of schemas within schemas. */
  maxDepth: 32,
  maxSchemas: 1_000,
  maxEnum: 1_000,
  maxPattern: 512,
} as const;

/**
 * What speaks against compiling a schema that a stranger wrote. It is not a check against the meta-schema, which comes
 * later: it refuses what would make a compiler slow, or make schemas mean something else than they say.
 *
 * Pointers go into the schema. No problems: it may be compiled.
 *
 * @param use params are objects, so their schema has to allow objects; results may be anything
 */
export function lintSchema(schema: JsonObject, use: 'params' | 'result' = 'params'): readonly FieldProblem[] {
  const { maxNesting, maxBytes } = SCHEMA_LIMITS;
  if (isNestedDeeper(schema, maxNesting))
    return [{ pointer: '', message: `the schema is nested deeper than ${maxNesting} levels` }];
  if (utf8Length(JSON.stringify(schema)) > maxBytes)
    return [{ pointer: '', message: `the schema is larger than ${maxBytes / 1024} KiB` }];
  const tree = toSchemaTree(schema, SCHEMA_LIMITS);
  if (tree.kind === 'error') return [tree.problem];
  const nodes = [...tree.nodes.values()];
  const problems = [...lintDialect(schema), ...nodes.flatMap(lintNode), ...lintParameterHeaders(nodes)];
  if (problems.length > 0) return problems.slice(0, MAX_PROBLEMS);
  const references = lintReferences(tree.nodes);
  if (references.length > 0) return references.slice(0, MAX_PROBLEMS);
  return use === 'params' ? lintTop(schema) : [];
}

/** More do not help anyone. */
const MAX_PROBLEMS = 20;

/** They name schemas across documents, change the rules, or make the outcome asynchronous or dependent on the value. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  '$id',
  'id',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$async',
  '$data',
  '$vocabulary',
]);

const TYPES: ReadonlySet<unknown> = new Set([
  'object',
  'array',
  'string',
  'number',
  'integer',
  'boolean',
  'null',
]);

function lintDialect(schema: JsonObject): readonly FieldProblem[] {
  return dialectOf(schema) === null
    ? [{ pointer: '/$schema', message: 'expected JSON Schema 2020-12, 2019-09 or draft-07' }]
    : [];
}

function lintNode(node: SchemaNode): readonly FieldProblem[] {
  const { schema } = node;
  if (typeof schema === 'boolean') return [];
  return Object.keys(schema).flatMap((keyword) => {
    const message = lintKeyword(keyword, schema[keyword], node.pointer === '');
    return message === null ? [] : [{ pointer: `${node.pointer}/${escapePointer(keyword)}`, message }];
  });
}

function lintKeyword(keyword: string, value: unknown, atTop: boolean): string | null {
  if (FORBIDDEN.has(keyword)) return `${keyword} is not allowed`;
  if (keyword === '$schema' && !atTop) return '$schema is only allowed at the top';
  if (!isSchemaKeyword(keyword)) return unknownKeyword(keyword);
  switch (keyword) {
    case 'type':
      return isType(value) ? null : `expected one or more of ${[...TYPES].join(', ')}`;
    case 'enum':
      return lintEnum(value);
    case 'pattern':
      return lintPattern(value);
    case 'patternProperties':
      return (
        Object.keys(value ?? {})
          .map(lintPattern)
          .find((message) => message !== null) ?? null
      );
    case 'properties':
      return Object.keys(value ?? {}).includes('__proto__') ? 'the name __proto__ is not allowed' : null;
    default:
      return null;
  }
}

function unknownKeyword(keyword: string): string {
  const meant = closestName(keyword, SCHEMA_KEYWORDS);
  return `unknown keyword${meant === null ? '; extensions start with x-' : `; did you mean ${meant}?`}`;
}

function isType(value: unknown): boolean {
  if (!Array.isArray(value)) return TYPES.has(value);
  return value.length > 0 && new Set(value).size === value.length && value.every((type) => TYPES.has(type));
}

function lintEnum(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0) return 'expected a list of values';
  return value.length > SCHEMA_LIMITS.maxEnum ? `expected at most ${SCHEMA_LIMITS.maxEnum} values` : null;
}

function lintPattern(value: unknown): string | null {
  if (typeof value !== 'string') return 'expected a regular expression';
  return value.length > SCHEMA_LIMITS.maxPattern
    ? `expected at most ${SCHEMA_LIMITS.maxPattern} characters`
    : null;
}

/** Params are objects: a schema that takes none could never be called. */
function lintTop({ type }: JsonObject): readonly FieldProblem[] {
  if (type === undefined || type === 'object' || (Array.isArray(type) && type.includes('object'))) return [];
  return [{ pointer: '/type', message: 'expected a schema of objects' }];
}

function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1));
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    if (c >= 0x80) bytes += c < 0x800 || (c >= 0xd800 && c <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
