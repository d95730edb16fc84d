import type { EpochMs, ExecutionRecord } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';
import { NOW } from './records.js';
import type { Random } from './random.js';

/** One operation, drawn once and then done to two stores. */
export interface Operation {
  readonly name: string;
  readonly run: (store: Store) => Promise<unknown>;
}

/** What the operations choose from; small, so that they meet. */
export const TENANTS = ['acme', 'globex'] as const;
export const KEYS = Array.from({ length: 20 }, (_, i) => `key-${i}`);
export const TOOLS = ['tool_a', 'tool_b', 'tool_c'] as const;

export type Draw = () => Operation['run'] | Promise<Operation['run']>;

export interface World {
  readonly random: Random;
  /** Ids that were claimed, and trace ids that were appended, so far. */
  readonly ids: string[];
  readonly traceIds: string[];
  /** A number that was not used before. */
  next(): number;
  one<T>(from: readonly T[]): T;
  /** Some moment within the hundred milliseconds in which everything ends, or none. */
  end(): EpochMs | null;
  /** Some execution as it stands. */
  standing(): Promise<ExecutionRecord | null>;
}

export function createWorld(random: Random, oracle: Store): World {
  const ids: string[] = [];
  let counter = 0;
  return {
    random,
    ids,
    traceIds: [],
    next: () => (counter += 1),
    one: (from) => random.pick(from) as (typeof from)[number],
    end: () => (random.chance(0.6) ? ((NOW + random.below(100)) as EpochMs) : null),
    async standing() {
      const id = random.pick(ids);
      if (id === undefined) return null;
      const found = await Promise.all(TENANTS.map((tenant) => oracle.executions.find(tenant, id)));
      return found.find((record) => record !== null) ?? null;
    },
  };
}
