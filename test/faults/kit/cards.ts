import type { CapabilityCardInput } from '@invoke/contract';

/** Times of the tools, in milliseconds. */
export const TIMEOUT_MS = 300;
export const SETTLE_MS = 1_200;
export const MOST_ATTEMPTS = 3;

/** The tools of the ledger. `ref` is the caller's own name for what is to be done once. */
export const TOOLS = [
  /** R. */
  'read',
  /** A: honours our key. */
  'keyed',
  /** B: can be looked up by the reference that the gateway puts into its params. */
  'lookup',
  /** C: neither. */
  'blind',
  /** B, with `backup` to be called where it certainly did nothing. */
  'primary',
  /** C. */
  'backup',
  /** B, and a human has to say yes first. */
  'approved',
  /** What was done under a reference; for lookups. */
  'find',
] as const;
export type ToolName = (typeof TOOLS)[number];

const TEXT = { type: 'string' };
const REF = { type: 'object', properties: { ref: TEXT }, required: ['ref'] };

export interface RegisteredTool {
  readonly card: CapabilityCardInput & { readonly name: ToolName };
  readonly method: 'GET' | 'POST';
  readonly approvalRequired: boolean;
}

/**
 * @param settleMs how long after its timeout a call may take effect, as the cards say it; the world itself does not change
 * @param timeoutMs how long a tool has to answer
 */
export function toolsOf(
  settleMs: number = SETTLE_MS,
  timeoutMs: number = TIMEOUT_MS,
): readonly RegisteredTool[] {
  const common = {
    input_schema: REF,
    timeout_ms: timeoutMs,
    retry: { max_attempts: MOST_ATTEMPTS, backoff_ms: 50, safe: true },
  };
  const byReference = {
    ...common,
    reference_field: 'reference',
    reconcile: {
      state_refetch: { tool: 'find', params: { reference: '${reference}' } },
      conditions: { done: true },
      settle_ms: settleMs,
      min_absent_reads: settleMs === 0 ? 1 : 2,
      max_reads: 12,
    },
  };
  const cards: readonly (CapabilityCardInput & { name: ToolName })[] = [
    { ...common, name: 'read', effect: 'read' },
    { ...common, name: 'keyed', idempotency: { header: 'Idempotency-Key' } },
    { ...byReference, name: 'lookup' },
    { ...common, name: 'blind' },
    { ...byReference, name: 'primary' },
    { ...common, name: 'backup' },
    { ...byReference, name: 'approved' },
    { name: 'find', effect: 'read', timeout_ms: timeoutMs, input_schema: { type: 'object' } },
  ];
  return cards.map((card) => ({
    card,
    method: card.effect === 'read' ? 'GET' : 'POST',
    approvalRequired: card.name === 'approved',
  }));
}
