import type { TestPostgres } from '@invoke/testkit/stores';
import type { Arena } from '../kit/arena.js';
import { crashPostgres } from '../kit/crash-postgres.js';
import type { Random } from '../kit/seeded-random.js';
import { sleep } from '../kit/sleep.js';
import type { Line, TcpProxy } from '../kit/tcp-proxy.js';

/** How often each thing is done; null: never. Milliseconds, from and to. */
export interface NemesisPlan {
  readonly kill: Span | null;
  readonly pause: Span | null;
  /** How long a gateway is stopped: around its lease. */
  readonly pauseFor: Span;
  readonly stop: Span | null;
  readonly crashDatabase: Span | null;
  readonly cut: Span | null;
}
export type Span = readonly [from: number, to: number];

export interface NemesisCounts {
  databaseCrashes: number;
  /** Lines that were cut, held, delayed or reset. */
  partitions: number;
}

export interface Nemesis {
  readonly counts: NemesisCounts;
  /** Resolves when everything that was begun is over: no line is cut, no gateway paused, and the database is there. */
  stop(): Promise<void>;
}

/** Does harm at random, all kinds at the same time. */
export function startNemesis(
  arena: Arena,
  random: Random,
  { plan, postgres }: { readonly plan: NemesisPlan; readonly postgres: TestPostgres | null },
): Nemesis {
  const { fleet } = arena;
  const counts: NemesisCounts = { databaseCrashes: 0, partitions: 0 };
  const controller = new AbortController();
  /** Somebody who is there, if there is anybody. */
  const anyone = () => {
    const all = Array.from({ length: fleet.size }, (_, i) => i);
    const up = all.filter((i) => fleet.url(i) !== null);
    return random.pick(up.length > 0 ? up : all);
  };

  const harms: readonly Promise<void>[] = [
    every(plan.kill, () => fleet.kill(anyone())),
    every(plan.pause, () => {
      // Others go on being paused meanwhile.
      void fleet.pause(anyone(), random.between(...plan.pauseFor));
      return Promise.resolve();
    }),
    every(plan.stop, () => {
      void fleet.stop(anyone());
      return Promise.resolve();
    }),
    every(plan.crashDatabase, async () => {
      if (postgres === null) return;
      counts.databaseCrashes += 1;
      await crashPostgres(postgres, random.between(0, 800));
    }),
    every(plan.cut, async () => {
      const lines = [...arena.databaseLines, arena.toolLine];
      counts.partitions += 1;
      await cut(random.pick(lines), random);
    }),
  ];

  async function every(span: Span | null, harm: () => Promise<void>): Promise<void> {
    if (span === null) return;
    for (;;) {
      await sleep(random.between(...span), controller.signal);
      if (controller.signal.aborted) return;
      await harm();
    }
  }

  return {
    counts,
    async stop() {
      controller.abort();
      await Promise.all(harms);
    },
  };
}

const CUTS: readonly { readonly line: Line; readonly forMs: Span }[] = [
  { line: { kind: 'hold' }, forMs: [200, 4_000] },
  { line: { kind: 'hold' }, forMs: [200, 1_000] },
  { line: { kind: 'drop' }, forMs: [500, 4_000] },
  { line: { kind: 'refuse' }, forMs: [300, 2_000] },
  { line: { kind: 'pass', delayMs: 60 }, forMs: [1_000, 4_000] },
];

async function cut(line: TcpProxy, random: Random): Promise<void> {
  if (random.chance(0.25)) return line.reset();
  const { line: how, forMs } = random.pick(CUTS);
  line.set(how);
  await sleep(random.between(...forMs));
  line.set({ kind: 'pass' });
}
