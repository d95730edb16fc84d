import type { Tally } from '@invoke/core';
import type { Clock, Store, ToolInvoker } from '@invoke/core/ports';
import type { Plan } from './plan.js';

/** What is taken away from a world: by a wrapper around a port, or by a card. The engine is the real one. */
export interface Ablation {
  readonly settleMs?: number;
  /** The plan as it is changed for this, so that it shows. */
  readonly toPlan?: (plan: Plan) => Plan;
  readonly wrapClock?: (clock: Clock) => Clock;
  readonly wrapUnderWay?: (tally: Tally) => Tally;
  readonly wrapInvoker?: (invoker: ToolInvoker) => ToolInvoker;
  /** Around the store itself, which all gateways share. */
  readonly wrapStore?: (store: Store) => Store;
  /** Around a gateway's way to the store. */
  readonly wrapLine?: (store: Store, wait: (ms: number) => Promise<void>) => Store;
}
