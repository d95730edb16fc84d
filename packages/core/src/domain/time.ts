/**
 * The only time arithmetic of the domain. Instants are milliseconds since 1970 (UTC), durations are milliseconds; both
 * are branded, because mixing units is the one mistake that three teams before us made in this field.
 */
declare const epoch: unique symbol;
declare const duration: unique symbol;

export type EpochMs = number & { readonly [epoch]: true };
export type DurationMs = number & { readonly [duration]: true };

export function epochMs(value: number): EpochMs {
  return value as EpochMs;
}

export function durationMs(value: number): DurationMs {
  return value as DurationMs;
}

export function after(at: EpochMs, ms: DurationMs | number): EpochMs {
  return (at + ms) as EpochMs;
}

/** The last instant that a Date can hold: what never ends, ends here. */
export const NEVER = 8_640_000_000_000_000 as EpochMs;

export function latest(one: EpochMs, other: EpochMs): EpochMs {
  return one > other ? one : other;
}

/** From `from` until `to`; negative where `to` lies before it. */
export function between(from: EpochMs, to: EpochMs): DurationMs {
  return (to - from) as DurationMs;
}
