import type { TestPostgres } from '@invoke/testkit/stores';
import { sleep } from '../kit/sleep.js';

export interface ProbeResult {
  readonly acknowledged: number;
  /** Acknowledged, and not there at the end. */
  readonly lost: number;
  /** There, and never acknowledged: the answer was lost, not the row. */
  readonly unacknowledged: number;
}

/** Writes rows one after the other without the gateway: what the database itself loses, and for how long it is away. */
export interface Probe {
  /** When rows were acknowledged (epoch milliseconds), oldest first. */
  readonly times: readonly number[];
  stop(): Promise<ProbeResult>;
}

const EVERY_MS = 40;
const ANSWER_MS = 15_000;

export async function startProbe(postgres: TestPostgres): Promise<Probe> {
  const database = await postgres.createDatabase();
  await postgres.query('create table probe (n int primary key)', database);
  const controller = new AbortController();
  const acknowledged: number[] = [];
  const times: number[] = [];
  const writing = (async () => {
    for (let n = 1; !controller.signal.aborted; n += 1) {
      const answered = await Promise.race([
        postgres.query(`insert into probe values (${n})`, database).then(
          () => true,
          () => false,
        ),
        sleep(ANSWER_MS).then(() => false),
      ]);
      if (answered) {
        acknowledged.push(n);
        times.push(Date.now());
      }
      await sleep(EVERY_MS, controller.signal);
    }
  })();
  return {
    times,
    async stop() {
      controller.abort();
      await writing;
      const rows = await postgres.query('select n from probe', database);
      const there = new Set(rows.map((row) => Number(row['n'])));
      const told = new Set(acknowledged);
      return {
        acknowledged: acknowledged.length,
        lost: acknowledged.filter((n) => !there.has(n)).length,
        unacknowledged: [...there].filter((n) => !told.has(n)).length,
      };
    },
  };
}
