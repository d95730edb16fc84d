/** Random choices that a seed repeats. */
export interface Random {
  /** An integer from 0, less than `limit`. */
  below(limit: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T | undefined;
}

/** A xorshift generator of 32 bits: far from perfect, and the same everywhere. */
export function createRandom(seed: number): Random {
  let state = (seed * 2_654_435_761) | 1;
  const below = (limit: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
  return {
    below,
    chance: (share) => below(1_000_000) < share * 1_000_000,
    pick: (from) => (from.length === 0 ? undefined : from[below(from.length)]),
  };
}
