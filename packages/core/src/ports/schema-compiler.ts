import type { FieldProblem, JsonObject } from '@invoke/contract';

/** Checks params against one compiled schema. Never coerces, never fills defaults, never throws. */
export type ParamsValidator = (params: JsonObject) => readonly FieldProblem[] | null;

export type CompiledSchema =
  | { readonly kind: 'ok'; readonly validate: ParamsValidator }
  | { readonly kind: 'rejected'; readonly errors: readonly FieldProblem[] };

/** What a schema describes: params are objects, results may be anything. */
export type SchemaUse = 'params' | 'result';

/** Compiles JSON Schemas written by strangers: each in its own compiler, after a linter (domain/tool/lint-schema.ts). */
export interface SchemaCompiler {
  /** @param use `params` where it is left out */
  compile(schema: JsonObject, use?: SchemaUse): CompiledSchema;
}
