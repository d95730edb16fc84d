import type { CallerHistory } from '../kit/client.js';

export interface Outage {
  /** Between the last thing that worked before it and the first after it. */
  readonly ms: number;
  readonly endedAt: number;
}

/**
 * The longest time between two of these moments that lies around `from` or between `from` and `to`; one that begins in between and
 * lasts beyond `to` belongs to what happened then. Null: there is none after `from`.
 */
export function longestOutage(times: readonly number[], from: number, to: number): Outage | null {
  let longest: Outage | null = null;
  for (const [i, at] of times.entries()) {
    const before = times[i - 1];
    if (before === undefined || at <= from || (before > from && at > to)) continue;
    if (longest === null || at - before > longest.ms) longest = { ms: at - before, endedAt: at };
  }
  return longest;
}

/**
 * When callers were told how a call had ended, oldest first. That is recorded before it is told: what a gateway still knows by
 * heart when its database is gone (a call that goes on) does not count.
 */
export function outcomesTold(callers: readonly CallerHistory[]): readonly number[] {
  return callers
    .flatMap((c) => c.told)
    .filter((t) => t.final !== null)
    .map((t) => t.at)
    .toSorted((a, b) => a - b);
}
