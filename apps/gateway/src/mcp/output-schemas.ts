import type { ToolDefinition } from '@invoke/core';
import { createSchemaCompiler } from '@invoke/core/adapters';
import type { ParamsValidator } from '@invoke/core/ports';
import { isObject } from './rpc.js';
import { outputSchemaOf } from './to-wire-tool.js';

const schemas = createSchemaCompiler();

/** Compiled when a tool has first answered; null: nothing fits a schema that cannot be compiled. */
const validators = new WeakMap<ToolDefinition, ParamsValidator | null>();

/** Whether clients that were shown the tool's output schema will take this result. */
export function fitsOutput(tool: ToolDefinition, structured: unknown): boolean {
  if (!isObject(structured)) return false;
  let validate = validators.get(tool);
  if (validate === undefined) {
    const schema = outputSchemaOf(tool);
    const compiled = schema === null ? null : schemas.compile(schema, 'result');
    validate = compiled?.kind === 'ok' ? compiled.validate : null;
    validators.set(tool, validate);
  }
  return validate !== null && validate(structured) === null;
}
