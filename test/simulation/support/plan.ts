/** Everything that happens to a simulated world from outside; with the seed, it determines a run to the last detail. */
export interface Plan {
  /** Of delays and jitter; 0: none are drawn, every step takes one millisecond. */
  readonly seed: number;
  readonly gateways: number;
  readonly calls: readonly PlannedCall[];
  /** What becomes of requests to tools that write, in the order in which they are made; the last one is repeated. */
  readonly requests: readonly RequestFate[];
  /** What becomes of reads, likewise. */
  readonly reads: readonly ReadFate[];
  readonly faults: readonly Fault[];
  /** What else there is in this world; nothing where it is left out. */
  readonly around?: Around;
}

/** Clocks that differ, providers that tell, people that decide, budgets, entities. */
export interface Around {
  /** By how much the wall clock of each gateway is off; that of the store is right at first. */
  readonly skewsMs: readonly number[];
  /** Reads show the world as it was so long ago (a replica that lags). */
  readonly lagMs: number;
  /** What the provider tells of requests, in their order; the last one is repeated. Where there are none, it tells nothing. */
  readonly events: readonly EventFate[];
  readonly people: People;
  /** How many calls may be spent; null: no budget. */
  readonly budget: number | null;
  /** How long tools ask to be left alone before another attempt. From a second on, that wait is recorded. */
  readonly backoffMs: number;
  /** Calls act on one of two entities. */
  readonly entities: boolean;
  /** Approvals hold for a state of the world that ends at this time; null: they ask for none. */
  readonly driftMs: number | null;
}

export const NOTHING_AROUND: Around = {
  skewsMs: [],
  lagMs: 0,
  events: [],
  people: { approval: 'yes', review: 'nobody', expiresMs: null },
  budget: null,
  backoffMs: 50,
  entities: false,
  driftMs: null,
};

/** The provider says of a request whether it took effect: truly, once that is certain, but late, more than once, anywhere. */
export interface EventFate {
  readonly afterMs: number;
  readonly gateway: number;
  readonly copies: number;
  /** Says the opposite as well, once nothing can come of it: when it is recorded how the call has ended. */
  readonly contradicts: boolean;
}

/** `yes_and_no`: two people decide at the same instant. Whoever reviews looks at what the tool did, when all is quiet. */
export interface People {
  readonly approval: 'yes' | 'no' | 'yes_and_no';
  readonly review: 'nobody' | 'says' | 'retries' | 'both';
  /** When approvals expire, from the beginning; null: never, as far as this world goes. */
  readonly expiresMs: number | null;
}

export const TOOLS = ['read', 'keyed', 'lookup', 'blind'] as const;
export type ToolName = (typeof TOOLS)[number];

export interface PlannedCall {
  /** The idempotency key; calls with the same key are the same call. */
  readonly key: string;
  readonly tool: ToolName;
  readonly atMs: number;
  /** The gateway that is asked. */
  readonly gateway: number;
  /** A human has to say yes first. */
  readonly approval: boolean;
  /** Another tool may be called once where this one certainly did nothing. */
  readonly fallback: boolean;
}

export interface RequestFate {
  /** How long it takes until a byte can be written. */
  readonly connectMs: number;
  /** Whether a connection comes about at all. */
  readonly refused: boolean;
  /** When the tool does it, counted from when the attempt began; null: never. At most LATEST_EFFECT_MS. */
  readonly effectMs: number | null;
  /** What the gateway gets to see, `replyMs` after the bytes were written. */
  readonly reply: 'ok' | 'lost' | 'status_500' | 'status_400' | 'status_429' | 'nothing';
  readonly replyMs: number;
}

export interface ReadFate {
  readonly reply: 'ok' | 'lost' | 'status_500' | 'nothing';
  readonly replyMs: number;
}

/**
 * `write`: at the nth write (from 1) of executions, approvals or takings-over, counted over all gateways. `lost_commit`: it
 * is committed, and the gateway is told that the store is unavailable; `refused`: told the same, and nothing is written.
 * `send`: at the nth request to a tool that writes, before the gateway asks whether it still may (`before_check`), or between
 * that and the bytes (`after_check`, which nothing but the tool itself can guard against).
 * `clock`: the wall clock of a gateway, or of the store (-1), steps. `prune`: what has ended is pruned.
 * `at`: at a time. `stop`: it is told to stop, as before a deploy, and started again. `cut`: no statement of the gateway reaches the store; `deaf`: they do, and no answer comes back; `full`: the disk of the store, for all gateways: it takes no
 * writes.
 */
export type Fault =
  | {
      readonly kind: 'write';
      readonly n: number;
      readonly how: 'crash_before' | 'crash_after' | 'lost_commit' | 'refused' | 'pause_after';
      readonly ms: number;
    }
  | {
      readonly kind: 'send';
      readonly n: number;
      readonly how: 'before_check' | 'after_check' | 'crash_after';
      readonly ms: number;
    }
  | {
      readonly kind: 'at';
      readonly atMs: number;
      readonly gateway: number;
      readonly how: 'kill' | 'stop' | 'pause' | 'cut' | 'deaf' | 'full';
      readonly ms: number;
    }
  | { readonly kind: 'clock'; readonly atMs: number; readonly whose: number; readonly byMs: number }
  | { readonly kind: 'prune'; readonly atMs: number };
