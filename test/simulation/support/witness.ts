import type { Asked, Version } from './evidence.js';

/** Writes down what happens, in the order in which it happens. */
export interface Witness {
  readonly versions: Version[];
  /** What a gateway met that it was not made for. */
  readonly bugs: string[];
  /** Executions of which a commit was made and its answer was lost. */
  readonly lostCommits: Set<string>;
  /** Executions of which a request was not sent because its gateway might not any more. */
  readonly fenced: Set<string>;
  /** Gateways that lost their lease and lived on under a new one. */
  readonly reborn: Set<string>;
  /** Calls, when they were made. */
  readonly asked: Asked[];
  /** Events of the provider that were taken. */
  told: number;
  nextOrder(): number;
}

export function createWitness(): Witness {
  let order = 0;
  return {
    versions: [],
    bugs: [],
    lostCommits: new Set(),
    fenced: new Set(),
    reborn: new Set(),
    asked: [],
    told: 0,
    nextOrder() {
      order += 1;
      return order;
    },
  };
}
