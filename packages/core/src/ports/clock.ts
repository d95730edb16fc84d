import type { DurationMs, EpochMs } from '../domain/time.js';

/** Time, injected: tests and simulations drive it. */
export interface Clock {
  /** The wall clock; may step. */
  now(): EpochMs;
  /** Never steps, never goes back; only differences mean something. Milliseconds. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: DurationMs | number, signal?: AbortSignal): Promise<void>;
}
