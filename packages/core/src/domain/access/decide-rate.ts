/** So many at once, and as many again spread evenly over each minute. */
export interface Rate {
  readonly perMinute: number;
}

export type RateDecision =
  { readonly kind: 'take'; readonly paidUntil: number } | { readonly kind: 'wait'; readonly waitMs: number };

const MINUTE_MS = 60_000;

/**
 * Whether one more is within a rate (GCRA, the "virtual scheduling" of ITU-T I.371: a bucket of one number). Each that is taken
 * pays for a 60,000 / perMinute ms more; who has paid for a minute ahead has to wait.
 *
 * @param paidUntil what `take` gave the last time; 0 at first. Milliseconds of the same monotonic clock as `now`.
 */
export function decideRate(paidUntil: number, now: number, { perMinute }: Rate): RateDecision {
  const price = MINUTE_MS / perMinute;
  const next = Math.max(paidUntil, now) + price;
  const waitMs = next - now - MINUTE_MS;
  // Sums of fractions may be a hair more than the minute that they make up.
  return waitMs > 0.001 ? { kind: 'wait', waitMs } : { kind: 'take', paidUntil: next };
}
