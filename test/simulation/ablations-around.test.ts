import { describe, expect, test } from 'vitest';
import type { Ablation } from './support/ablation.js';
import {
  DECIDED_TWICE,
  EVENT_OF_THE_LAST,
  frozenLevel,
  LEFT_OPEN,
  NEVER_LEFT,
  NEVER_RELEASED,
  NO_SETTLE_AND_LAG,
  NO_TOMBSTONES,
  NOT_HELD,
  OVERDRAWN,
  RELEASED_TWICE,
  TIME_BY_THE_WALL,
  WRITES_BELIEVED,
  YES_BY_OUR_CLOCK,
} from './support/ablations-around.js';
import type { PlanOptions } from './support/arbitrary-plan.js';
import { findPlan, MOST_PLANS } from './support/find-plan.js';
import { findViolations } from './support/find-violations.js';
import { runPlan } from './support/run-plan.js';

/* As ablations.test.ts, for what there is around calls, gateways and a store. */

interface Cell {
  readonly name: string;
  readonly ablation: Ablation;
  readonly options?: PlanOptions;
  /** What the judge says of it. */
  readonly seen: RegExp;
}

/** No tool is asked between the check and the bytes, which has a test of its own. */
const SEND_FAULTS = { sendFaults: ['before_check', 'crash_after'] } as const;

const CELLS: readonly Cell[] = [
  {
    name: 'no settle time, and reads that lag',
    ablation: NO_SETTLE_AND_LAG,
    options: { tools: ['lookup'] },
    seen: /^doubled: k\d took effect \d times \(lookup, lookup/,
  },
  {
    name: 'time is read from the wall clock',
    ablation: TIME_BY_THE_WALL,
    options: { tools: ['lookup'] },
    seen: /^doubled: k\d took effect \d times \(lookup, lookup/,
  },
  { name: 'an event speaks of the last attempt', ablation: EVENT_OF_THE_LAST, seen: /^false failed: / },
  { name: 'what was kept is left to the gateway that dies', ablation: LEFT_OPEN, seen: /^not judged: / },
  { name: 'what has ended counts as under way', ablation: NEVER_LEFT, seen: /^never left: / },
  { name: 'a decision is made twice', ablation: DECIDED_TWICE, seen: /^(changed|not approved): / },
  { name: 'a yes counts by our own clock', ablation: YES_BY_OUR_CLOCK, seen: /^approved too late: / },
  {
    name: 'the world is not looked at again',
    ablation: frozenLevel(),
    seen: /^approved for another world: /,
  },
  { name: 'charges are given back twice', ablation: RELEASED_TWICE, seen: /^given back twice: / },
  { name: 'charges are never given back', ablation: NEVER_RELEASED, seen: /^leaked: / },
  { name: 'budgets are overdrawn', ablation: OVERDRAWN, seen: /^overdrawn: / },
  {
    name: 'entities are not held',
    ablation: NOT_HELD,
    options: { tools: ['blind', 'lookup'] },
    seen: /^not held: /,
  },
  { name: 'no tombstones', ablation: NO_TOMBSTONES, seen: /^run again after pruning: / },
  {
    name: 'a full disk is not noticed',
    ablation: WRITES_BELIEVED,
    options: { timedFaults: ['full'], writeFaults: ['pause_after'] },
    seen: /^(unrecorded|lost): /,
  },
];

describe('without it, the same judge finds a breach, and with it, none', () => {
  test.each(CELLS)('$name', { timeout: 180_000 }, async ({ ablation, options, seen }) => {
    const plan = await findPlan({
      options: { around: true, ...SEND_FAULTS, ...options },
      toPlan: ablation.toPlan,
      run: (p) => runPlan(p, ablation),
      seen,
    });
    if (plan === null) throw new Error(`the judge saw nothing in ${MOST_PLANS} plans`);
    expect(findViolations(await runPlan(plan), plan)).toEqual([]);
  });
});
