import type { JsonObject } from '@invoke/contract';

/** The dialects of JSON Schema that are compiled. Generators of tool schemas still write the oldest of them most often. */
export type SchemaDialect = '2020-12' | '2019-09' | 'draft-07';

const DIALECTS: ReadonlyMap<string, SchemaDialect> = new Map([
  ['json-schema.org/draft/2020-12/schema', '2020-12'],
  ['json-schema.org/draft/2019-09/schema', '2019-09'],
  ['json-schema.org/draft-07/schema', 'draft-07'],
]);

/** What `$schema` says, 2020-12 where it says nothing (as MCP has it); null for a dialect that is not compiled. */
export function dialectOf(schema: JsonObject): SchemaDialect | null {
  const uri = schema['$schema'];
  if (uri === undefined) return '2020-12';
  return typeof uri === 'string'
    ? (DIALECTS.get(uri.replace(/^https?:\/\//, '').replace(/#$/, '')) ?? null)
    : null;
}
