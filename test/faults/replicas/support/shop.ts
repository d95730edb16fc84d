import type { CapabilityCardInput } from '@invoke/contract';
import { openCountingTools, type CountingTools } from '../../../attacks/support/counting-tools.js';
import type { Replica } from './replica.js';

const TIMES = { timeout_ms: 1_000, retry: { max_attempts: 3, backoff_ms: 50 } } as const;

/** One tool of each class that writes, and the lookup. */
const CARDS: readonly CapabilityCardInput[] = [
  { name: 'shop.keyed', input_schema: {}, idempotency: { header: 'Idempotency-Key' }, ...TIMES },
  { name: 'shop.look', effect: 'read', input_schema: {}, timeout_ms: 500 },
  {
    name: 'shop.charge',
    input_schema: {},
    reconcile: {
      state_refetch: { tool: 'shop.look', params: { order: '${params.order}' } },
      conditions: { charged: true },
      settle_ms: 200,
      min_absent_reads: 1,
      max_reads: 5,
    },
    ...TIMES,
  },
  { name: 'shop.blind', input_schema: {}, ...TIMES },
];

/** A shop that does what it is told as often as it is told, and counts it. */
export interface Shop extends AsyncDisposable {
  readonly tools: CountingTools;
  /** How often something was really done for this order. */
  effects(order: string): number;
  /** From now on, calls for this order take this long, in milliseconds. */
  slow(order: string, ms: number): void;
  registerAt(replica: Replica): Promise<void>;
}

export async function openShop(): Promise<Shop> {
  const tools = await openCountingTools();
  const done: string[] = [];
  const keys = new Set<string>();
  const delays = new Map<string, number>();
  const act =
    (keyed: boolean) => async (request: { params: Record<string, unknown>; key: string | undefined }) => {
      const order = String(request.params['order']);
      await new Promise((resolve) => setTimeout(resolve, delays.get(order) ?? 0));
      const known = keyed && request.key !== undefined && keys.has(request.key);
      if (!known) done.push(order);
      if (request.key !== undefined) keys.add(request.key);
      return { status: 200, body: { done: order } };
    };
  tools.answer('shop.keyed', act(true));
  tools.answer('shop.charge', act(false));
  tools.answer('shop.blind', act(false));
  tools.answer('shop.look', ({ params }) => ({
    status: 200,
    body: { charged: done.includes(String(params['order'])) },
  }));
  return {
    tools,
    effects: (order) => done.filter((o) => o === order).length,
    slow: (order, ms) => void delays.set(order, ms),
    async registerAt(replica) {
      await replica.ask('POST /v1/providers', { body: { name: 'Shop', slug: 'shop' } });
      for (const card of CARDS) {
        const http = { method: 'POST', url: `${tools.httpUrl}${card.name}` };
        const body = { name: card.name, http, capability_card: card };
        const { status, body: told } = await replica.ask('POST /v1/providers/shop/tools', { body });
        if (status >= 300) throw new Error(JSON.stringify(told));
      }
    },
    [Symbol.asyncDispose]: () => tools[Symbol.asyncDispose](),
  };
}
