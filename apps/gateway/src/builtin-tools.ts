import {
  createFetchUrl,
  FETCH_URL,
  fetchUrlCard,
  SANDBOX_CHARGE,
  SANDBOX_LOOKUP,
  sandboxCharge,
  sandboxChargeCard,
  sandboxLookup,
  sandboxLookupCard,
} from '@invoke/connectors';
import type { CapabilityCard } from '@invoke/contract';
import { createSystemDigest, type ToolDefinition } from '@invoke/core';
import { definitionText, epochMs, EVERY_TENANT } from '@invoke/core/domain';
import { createCheckedFetch, type BuiltinHandler } from '@invoke/mcp-client';

export interface BuiltinTools {
  readonly definitions: readonly ToolDefinition[];
  readonly handlers: ReadonlyMap<string, BuiltinHandler>;
  close(): Promise<void>;
}

/** The tools that every gateway has: fetch.url, which only ever reaches public addresses, and a sandbox that reaches none. */
export function builtinTools(): BuiltinTools {
  const checked = createCheckedFetch({ allowLoopback: false });
  const tools: readonly (readonly [string, CapabilityCard, BuiltinHandler])[] = [
    [FETCH_URL, fetchUrlCard, createFetchUrl({ fetchChecked: checked.fetch })],
    [SANDBOX_CHARGE, sandboxChargeCard, sandboxCharge],
    [SANDBOX_LOOKUP, sandboxLookupCard, sandboxLookup],
  ];
  return {
    definitions: tools.map(([name, card]) => toDefinition(name, card)),
    handlers: new Map(tools.map(([name, , handler]) => [name, handler])),
    close: () => checked.close(),
  };
}

function toDefinition(name: string, card: CapabilityCard): ToolDefinition {
  const unversioned = {
    id: name,
    key: `builtin.${name}`,
    name,
    tenant: EVERY_TENANT,
    provider: { id: 'builtin', slug: 'builtin' },
    card,
    binding: { kind: 'builtin', handler: name },
    riskLevel: 'low',
    approvalRequired: false,
  } as const;
  const version = createSystemDigest('').sha256(definitionText(unversioned));
  return { ...unversioned, version, updatedAt: epochMs(0) };
}
