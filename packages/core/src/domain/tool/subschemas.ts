import type { JsonObject } from '@invoke/contract';

/** What the value of a keyword holds, as far as schemas in it are concerned. */
type Shape = 'schema' | 'schemas' | 'schema_or_schemas' | 'map' | 'map_of_schemas_or_names' | 'data';

/** A `discriminator` only repeats what its `oneOf` says. */
const OF_OPENAPI = 'discriminator example externalDocs xml';

/**
 * Every keyword that a schema may have, over the three dialects that are compiled. `instance` are those whose schemas are
 * held against the same value as the schema that they stand in.
 */
const KEYWORDS: ReadonlyMap<string, { readonly shape: Shape; readonly sameInstance: boolean }> = new Map([
  ...each('schemas', true, 'allOf anyOf oneOf'),
  ...each('schema', true, 'not if then else'),
  ...each('map', true, 'dependentSchemas'),
  ...each('map_of_schemas_or_names', true, 'dependencies'),
  ...each('map', false, 'properties patternProperties'),
  ...each('schema', false, 'additionalProperties propertyNames unevaluatedProperties contains'),
  ...each('schema', false, 'unevaluatedItems additionalItems contentSchema'),
  ...each('schema_or_schemas', false, 'items'),
  ...each('schemas', false, 'prefixItems'),
  // Definitions are not held against anything where they stand.
  ...each('map', false, '$defs definitions'),
  ...each(
    'data',
    false,
    '$schema $ref $comment title description default examples deprecated readOnly writeOnly',
  ),
  ...each('data', false, 'type enum const format contentMediaType contentEncoding'),
  ...each('data', false, 'multipleOf minimum maximum exclusiveMinimum exclusiveMaximum'),
  ...each('data', false, 'minLength maxLength pattern'),
  ...each('data', false, 'minItems maxItems uniqueItems minContains maxContains'),
  ...each('data', false, 'minProperties maxProperties required dependentRequired'),
  // Of OpenAPI: this one counts, the next ones only describe.
  ...each('data', false, 'nullable'),
  ...each('data', false, OF_OPENAPI),
]);

const EXTENSION = /^x-[A-Za-z0-9_-]{1,64}$/;

function each(shape: Shape, sameInstance: boolean, names: string) {
  return names.split(' ').map((name) => [name, { shape, sameInstance }] as const);
}

export const SCHEMA_KEYWORDS: readonly string[] = [...KEYWORDS.keys()];

export function isSchemaKeyword(name: string): boolean {
  return KEYWORDS.has(name) || EXTENSION.test(name);
}

/** Whether it says nothing about values, and is not of JSON Schema itself. */
export function isForeignAnnotation(name: string): boolean {
  return EXTENSION.test(name) || OF_OPENAPI.split(' ').includes(name);
}

/** A schema directly within another one. */
export interface ChildSchema {
  readonly keyword: string;
  /** JSON Pointer from the outer schema. */
  readonly pointer: string;
  /** A schema, if the outer schema is well formed. */
  readonly schema: unknown;
  /** Held against the same value as the outer schema. */
  readonly sameInstance: boolean;
}

/** The schemas directly within a schema, in its own order. What is not of the shape that its keyword asks for has none. */
export function childSchemas(schema: JsonObject): readonly ChildSchema[] {
  return Object.keys(schema).flatMap((keyword) => {
    const known = KEYWORDS.get(keyword);
    if (known === undefined) return [];
    return placesIn(known.shape, schema[keyword]).map(([path, child]) => ({
      keyword,
      pointer: `/${keyword}${path}`,
      schema: child,
      sameInstance: known.sameInstance,
    }));
  });
}

/** The same schema, with every schema directly within it replaced. */
export function withChildSchemas(schema: JsonObject, replace: (child: ChildSchema) => unknown): JsonObject {
  const replaced = new Map(childSchemas(schema).map((child) => [child.pointer, replace(child)]));
  const copy: JsonObject = { ...schema };
  for (const [keyword, value] of Object.entries(schema)) {
    const replacement = (path: string, old: unknown) => {
      const pointer = `/${keyword}${path}`;
      return replaced.has(pointer) ? replaced.get(pointer) : old;
    };
    if (replaced.has(`/${keyword}`)) copy[keyword] = replaced.get(`/${keyword}`);
    else if (KEYWORDS.get(keyword)?.shape === 'data' || typeof value !== 'object' || value === null) continue;
    else if (Array.isArray(value)) copy[keyword] = value.map((old, i) => replacement(`/${i}`, old));
    else
      copy[keyword] = mapEntries(value as JsonObject, (name, old) =>
        replacement(`/${escapePointer(name)}`, old),
      );
  }
  return copy;
}

export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function placesIn(shape: Shape, value: unknown): readonly (readonly [string, unknown])[] {
  const isList = Array.isArray(value);
  switch (shape) {
    case 'data':
      return [];
    case 'schema':
      return [['', value]];
    case 'schema_or_schemas':
      return isList ? listPlaces(value) : [['', value]];
    case 'schemas':
      return isList ? listPlaces(value) : [];
    case 'map':
    case 'map_of_schemas_or_names':
      if (typeof value !== 'object' || value === null || isList) return [];
      return Object.entries(value)
        .filter(([, child]) => shape === 'map' || !Array.isArray(child))
        .map(([name, child]) => [`/${escapePointer(name)}`, child]);
  }
}

function listPlaces(list: readonly unknown[]): readonly (readonly [string, unknown])[] {
  return list.map((child, i) => [`/${i}`, child]);
}

function mapEntries(map: JsonObject, change: (name: string, value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(name, value)]));
}
