import type { Store } from '@invoke/core/ports';
import { createManualClock, type ManualClock } from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';
import type { Ablation } from './ablation.js';
import { createFaults, type Faults } from './faults.js';
import { createFleet, type Fleet } from './fleet.js';
import { createOutsideWorld, type OutsideWorld } from './outside-world.js';
import { NOTHING_AROUND, type Plan } from './plan.js';
import { createRandom } from '../../support/random.js';
import { createWallClocks, STORE, type WallClocks } from './wall-clocks.js';
import { createWitness, type Witness } from './witness.js';

/** Gateways, a store and tools, all in one process and on one clock that only the simulation moves. */
export interface World {
  readonly clock: ManualClock;
  readonly clocks: WallClocks;
  /** As the gateways share it; nothing goes wrong on this way to it. */
  readonly store: Store;
  readonly outside: OutsideWorld;
  readonly fleet: Fleet;
  readonly faults: Faults;
  readonly witness: Witness;
  start(): Promise<void>;
  /** Ends all faults: what sleeps wakes up, what is dead starts again, and nothing goes wrong any more. */
  heal(): Promise<void>;
}

/** Enough for a start that nothing disturbs. */
export const START_MS = 200;
/** Nothing stays away for longer. */
const LONGEST_RESTART_MS = 3_000;

export function createWorld(plan: Plan, ablation: Ablation = {}): World {
  let statements = 0;
  const clock = createManualClock(undefined, async () => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (statements > 0);
  });
  const clocks = createWallClocks(clock, plan.around ?? NOTHING_AROUND);
  const memory = createMemoryStore({ clock: clocks.of(STORE) });
  const store = ablation.wrapStore?.(memory) ?? memory;
  const witness = createWitness();
  const outside = createOutsideWorld({ plan, clock, nextOrder: witness.nextOrder });
  const faults = createFaults(plan, clock);
  const random = createRandom(plan.seed);
  const fleet = createFleet({
    plan,
    ablation,
    clock,
    clocks,
    random,
    store,
    outside,
    faults,
    witness,
    async busy(statement) {
      statements += 1;
      try {
        return await statement();
      } finally {
        statements -= 1;
      }
    },
  });
  return {
    clock,
    clocks,
    store,
    outside,
    fleet,
    faults,
    witness,
    async start() {
      await Promise.all([fleet.start(), clock.advance(START_MS)]);
      for (const fault of plan.faults) fleet.expect(fault);
    },
    async heal() {
      faults.heal();
      fleet.wakeAll();
      await clock.advance(LONGEST_RESTART_MS);
    },
  };
}
