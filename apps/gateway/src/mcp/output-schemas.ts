import type { JsonObject } from '@invoke/contract';
import { createRecent, type ToolDefinition } from '@invoke/core';
import { createSchemaCompiler } from '@invoke/core/adapters';
import type { ParamsValidator } from '@invoke/core/ports';
import { isReadAlike } from './is-read-alike.js';
import { isObject } from './rpc.js';

const schemas = createSchemaCompiler();

/** By version, which outlives the object of a definition: a change of any tool or key loads all of them anew. */
const VERSIONS = 1_000;
const told = createRecent<string, JsonObject | null>(VERSIONS);
/** Compiled when a tool has first answered; null: nothing fits a schema that cannot be compiled. */
const validators = createRecent<string, ParamsValidator | null>(VERSIONS);

/**
 * The schema of its results, where it can be told to every client: they take those of objects only. A client throws a result
 * away that does not fit, so one that is told must be kept to, and be one that all read alike.
 */
export function outputSchemaOf({ card, version }: ToolDefinition): JsonObject | null {
  const { output_schema: schema } = card;
  if (schema == null) return null;
  let known = told.get(version);
  if (known === undefined) {
    known = schema['type'] === 'object' && isReadAlike(schema) ? schema : null;
    told.set(version, known);
  }
  return known;
}

/** Whether clients that were shown the tool's output schema will take this result. */
export function fitsOutput(tool: ToolDefinition, structured: unknown): boolean {
  if (!isObject(structured)) return false;
  let validate = validators.get(tool.version);
  if (validate === undefined) {
    const schema = outputSchemaOf(tool);
    const compiled = schema === null ? null : schemas.compile(schema, 'result');
    validate = compiled?.kind === 'ok' ? compiled.validate : null;
    validators.set(tool.version, validate);
  }
  return validate !== null && validate(structured) === null;
}
