import type { JsonObject } from '@invoke/contract';
import type { ToolCall } from '@invoke/core/ports';

/** By convention (IETF draft-ietf-httpapi-idempotency-key-header), for tools whose card names no other header. */
const DEFAULT_HEADER = 'idempotency-key';

/**
 * The params as the tool receives them: our key in the field with which the tool deduplicates, and in the one by which the
 * call can be found again. What a caller put there itself is replaced: the key must come from the gateway, because an agent
 * that is told to "use a new key every time" does so on retries as well.
 */
export function putKeyIntoParams({ params, tool, downstreamKey }: ToolCall): JsonObject {
  const fields = [tool.card.idempotency.field, tool.card.reference_field].filter(
    (field) => field !== undefined,
  );
  if (downstreamKey === null || fields.length === 0) return params;
  return { ...params, ...Object.fromEntries(fields.map((field) => [field, downstreamKey])) };
}

/** Header names are in lower case. */
export function toKeyHeaders({ tool, downstreamKey }: ToolCall): Record<string, string> {
  if (downstreamKey === null) return {};
  return { [tool.card.idempotency.header?.toLowerCase() ?? DEFAULT_HEADER]: downstreamKey };
}
