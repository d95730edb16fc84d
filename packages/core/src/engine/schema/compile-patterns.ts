import type { FieldProblem, JsonObject } from '@invoke/contract';
import type { SchemaNode } from '../../domain/tool/schema-tree.js';
import { escapePointer } from '../../domain/tool/subschemas.js';
import { compileLinearPattern, type LinearPattern } from '../bounded/linear-pattern.js';

/** Of all different patterns of a schema together: characters, and instructions once compiled. */
const MAX_PATTERN_TEXT = 8_192;
const MAX_INSTRUCTIONS = 10_000;

export type CompiledPatterns =
  | { readonly kind: 'ok'; readonly patterns: ReadonlyMap<string, LinearPattern> }
  | { readonly kind: 'error'; readonly problem: FieldProblem };

/** Compiles every pattern of a schema, by its source, before anything else is compiled; or names the first that cannot be. */
export function compilePatterns(nodes: Iterable<SchemaNode>): CompiledPatterns {
  const patterns = new Map<string, LinearPattern>();
  let text = 0;
  let instructions = 0;
  for (const { source, pointer } of [...nodes].flatMap(patternsOf)) {
    if (patterns.has(source)) continue;
    text += source.length;
    const compiled = compileLinearPattern(source);
    if (compiled.kind === 'error') return { kind: 'error', problem: { pointer, message: compiled.message } };
    instructions += compiled.pattern.size;
    if (text > MAX_PATTERN_TEXT || instructions > MAX_INSTRUCTIONS) {
      return {
        kind: 'error',
        problem: { pointer, message: 'the patterns of the schema are too large together' },
      };
    }
    patterns.set(source, compiled.pattern);
  }
  return { kind: 'ok', patterns };
}

interface PlacedPattern {
  readonly source: string;
  readonly pointer: string;
}

function patternsOf({ schema, pointer }: SchemaNode): readonly PlacedPattern[] {
  if (typeof schema === 'boolean') return [];
  const names = Object.keys((schema['patternProperties'] ?? {}) as JsonObject);
  const placed = names.map((source) => ({
    source,
    pointer: `${pointer}/patternProperties/${escapePointer(source)}`,
  }));
  const { pattern } = schema;
  return typeof pattern === 'string'
    ? [{ source: pattern, pointer: `${pointer}/pattern` }, ...placed]
    : placed;
}
