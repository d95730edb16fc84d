import { CapabilityCard, type CallRequestInput, type CapabilityCardInput } from '@invoke/contract';
import {
  createEngine,
  createSystemDigest,
  createSystemIds,
  parseWith,
  type CallAnswer,
  type Engine,
  type EngineConfig,
  type ToolDefinition,
} from '@invoke/core';
import { createExpressionLanguage, createSchemaCompiler } from '@invoke/core/adapters';
import { epochMs, fullAccess, type Principal, type ProviderRecord } from '@invoke/core/domain';
import type { Log, MessageSender, Store } from '@invoke/core/ports';
import { CallRequest } from '@invoke/contract';
import {
  createManualClock,
  createScriptedInvoker,
  type ManualClock,
  type ScriptedInvoker,
} from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';

/** Tools of the tests, one per class. Times are short, so that literals in tests stay readable. */
const TIMES = { timeout_ms: 1_000, retry: { max_attempts: 3, backoff_ms: 100, safe: false } } as const;
export const CARDS: readonly CapabilityCardInput[] = [
  { name: 'look', effect: 'read', input_schema: {}, ...TIMES },
  { name: 'payments.lookup', effect: 'read', input_schema: {}, timeout_ms: 500 },
  { name: 'keyed', input_schema: {}, idempotency: { header: 'Idempotency-Key' }, ...TIMES },
  {
    name: 'charge',
    input_schema: {
      type: 'object',
      properties: { payment_id: { type: 'string' }, amount: { type: 'integer' } },
      required: ['payment_id'],
    },
    reconcile: {
      state_refetch: { tool: 'payments.lookup', params: { payment_id: '${params.payment_id}' } },
      conditions: { charged: true },
      settle_ms: 2_000,
      min_absent_reads: 2,
      max_reads: 5,
    },
    entities: [{ field: '/customer_id' }],
    ...TIMES,
  },
  { name: 'blind', input_schema: {}, ...TIMES },
  { name: 'fallback', input_schema: {}, ...TIMES },
];

export interface Harness {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly invoker: ScriptedInvoker;
  readonly store: Store;
  call(request: CallRequestInput, more?: { principal?: Principal; attachMs?: number }): Promise<CallAnswer>;
  /** Another gateway on the same store and the same clock, or on another way to that store. */
  another(config?: Partial<EngineConfig>, over?: Store): Promise<Engine>;
}

export interface HarnessOptions {
  /** Of the gateways and the tools; the store reads it too, unless it is wrapped in one that reads another. */
  readonly clock?: ManualClock;
  readonly config?: Partial<EngineConfig>;
  readonly wrapStore?: (store: Store) => Store;
  /** What keys may do now; without limits where it is left out. */
  readonly keyById?: (keyId: string) => Principal | null;
  /** More tools, or others of the same name. */
  readonly tools?: readonly ToolDefinition[];
  /** Carries messages to the outside; without it, none are written. */
  readonly sender?: MessageSender;
  /** Nobody reads it where it is left out. */
  readonly log?: Log;
}

export async function createHarness(options: HarnessOptions = {}): Promise<Harness> {
  const clock = options.clock ?? createManualClock();
  const invoker = createScriptedInvoker(clock);
  const memory = createMemoryStore({ clock });
  const store = options.wrapStore?.(memory) ?? memory;
  const make = async (config: Partial<EngineConfig> = {}, over: Store = store): Promise<Engine> => {
    const engine = createEngine(
      {
        store: over,
        invoker,
        clock,
        keyRing: { find: () => null, byId: options.keyById ?? ((keyId) => fullAccess(keyId)) },
        schemas: createSchemaCompiler(),
        language: createExpressionLanguage(),
        addresses: { check: () => ({ kind: 'ok' }) },
        ids: createSystemIds(),
        digest: createSystemDigest('secret of the tests'),
        random: () => 1,
        log: options.log ?? { info: () => undefined, warn: () => undefined, error: () => undefined },
      },
      {
        builtin: [...CARDS.map((card) => toDefinition(card)), ...(options.tools ?? [])],
        config,
        ...(options.sender === undefined ? {} : { sender: options.sender }),
      },
    );
    await engine.start();
    return engine;
  };
  const engine = await make(options.config);
  let requests = 0;
  return {
    engine,
    clock,
    invoker,
    store,
    another: make,
    call(request, { principal = fullAccess('key_1'), attachMs = 0 } = {}) {
      requests += 1;
      const parsed = parseWith(CallRequest, request);
      if (parsed.kind === 'refused') throw new Error(parsed.refusal.message);
      return engine.call({
        credential: { kind: 'principal', principal },
        request: parsed.value,
        requestId: `req_${requests}`,
        traceparent: null,
        attachMs,
      });
    },
  };
}

export function toDefinition(card: CapabilityCardInput, more: Partial<ToolDefinition> = {}): ToolDefinition {
  return {
    id: card.name,
    key: `test.${card.name}`,
    name: card.name,
    tenant: '*',
    provider: { id: 'test', slug: 'test' },
    version: `v1 of ${card.name}`,
    card: CapabilityCard.parse(card),
    binding: { kind: 'builtin', handler: card.name },
    riskLevel: 'medium',
    approvalRequired: false,
    updatedAt: epochMs(0),
    ...more,
  };
}

/** The answer in a few words: `completed`, `failed upstream_unavailable`, `refused entity_mismatch`, ... */
export function told(answer: CallAnswer): string {
  if (answer.kind === 'refused') return `refused ${answer.refusal.code}`;
  const { status, problem } = answer.outcome;
  return [status, problem?.code, answer.replayed ? 'replayed' : undefined]
    .filter((w) => w !== undefined)
    .join(' ');
}

/** The record behind an answer. */
export function recordOf(answer: CallAnswer) {
  if (answer.kind !== 'execution')
    throw new Error(`expected an execution, got ${answer.refusal.code}: ${answer.refusal.message}`);
  return answer.record;
}

/** What is written of the calls that became no execution, newest first. */
export async function tracesOf({ store }: Pick<Harness, 'store'>) {
  await store.traces.flush();
  return store.traces.list({
    tenant: 'default',
    limit: 10,
    before: null,
    tool: null,
    agentId: null,
    status: null,
    executionId: null,
  });
}

/** A provider whose events are taken without a signature: that is looked at by whoever hands them in. */
export const PROVIDER: ProviderRecord = {
  id: 'test',
  tenant: 'default',
  slug: 'test',
  name: 'Test',
  ownerEmail: null,
  webhookSecret: null,
  createdAt: epochMs(0),
  updatedAt: epochMs(0),
};
