import { NOTHING_AROUND, type Plan, type RequestFate } from './support/plan.js';
import { LATEST_EFFECT_MS, TIMEOUT_MS } from './support/tools.js';

/** What the simulation once found, as the smallest plans that showed it. None of them may ever show it again. */
export interface Finding {
  readonly id: string;
  readonly what: string;
  readonly plans: readonly { readonly name: string; readonly plan: Plan }[];
}

const CALL = { key: 'k1', tool: 'blind', atMs: 0, gateway: 0, approval: false, fallback: false } as const;
const QUIET: Plan = { seed: 1, gateways: 2, calls: [CALL], requests: [], reads: [], faults: [] };
const LOST_AFTER: RequestFate = { connectMs: 0, refused: false, effectMs: 5, reply: 'lost', replyMs: 10 };
const LOST_BEFORE: RequestFate = { ...LOST_AFTER, effectMs: null };
const REFUSED: RequestFate = { ...LOST_BEFORE, refused: true };
const REJECTED: RequestFate = { ...LOST_BEFORE, reply: 'status_400' };
const OK: RequestFate = { ...LOST_AFTER, reply: 'ok' };

const LOST_ANSWER = { kind: 'write', how: 'lost_commit', ms: 0 } as const;

/** A gateway that sleeps, and is called as it wakes up. */
function wakesWithCall({ ms, afterMs }: { readonly ms: number; readonly afterMs: number }): Plan {
  return {
    ...QUIET,
    calls: [{ ...CALL, atMs: ms + afterMs }],
    faults: [{ kind: 'at', atMs: 0, gateway: 0, how: 'pause', ms }],
  };
}

const abandoned: Finding = {
  id: 'abandoned-by-a-living-owner',
  what: 'A gateway let go of an execution whose row went on naming it as the owner, and lived: nobody ever drove it on.',
  plans: [
    { name: 'the answer to the claim was lost', plan: { ...QUIET, faults: [{ ...LOST_ANSWER, n: 1 }] } },
    {
      name: 'the answer to a transition was lost',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'lookup' }],
        requests: [LOST_AFTER],
        faults: [{ ...LOST_ANSWER, n: 2 }],
      },
    },
    {
      name: 'the answer to the yes was lost',
      plan: { ...QUIET, calls: [{ ...CALL, approval: true }], faults: [{ ...LOST_ANSWER, n: 2 }] },
    },
    {
      name: 'the answer to the taking-over was lost',
      plan: {
        ...QUIET,
        faults: [
          { kind: 'write', n: 1, how: 'crash_after', ms: 3_000 },
          { ...LOST_ANSWER, n: 2 },
        ],
      },
    },
    {
      name: 'a call between waking up and renewing the lease in time: fenced and let go, under the same owner',
      plan: { ...wakesWithCall({ ms: 700, afterMs: 2 }), seed: 35 },
    },
    {
      name: 'a call between losing the lease and living on under a new one: let go, under the new owner',
      plan: { ...wakesWithCall({ ms: 1_400, afterMs: 6 }), seed: 1 },
    },
  ],
};

const proofOfTheLast: Finding = {
  id: 'proof-of-the-last-attempt',
  what: 'The keyed tool: what was known of the last attempt was taken for all of them, though an earlier one was unknown.',
  plans: [
    {
      name: 'unknown, then refused connections: failed',
      plan: { ...QUIET, calls: [{ ...CALL, tool: 'keyed' }], requests: [LOST_AFTER, REFUSED] },
    },
    {
      name: 'unknown, then a refusal: failed',
      plan: { ...QUIET, calls: [{ ...CALL, tool: 'keyed' }], requests: [LOST_AFTER, REJECTED] },
    },
    {
      name: 'unknown, then a refusal that comes after its time: failed',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'keyed' }],
        requests: [LOST_AFTER, { ...REJECTED, replyMs: TIMEOUT_MS + 400 }],
      },
    },
    {
      name: 'unknown, then a refusal: the fallback is called',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'keyed', fallback: true }],
        requests: [LOST_AFTER, REJECTED, OK],
      },
    },
  ],
};

const settleFromTheStart: Finding = {
  id: 'settle-time-from-before-the-write',
  what: 'The settle time was counted from before the attempt was written, and its request left later.',
  plans: [
    {
      name: 'the second attempt waits for its write, and takes effect within timeout and settle time of its request',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'lookup' }],
        requests: [
          LOST_BEFORE,
          { ...LOST_AFTER, effectMs: LATEST_EFFECT_MS },
          { ...LOST_AFTER, effectMs: 5 },
        ],
        faults: [{ kind: 'write', n: 4, how: 'pause_after', ms: 280 }],
      },
    },
  ],
};

const lateYes: Finding = {
  id: 'approved-after-its-time',
  what: 'Whether a yes came in time was asked of the clock of the gateway, before the yes was written.',
  plans: [
    {
      name: 'the yes is written a few milliseconds after the approval has expired',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'read', approval: true }],
        around: { ...NOTHING_AROUND, people: { approval: 'yes', review: 'nobody', expiresMs: 200 } },
      },
    },
    {
      name: 'by the clock of every gateway there is an hour left',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, approval: true }],
        around: {
          ...NOTHING_AROUND,
          skewsMs: [-3_600_000, -3_600_000],
          people: { approval: 'yes', review: 'nobody', expiresMs: 100 },
        },
      },
    },
  ],
};

const TOLD_AT_ONCE = { afterMs: 0, gateway: 0, copies: 1, contradicts: false } as const;
const NEVER_TOLD = { ...TOLD_AT_ONCE, copies: 0 } as const;

const eventOfTheOther: Finding = {
  id: 'event-of-the-other-tool',
  what: 'An event that was kept was taken to speak of the tool that was under way when it came, by clocks of two gateways.',
  plans: [
    {
      name: 'the tool that was meant did nothing, its fallback did, and the first is told meanwhile: failed',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, fallback: true }],
        requests: [
          { ...REJECTED, connectMs: 1, replyMs: 1 },
          { ...LOST_AFTER, effectMs: 1, reply: 'status_500', replyMs: 1 },
        ],
        around: { ...NOTHING_AROUND, events: [TOLD_AT_ONCE, NEVER_TOLD] },
      },
    },
    {
      name: 'the same with three requests of the first tool, and a clock that steps back: failed',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'keyed', fallback: true }],
        requests: [
          { connectMs: 1, refused: false, effectMs: null, reply: 'lost', replyMs: 23 },
          { connectMs: 287, refused: false, effectMs: null, reply: 'lost', replyMs: 1 },
          REFUSED,
          { connectMs: 0, refused: false, effectMs: 1, reply: 'status_500', replyMs: 1 },
        ],
        faults: [{ kind: 'clock', atMs: 0, whose: 0, byMs: -436 }],
        around: {
          ...NOTHING_AROUND,
          budget: 1,
          entities: true,
          events: [{ afterMs: 10, gateway: 1, copies: 2, contradicts: false }, NEVER_TOLD],
        },
      },
    },
  ],
};

const waitByAnotherClock: Finding = {
  id: 'wait-by-another-clock',
  what: 'Whoever took over an execution waited for a time that was written by the clock of another gateway.',
  plans: [
    {
      name: 'the clock of the gateway that is gone was an hour ahead: nobody tried again for an hour',
      plan: {
        ...QUIET,
        requests: [{ ...REJECTED, reply: 'status_429' }, OK],
        faults: [{ kind: 'write', n: 2, how: 'crash_after', ms: 2_000 }],
        around: { ...NOTHING_AROUND, skewsMs: [3_600_000], backoffMs: 2_500 },
      },
    },
  ],
};

const foundOutWhileWaiting: Finding = {
  id: 'found-out-while-waiting',
  what: 'An execution that waited for another attempt was taken over, and an event said that it had taken effect: a bug was logged, and people were asked.',
  plans: [
    {
      name: 'the keyed tool, and three gateways of which two go',
      plan: {
        seed: 1,
        gateways: 3,
        calls: [
          { ...CALL, tool: 'keyed', atMs: 143 },
          { ...CALL, tool: 'read', atMs: 605, key: 'k2' },
          { ...CALL, tool: 'read', atMs: 472, key: 'k3' },
        ],
        requests: [{ ...LOST_AFTER, effectMs: 753, reply: 'status_500', replyMs: 1 }],
        reads: [{ reply: 'ok', replyMs: 105 }],
        faults: [
          { kind: 'write', n: 5, how: 'crash_before', ms: 110 },
          { kind: 'at', atMs: 1_851, gateway: 0, how: 'full', ms: 778 },
          { kind: 'at', atMs: 1_680, gateway: 1, how: 'stop', ms: 1_271 },
        ],
        around: {
          ...NOTHING_AROUND,
          lagMs: 1,
          events: [{ afterMs: 1_606, gateway: 0, copies: 2, contradicts: false }, NEVER_TOLD],
          people: { approval: 'yes', review: 'nobody', expiresMs: 200 },
          backoffMs: 2_500,
        },
      },
    },
  ],
};

export const FOUND_BEFORE: readonly Finding[] = [
  abandoned,
  proofOfTheLast,
  settleFromTheStart,
  lateYes,
  eventOfTheOther,
  waitByAnotherClock,
  foundOutWhileWaiting,
];
