import { createFetchUrl, FETCH_URL, fetchUrlCard } from '@invoke/connectors';
import { createSystemDigest, type ToolDefinition } from '@invoke/core';
import { definitionText, epochMs, EVERY_TENANT } from '@invoke/core/domain';
import { createCheckedFetch, type BuiltinHandler } from '@invoke/mcp-client';

export interface BuiltinTools {
  readonly definitions: readonly ToolDefinition[];
  readonly handlers: ReadonlyMap<string, BuiltinHandler>;
  close(): Promise<void>;
}

/** The tools that every gateway has: they only ever reach public addresses. */
export function builtinTools(): BuiltinTools {
  const checked = createCheckedFetch({ allowLoopback: false });
  const unversioned = {
    id: FETCH_URL,
    key: `builtin.${FETCH_URL}`,
    name: FETCH_URL,
    tenant: EVERY_TENANT,
    provider: { id: 'builtin', slug: 'builtin' },
    card: fetchUrlCard,
    binding: { kind: 'builtin', handler: FETCH_URL },
    riskLevel: 'low',
    approvalRequired: false,
  } as const;
  const version = createSystemDigest('').sha256(definitionText(unversioned));
  return {
    definitions: [{ ...unversioned, version, updatedAt: epochMs(0) }],
    handlers: new Map([[FETCH_URL, createFetchUrl({ fetchChecked: checked.fetch })]]),
    close: () => checked.close(),
  };
}
