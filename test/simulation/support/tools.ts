import { CapabilityCard, type CapabilityCardInput } from '@invoke/contract';
import type { ToolDefinition } from '@invoke/core';
import { epochMs } from '@invoke/core/domain';
import type { ToolName } from './plan.js';

export const TIMEOUT_MS = 300;
export const SETTLE_MS = 500;
export const LEASE_MS = 900;
/** What a card promises for its tool: a request takes effect before its timeout and its settle time are over. */
export const LATEST_EFFECT_MS = TIMEOUT_MS + SETTLE_MS - 1;
export const MOST_ATTEMPTS = 3;

export const LOOKUP_TOOL = 'lookup.state';
export const FALLBACK_TOOL = 'fallback';

const COMMON = {
  input_schema: {},
  timeout_ms: TIMEOUT_MS,
  retry: { max_attempts: MOST_ATTEMPTS, backoff_ms: 50, safe: true },
} as const;

const CARDS: readonly (CapabilityCardInput & {
  name: ToolName | typeof LOOKUP_TOOL | typeof FALLBACK_TOOL;
})[] = [
  { name: 'read', effect: 'read', ...COMMON },
  { name: 'keyed', idempotency: { header: 'Idempotency-Key' }, ...COMMON },
  {
    name: 'lookup',
    reconcile: {
      state_refetch: { tool: LOOKUP_TOOL, params: { key: '${idempotency_key}' } },
      conditions: { done: true },
      settle_ms: SETTLE_MS,
      min_absent_reads: 1,
      max_reads: 6,
    },
    ...COMMON,
  },
  { name: 'blind', ...COMMON },
  { name: FALLBACK_TOOL, ...COMMON },
  { name: LOOKUP_TOOL, effect: 'read', input_schema: {}, timeout_ms: 100 },
];

/** @param settleMs how long after its timeout a call of the tool that can be looked up may take effect, as its card says */
export function toolDefinitions(settleMs: number): readonly ToolDefinition[] {
  return CARDS.map((card) =>
    toDefinition(
      card.reconcile === undefined
        ? card
        : { ...card, reconcile: { ...card.reconcile, settle_ms: settleMs } },
    ),
  );
}

function toDefinition(card: CapabilityCardInput): ToolDefinition {
  return {
    id: card.name,
    key: `simulated.${card.name}`,
    name: card.name,
    tenant: '*',
    provider: { id: 'simulated', slug: 'simulated' },
    version: `v1 of ${card.name}`,
    card: CapabilityCard.parse(card),
    binding: { kind: 'builtin', handler: card.name },
    riskLevel: 'medium',
    approvalRequired: false,
    updatedAt: epochMs(0),
  };
}
