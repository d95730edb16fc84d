import type { JsonObject } from '@invoke/contract';
import type { JsonProblem } from './json-problem.js';
import { JSON_LIMITS, scanJson } from './scan-json.js';

export type ParsedJsonObject =
  | { readonly kind: 'ok'; readonly value: JsonObject }
  | { readonly kind: 'problem'; readonly problem: JsonProblem };

/** Reads a JSON object strictly (see `scanJson`); bytes have to be decoded, fatally and with their BOM, before. */
export function parseJsonObject(
  text: string,
  { maxElements = JSON_LIMITS.maxElements }: { readonly maxElements?: number } = {},
): ParsedJsonObject {
  const problem = scanJson(text, { ...JSON_LIMITS, maxElements });
  return problem === null
    ? { kind: 'ok', value: JSON.parse(text) as JsonObject }
    : { kind: 'problem', problem };
}
