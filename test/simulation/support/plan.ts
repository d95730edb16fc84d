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
 * `at`: at a time. `stop`: it is told to stop, as before a deploy, and started again. `cut`: no statement of the gateway reaches the store; `deaf`: they do, and no answer comes back.
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
      readonly how: 'kill' | 'stop' | 'pause' | 'cut' | 'deaf';
      readonly ms: number;
    };
