/** Counts what is going on, by name. */
export interface Tally {
  of(name: string): number;
  enter(name: string): void;
  /** Once for each `enter`. */
  leave(name: string): void;
  /** Names that are kept: those of which something goes on, and at most a thousand others. */
  names(): number;
}

/** Up to here a name of which nothing goes on is kept: the next call will count under it again. */
const MOST_IDLE = 1_000;

export function createTally(): Tally {
  const counts = new Map<string, { n: number }>();
  return {
    of: (name) => counts.get(name)?.n ?? 0,
    enter(name) {
      const count = counts.get(name);
      if (count === undefined) counts.set(name, { n: 1 });
      else count.n += 1;
    },
    leave(name) {
      const count = counts.get(name);
      if (count === undefined || count.n === 0) return;
      count.n -= 1;
      if (count.n === 0 && counts.size > MOST_IDLE) counts.delete(name);
    },
    names: () => counts.size,
  };
}
