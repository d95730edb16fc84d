/** Counts what is going on, by name. A name of which nothing goes on is forgotten, so that it stays as small as that. */
export interface Tally {
  of(name: string): number;
  enter(name: string): void;
  /** Once for each `enter`. */
  leave(name: string): void;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  const of = (name: string) => counts.get(name) ?? 0;
  return {
    of,
    enter(name) {
      counts.set(name, of(name) + 1);
    },
    leave(name) {
      const left = of(name) - 1;
      if (left > 0) counts.set(name, left);
      else counts.delete(name);
    },
  };
}
