import type { CountingTools } from './counting-tools.js';

/** The world behind `ledger.charge`: not idempotent, and the only judge of what has happened. */
export interface Ledger {
  /** The orders that were charged; one that was charged twice is there twice. */
  readonly charged: readonly string[];
  charge(orderId: unknown): void;
}

/** Has `ledger.charge` charge and `ledger.find` look; a test may put something else in front of either. */
export function openLedger(tools: CountingTools): Ledger {
  const charged: string[] = [];
  const charge = (orderId: unknown) => void charged.push(String(orderId));
  tools.answer('ledger.charge', ({ params }) => {
    charge(params['order_id']);
    return { status: 200, body: { ok: true } };
  });
  tools.answer('ledger.find', ({ params }) => ({
    status: 200,
    body: { found: charged.includes(String(params['order_id'])) },
  }));
  return { charged, charge };
}
