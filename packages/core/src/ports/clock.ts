import type { DurationMs, EpochMs } from '../domain/time.js';

/** Time, injected: tests and simulations drive it. */
export interface Clock {
  /** The wall clock; may step. */
  now(): EpochMs;
  /** Never steps, never goes back; only differences mean something. Milliseconds. */
  monotonic(): number;
  /** Runs `task` once after `ms`, unless the returned function is called first. */
  schedule(ms: DurationMs | number, task: () => void): () => void;
}
