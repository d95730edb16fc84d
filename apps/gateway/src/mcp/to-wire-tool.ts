import type { JsonObject } from '@invoke/contract';
import type { OfferedTool } from '@invoke/core';
import { outputSchemaOf } from './output-schemas.js';
import { isObject } from './rpc.js';

/** By definition: a list is put together from texts that are made once for each version of a tool. */
const written = new WeakMap<OfferedTool['tool'], { readonly name: string; readonly text: string }>();

/** A tool as `tools/list` shows it, as JSON text: its pinned definition, never what its server says today. */
export function toWireTool({ name, tool }: OfferedTool): string {
  const known = written.get(tool);
  if (known?.name === name) return known.text;
  const { card } = tool;
  const outputSchema = outputSchemaOf(tool);
  const text = JSON.stringify({
    name,
    title: card.name,
    description: card.description,
    inputSchema: toObjectSchema(card.input_schema),
    ...(outputSchema === null ? {} : { outputSchema: toObjectSchema(outputSchema) }),
    annotations: toAnnotations(tool),
    _meta: { 'dev.invoke/tool': tool.id },
  });
  written.set(tool, { name, text });
  return text;
}

/** Hints for people's hosts. What a card does not say is assumed to be the worse. */
function toAnnotations({ card, riskLevel }: OfferedTool['tool']) {
  if (card.effect === 'read') return { readOnlyHint: true, openWorldHint: true };
  const { mode, key_fields: keyFields } = card.idempotency;
  return {
    readOnlyHint: false,
    destructiveHint: riskLevel !== 'low',
    // The same arguments are the same call only where a key is derived from them.
    idempotentHint: mode === 'automatic' && keyFields.length > 0,
    openWorldHint: true,
  };
}

/**
 * Clients want `type: "object"` at the root, which params always are; those of the SDK 1.x refuse a whole list in which a
 * property is only `true` or `false`. `x-mcp-header` is between the gateway and the tool's server.
 */
function toObjectSchema(schema: JsonObject): JsonObject {
  const { properties, ...rest } = withoutHeaderNames(schema) as JsonObject;
  const objects = isObject(properties)
    ? {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, property]) => [name, toSchemaObject(property)]),
        ),
      }
    : {};
  return { ...rest, type: 'object', ...objects };
}

function toSchemaObject(property: unknown): unknown {
  if (property === true) return {};
  return property === false ? { not: {} } : property;
}

function withoutHeaderNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHeaderNames);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !(name === 'x-mcp-header' && typeof member === 'string'))
      .map(([name, member]) => [name, withoutHeaderNames(member)]),
  );
}
