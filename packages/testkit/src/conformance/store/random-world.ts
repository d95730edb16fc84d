import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import {
  EXECUTION_TRANSITIONS,
  type DurationMs,
  type EpochMs,
  type ExecutionRecord,
} from '@invoke/core/domain';
import type { Store, Transition } from '@invoke/core/ports';
import { NOW } from './records.js';
import type { Random } from './random.js';

/** One operation, drawn once and then done to two stores. */
export interface Operation {
  readonly name: string;
  readonly run: Run;
}

export interface Run {
  (store: Store): Promise<unknown>;
  /** The move of an execution that goes with it, and the state in which that execution is. */
  readonly moves?: { readonly standing: ExecutionState; readonly step: Transition };
}

/** An operation that moves an execution. */
export function moving(
  { state }: Pick<ExecutionRecord, 'state'>,
  step: Transition,
  run: (store: Store) => Promise<unknown>,
): Run {
  return Object.assign((store: Store) => run(store), { moves: { standing: state, step } });
}

export const HOUR = 3_600_000 as DurationMs;

/** What the operations choose from; small, so that they meet. */
export const TENANTS = ['acme', 'globex'] as const;
export const KEYS = Array.from({ length: 20 }, (_, i) => `key-${i}`);
export const TOOLS = ['tool_a', 'tool_b', 'tool_c'] as const;

const STATES = Object.values(EXECUTION_STATE);

/** States that follow on others, each pair once: every way in which an execution can move. */
export const WAYS: readonly (readonly [ExecutionState, ExecutionState])[] = STATES.flatMap((from) =>
  [...new Set<ExecutionState>(Object.values(EXECUTION_TRANSITIONS[from]))].map((to) => [from, to] as const),
);

export function wayOf([from, to]: readonly [ExecutionState, ExecutionState]): string {
  return `${from} -> ${to}`;
}

export type Draw = () => Run | Promise<Run>;

export interface World {
  readonly random: Random;
  /** Ids that were claimed, and trace ids that were appended, so far. */
  readonly ids: string[];
  readonly traceIds: string[];
  /** A number that was not used before. */
  next(): number;
  one<T>(from: readonly T[]): T;
  /** Some full hour of the hundred in which everything ends, or none. */
  end(): EpochMs | null;
  /** A state to move to: mostly one that may follow, and sometimes any, which a store does not judge. */
  stateAfter(state: ExecutionState): ExecutionState;
  /** Some execution as it stands. */
  standing(): Promise<ExecutionRecord | null>;
}

/** @param unmet what has not been met yet: ways among it are preferred */
export function createWorld(random: Random, oracle: Store, unmet: ReadonlySet<string>): World {
  const ids: string[] = [];
  let counter = 0;
  return {
    random,
    ids,
    traceIds: [],
    next: () => (counter += 1),
    one: (from) => random.pick(from) as (typeof from)[number],
    end: () => (random.chance(0.6) ? ((NOW + random.below(100) * HOUR) as EpochMs) : null),
    stateAfter(state) {
      const legal = WAYS.filter(([from]) => from === state);
      const fresh = legal.filter((way) => unmet.has(wayOf(way)));
      const way = random.chance(0.7) ? random.pick(fresh.length > 0 ? fresh : legal) : undefined;
      return way?.[1] ?? (random.pick(STATES) as ExecutionState);
    },
    async standing() {
      const id = random.pick(ids);
      if (id === undefined) return null;
      const found = await Promise.all(TENANTS.map((tenant) => oracle.executions.find(tenant, id)));
      return found.find((record) => record !== null) ?? null;
    },
  };
}
