import { CapabilityCard, type CapabilityCardInput } from '@invoke/contract';
import type { ToolDefinition } from '@invoke/core';
import { DEFAULT_TENANT, epochMs, type ProviderRecord } from '@invoke/core/domain';
import type { Around, ToolName } from './plan.js';

export const TIMEOUT_MS = 300;
export const SETTLE_MS = 500;
export const LEASE_MS = 900;
/** What a card promises for its tool: a request takes effect before its timeout and its settle time are over. */
export const LATEST_EFFECT_MS = TIMEOUT_MS + SETTLE_MS - 1;
export const MOST_ATTEMPTS = 3;

export const LOOKUP_TOOL = 'lookup.state';
export const FALLBACK_TOOL = 'fallback';
/** Tells the state of the world that approvals are about. */
export const LEVEL_TOOL = 'level.state';

const COMMON = {
  input_schema: {},
  timeout_ms: TIMEOUT_MS,
  retry: { max_attempts: MOST_ATTEMPTS, safe: true },
} as const;

const CARDS: readonly (CapabilityCardInput & {
  name: ToolName | typeof LOOKUP_TOOL | typeof FALLBACK_TOOL | typeof LEVEL_TOOL;
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
  { name: LEVEL_TOOL, effect: 'read', input_schema: {}, timeout_ms: 100 },
];

/** How the cards speak of what the provider tells. */
const SETTLEMENT = {
  reference: '/reference',
  applied: { status: 'done' },
  not_applied: { status: 'not_done' },
} as const;

/** @param settleMs how long after its timeout a call of the tool that can be looked up may take effect, as its card says */
export function toolDefinitions(
  settleMs: number,
  { events, entities, backoffMs }: Pick<Around, 'events' | 'entities' | 'backoffMs'>,
): readonly ToolDefinition[] {
  return CARDS.map((card) =>
    toDefinition({
      ...card,
      ...(card.retry === undefined ? {} : { retry: { ...card.retry, backoff_ms: backoffMs } }),
      ...(card.reconcile === undefined ? {} : { reconcile: { ...card.reconcile, settle_ms: settleMs } }),
      ...(card.effect === 'read' || events.length === 0 ? {} : { settlement: SETTLEMENT }),
      ...(card.effect === 'read' || !entities ? {} : { entities: [{ field: '/entity' }] }),
    }),
  );
}

/** The provider of all of them, as it signs its events. */
export const PROVIDER: ProviderRecord = {
  id: 'simulated',
  tenant: DEFAULT_TENANT,
  slug: 'simulated',
  name: 'Simulated',
  ownerEmail: null,
  webhookSecret: null,
  createdAt: epochMs(0),
  updatedAt: epochMs(0),
};

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
