import fc from 'fast-check';
import type { Around, Fault, Plan } from './plan.js';
import { LATEST_EFFECT_MS } from './tools.js';
import { STORE } from './wall-clocks.js';

const HOUR_MS = 3_600_000;
const GATEWAY = fc.integer({ min: 0, max: 2 });
/** By a little, or by an hour. */
const OFF = fc.oneof(
  fc.constant(0),
  fc.integer({ min: -2_000, max: 2_000 }),
  fc.constantFrom(-HOUR_MS, HOUR_MS),
);

/** Calm is as likely as not, so that failures shrink to what matters. */
function perhaps<T>(arbitrary: fc.Arbitrary<T>, calm: T): fc.Arbitrary<T> {
  return fc.oneof(fc.constant(calm), arbitrary);
}

export const ARBITRARY_AROUND: fc.Arbitrary<Around> = fc.record({
  skewsMs: perhaps<readonly number[]>(fc.array(OFF, { maxLength: 3 }), []),
  lagMs: perhaps(fc.integer({ min: 1, max: 400 }), 0),
  events: perhaps<Around['events']>(
    fc.array(
      fc.record({
        afterMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2_500 })),
        gateway: GATEWAY,
        copies: fc.integer({ min: 0, max: 3 }),
        contradicts: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    [],
  ),
  people: fc.record({
    approval: fc.constantFrom('yes', 'yes', 'no', 'yes_and_no'),
    review: fc.constantFrom('nobody', 'says', 'retries', 'both'),
    expiresMs: perhaps<number | null>(fc.integer({ min: 200, max: 2_500 }), null),
  }),
  budget: perhaps<number | null>(fc.integer({ min: 1, max: 6 }), null),
  backoffMs: perhaps(fc.constantFrom(1_200, 2_500), 50),
  entities: fc.boolean(),
  driftMs: perhaps<number | null>(fc.integer({ min: 250, max: 1_200 }), null),
});

/** What goes wrong with clocks, and what happens to what has ended. The store steps by less back than people wait for. */
export const ARBITRARY_FAULT_AROUND: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant('clock'),
    atMs: fc.integer({ min: 0, max: 4_000 }),
    whose: GATEWAY,
    byMs: OFF,
  }),
  fc.record({
    kind: fc.constant('clock'),
    atMs: fc.integer({ min: 0, max: 4_000 }),
    whose: fc.constant(STORE),
    byMs: fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.constant(HOUR_MS)),
  }),
  fc.record({ kind: fc.constant('prune'), atMs: fc.integer({ min: 500, max: 6_000 }) }),
);

/** What a card promises is kept: a read that lags counts into the time by which an effect has to be seen. */
export function withAround(plan: Plan, around: Around): Plan {
  const latest = LATEST_EFFECT_MS - around.lagMs;
  const requests = plan.requests.map((fate) =>
    fate.effectMs === null ? fate : { ...fate, effectMs: Math.min(fate.effectMs, latest) },
  );
  return { ...plan, requests, around };
}
