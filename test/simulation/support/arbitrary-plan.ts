import fc from 'fast-check';
import { ARBITRARY_AROUND, ARBITRARY_FAULT_AROUND, withAround } from './arbitrary-around.js';
import { TOOLS, type Fault, type Plan, type PlannedCall, type ReadFate, type RequestFate } from './plan.js';
import { LATEST_EFFECT_MS, LEASE_MS, TIMEOUT_MS } from './tools.js';

/** What random plans are made of. */
export interface PlanOptions {
  readonly tools?: readonly PlannedCall['tool'][];
  /** Faults at writes; all of them where it is left out. */
  readonly writeFaults?: readonly (Fault & { kind: 'write' })['how'][];
  readonly sendFaults?: readonly (Fault & { kind: 'send' })['how'][];
  readonly timedFaults?: readonly (Fault & { kind: 'at' })['how'][];
  /** Whether there is more in the world than calls, gateways and a store: half of the time where it is left out. */
  readonly around?: boolean;
}

/** Any plan that keeps what cards and operators promise: no effect comes later than the card says, and gateways come back. */
export function arbitraryPlan(options: PlanOptions = {}): fc.Arbitrary<Plan> {
  const plans = fc.record({
    seed: fc.integer({ min: 1, max: 0x7fffffff }),
    gateways: fc.integer({ min: 2, max: 3 }),
    calls: arbitraryCalls(options),
    requests: fc.array(ARBITRARY_REQUEST, { maxLength: 8 }),
    reads: fc.array(ARBITRARY_READ, { maxLength: 8 }),
    faults: fc.array(arbitraryFault(options), { maxLength: 5 }),
  });
  if (options.around === false) return plans;
  const moreFaults = fc.array(ARBITRARY_FAULT_AROUND, { maxLength: 3 });
  const crowded = fc
    .tuple(plans, moreFaults, ARBITRARY_AROUND)
    .map(([plan, more, around]) => withAround({ ...plan, faults: [...plan.faults, ...more] }, around));
  return options.around === true ? crowded : fc.oneof(plans, crowded);
}

/** Some callers are alone with their key; some come again, at once or later, to this gateway or another. */
function arbitraryCalls({ tools = TOOLS }: PlanOptions): fc.Arbitrary<readonly PlannedCall[]> {
  const call = fc.record({
    tool: fc.constantFrom(...tools),
    approval: fc.boolean(),
    fallback: fc.boolean(),
    atMs: LATE,
    gateway: GATEWAY,
    again: fc.array(fc.record({ afterMs: fc.oneof(SHORT, LATE), gateway: GATEWAY }), { maxLength: 2 }),
  });
  return fc.array(call, { minLength: 1, maxLength: 5 }).map((calls) =>
    calls.flatMap(({ again, ...first }, i) => {
      const one = { ...first, key: `k${i + 1}` };
      const repeated = again.map(({ afterMs, gateway }) => ({ ...one, gateway, atMs: one.atMs + afterMs }));
      return [one, ...repeated];
    }),
  );
}

const GATEWAY = fc.integer({ min: 0, max: 2 });
const SHORT = fc.integer({ min: 1, max: 40 });
const LATE = fc.integer({ min: 0, max: 1_500 });
const ARBITRARY_MS = fc.oneof(SHORT, fc.integer({ min: 1, max: LATEST_EFFECT_MS }));
const ARBITRARY_CONNECT = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: TIMEOUT_MS + 100 }) },
);

const ARBITRARY_REQUEST: fc.Arbitrary<RequestFate> = fc.oneof(
  fc.record({
    connectMs: ARBITRARY_CONNECT,
    refused: fc.constant(false),
    effectMs: ARBITRARY_MS,
    reply: fc.constantFrom('ok', 'lost', 'status_500', 'nothing'),
    replyMs: ARBITRARY_MS,
  }),
  fc.record({
    connectMs: ARBITRARY_CONNECT,
    refused: fc.boolean(),
    effectMs: fc.constant(null),
    reply: fc.constantFrom('lost', 'status_500', 'status_400', 'status_429', 'nothing'),
    replyMs: ARBITRARY_MS,
  }),
);

const ARBITRARY_READ: fc.Arbitrary<ReadFate> = fc.record({
  reply: fc.oneof(
    { weight: 3, arbitrary: fc.constant('ok' as const) },
    { weight: 1, arbitrary: fc.constantFrom('lost', 'status_500', 'nothing') },
  ),
  replyMs: fc.integer({ min: 1, max: 120 }),
});

const SEND_FAULTS = ['before_check', 'after_check', 'crash_after'] as const;
const WRITE_FAULTS = ['crash_before', 'crash_after', 'lost_commit', 'refused', 'pause_after'] as const;
const TIMED_FAULTS = ['kill', 'stop', 'pause', 'cut', 'deaf', 'full'] as const;
/** Long enough to lose a lease, or nearly. */
const ARBITRARY_ABSENCE = fc.integer({ min: 50, max: 3 * LEASE_MS });

function arbitraryFault(options: PlanOptions): fc.Arbitrary<Fault> {
  const { writeFaults = WRITE_FAULTS, sendFaults = SEND_FAULTS, timedFaults = TIMED_FAULTS } = options;
  return fc.oneof(
    fc.record({
      kind: fc.constant('write'),
      n: fc.integer({ min: 1, max: 25 }),
      how: fc.constantFrom(...writeFaults),
      ms: ARBITRARY_ABSENCE,
    }),
    fc.record({
      kind: fc.constant('send'),
      n: fc.integer({ min: 1, max: 8 }),
      how: fc.constantFrom(...sendFaults),
      ms: ARBITRARY_ABSENCE,
    }),
    fc.record({
      kind: fc.constant('at'),
      atMs: fc.integer({ min: 0, max: 4_000 }),
      gateway: GATEWAY,
      how: fc.constantFrom(...timedFaults),
      ms: ARBITRARY_ABSENCE,
    }),
  );
}
