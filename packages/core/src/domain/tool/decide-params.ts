import type { FieldProblem } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import type { ToolDefinition } from './tool-definition.js';

/**
 * Whether params fit the schema of a tool.
 * @param problems what is wrong with them; null: the schema cannot be compiled, so nothing is known of them and the tool is not called
 * @param at JSON Pointer of the params in the request
 */
export function decideParams(
  { name }: Pick<ToolDefinition, 'name'>,
  problems: readonly FieldProblem[] | null,
  at: string,
): Decision {
  if (problems === null)
    return refuse('schema_rejected', `The schema of ${name} cannot be compiled: register it again.`);
  if (problems.length === 0) return PROCEED;
  const errors = problems.map((p) => ({ ...p, pointer: `${at}${p.pointer}` }));
  const first = errors[0];
  return refuse(
    'validation_failed',
    `The params do not fit the schema of ${name}: ${first?.pointer} ${first?.message}.`,
    { errors },
  );
}
