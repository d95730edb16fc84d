import type { ReconcileSpec } from '@invoke/contract';
import type { TestPostgres } from '@invoke/testkit/stores';
import { expect } from 'vitest';
import { openArena, type Arena, type ArenaOptions } from '../../kit/arena.js';
import type { ToolName } from '../../kit/cards.js';
import type { CallerHistory } from '../../kit/client.js';
import type { Failpoint } from '../../kit/failpoints.js';
import type { Fate, Fortune } from '../../kit/fates.js';
import { FATES, READ_OK } from '../../kit/fates.js';
import { CALLER } from '../../kit/fleet.js';
import { registerPatientTools } from './patient-tools.js';
import { expectKept } from './staged.js';
import type { Judgement } from '../../kit/judge.js';

/** S: one gateway over a SQLite file. P: several over one Postgres. */
export type StoreName = 'S' | 'P';
export const STORES = ['S', 'P'] as const;

export interface SceneOptions extends Pick<ArenaOptions, 'leaseMs' | 'latestEffectMs' | 'env'> {
  readonly store: StoreName;
  /** Of the file's own server. */
  readonly postgres: TestPostgres;
  readonly gateways?: number;
  /** What goes wrong at the gateway that hears the first call, by the number of its start. */
  readonly first?: readonly string[];
  /** The same for the other ones, over Postgres. */
  readonly others?: readonly string[];
  readonly fortune?: Fortune;
  /** More of what the cards of class B declare. */
  readonly reconcile?: Partial<ReconcileSpec>;
  /** How long all tools have to answer; that of patient tools where it is left out. */
  readonly timeoutMs?: number;
  /** Told of each failpoint that acts, before whatever follows it. */
  readonly onHit?: (at: Failpoint) => void;
}

export interface Scene extends Arena {
  /** The failpoints that were reached and acted, in order. */
  readonly hits: readonly Failpoint[];
  /** The gateway that hears the first call. */
  readonly firstGateway: number;
  /** How many requests that gateway has sent. */
  sentByFirst(): number;
  /**
   * Everything has ended: the promises hold, and so much was seen. Anything but a completed call is only accepted where it is
   * named.
   */
  ends(expected: Partial<Judgement['counts']>, withinMs?: number): Promise<void>;
}

const WITHIN_MS = 40_000;

/** Longer than the ones of the kit: on a machine that is busy, a lease that is lost by itself would be another scenario. */
const LEASE_MS = 3_000;

/** Starting takes all of a machine, playing mostly waits: who plays is not disturbed by more than one that starts. */
let oneAfterTheOther: Promise<unknown> = Promise.resolve();

export async function openScene(options: SceneOptions): Promise<Scene> {
  const { store, postgres, first = [], others = [], reconcile = {}, timeoutMs, onHit, ...more } = options;
  const gateways = store === 'S' ? 1 : (options.gateways ?? 2);
  // The arena calls its gateways in turn, and begins with the second one.
  const firstGateway = gateways === 1 ? 0 : 1;
  const hits: Failpoint[] = [];
  let sent = 0;
  const opened = oneAfterTheOther.then(() =>
    openArena({
      leaseMs: LEASE_MS,
      register: (gateway, toolUrl) => registerPatientTools(gateway, { toolUrl, reconcile, timeoutMs }),
      ...more,
      postgres: store === 'S' ? null : postgres,
      gateways,
      failpoints: (gateway, start) => ({
        rules: (gateway === firstGateway ? first : others)[start] ?? '',
        seed: 1,
      }),
      onEvent(event, gateway) {
        if (event.kind === 'failpoint') {
          hits.push(event.at);
          onHit?.(event.at);
        }
        if (event.kind === 'sent' && gateway === firstGateway) sent += 1;
      },
    }),
  );
  oneAfterTheOther = opened.catch(() => undefined);
  const arena = await opened;
  return {
    ...arena,
    hits,
    firstGateway,
    sentByFirst: () => sent,
    async ends(expected, withinMs = WITHIN_MS) {
      expect(await arena.settled(withinMs), 'everything has ended').toBe(true);
      const { violations, counts } = await arena.judge();
      expectKept(violations);
      expect(counts).toMatchObject(expected);
    },
  };
}

/** What is shown beside the execution that contradicts it: waits until there is something, or the time is over. */
export async function contradictionsOf(
  scene: Scene,
  { told }: CallerHistory,
  withinMs: number,
): Promise<readonly string[]> {
  const id = told.find((t) => t.executionId !== null)?.executionId;
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await askForContradictions(`${scene.fleet.urls()[0]}/v1/executions/${id}`);
    if (found.length > 0 || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function askForContradictions(url: string): Promise<readonly string[]> {
  const response = await fetch(url, { headers: { 'x-api-key': CALLER } });
  const { execution } = (await response.json()) as {
    execution: { settlements: readonly { contradiction: boolean; detail: string }[] };
  };
  return execution.settlements.flatMap((s) => (s.contradiction ? [s.detail] : []));
}

/** The last thing that a caller was told. That people have to find out is told to whose call it was as `unknown`. */
export function lastWord({ told, ended }: CallerHistory): string {
  const word = told.at(-1)?.word ?? 'nothing';
  if (!ended) return `never an answer, last ${word}`;
  return word === 'unknown' ? 'needs_review' : word;
}

/** What becomes of the requests to any tool, one after the other; the last goes on for ever. Lookups tell the truth. */
export function inTurn(...fates: readonly (keyof typeof FATES | Fate)[]): Fortune {
  return {
    write({ n }) {
      const fate = fates[Math.min(n, fates.length) - 1] ?? 'ok';
      return typeof fate === 'string' ? FATES[fate] : fate;
    },
    read: () => READ_OK,
  };
}

/** By the beginning of the `ref`. */
export function byRef(fortunes: Readonly<Record<string, Fortune>>): Fortune {
  const of = (ref: string) =>
    Object.entries(fortunes).find(([start]) => ref.startsWith(start))?.[1] ?? inTurn('ok');
  return { write: (request) => of(request.ref).write(request), read: () => READ_OK };
}

/** What is expected of a call whose effect exists and is not recorded, by the class of its tool. */
export const FOUND_OUT = {
  /** A: sent again with the same key, and done once. */
  keyed: { word: 'completed', effects: 1 },
  /** B: looked up. */
  lookup: { word: 'outcome_reconciled', effects: 1 },
  /** C: people decide. */
  blind: { word: 'needs_review', effects: 1 },
} as const satisfies Partial<Record<ToolName, { word: string; effects: number }>>;
