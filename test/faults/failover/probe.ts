import type { TestPostgres } from '@invoke/testkit/stores';
import { sleep } from '../kit/sleep.js';
import { summarizeRows, type AcknowledgedRow } from './summarize-rows.js';

export interface ProbeResult {
  readonly acknowledged: number;
  /** Acknowledged, and not there at the end. */
  readonly lost: number;
  /** There, and never acknowledged: the answer was lost, not the row. */
  readonly unacknowledged: number;
  /** Who acknowledged what was lost, one line for each server, timeline and setting. */
  readonly lostFrom?: readonly string[];
}

/** Writes rows one after the other without the gateway: what the database itself loses, and for how long it is away. */
export interface Probe {
  /** When rows were acknowledged (epoch milliseconds), oldest first. */
  readonly times: readonly number[];
  stop(): Promise<ProbeResult>;
}

const EVERY_MS = 40;
const ANSWER_MS = 15_000;

/** Which server took the row, on which timeline, and whom it was to wait for. */
const WHERE = `inet_server_port() as port, substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as timeline,
  current_setting('synchronous_standby_names') as standbys`;

/** `nameOf`: the name of the server that listens on this port. */
export async function startProbe(postgres: TestPostgres, nameOf: (port: number) => string): Promise<Probe> {
  const database = await postgres.createDatabase();
  await postgres.query('create table probe (n int primary key)', database);
  const controller = new AbortController();
  const acknowledged: AcknowledgedRow[] = [];
  const insert = async (n: number): Promise<AcknowledgedRow | null> => {
    const sql = `insert into probe values (${n}) returning ${WHERE}`;
    const [row] = await postgres.query(sql, database);
    if (row === undefined) return null;
    const { port, timeline, standbys } = row;
    return {
      n,
      at: Date.now(),
      server: nameOf(Number(port)),
      timeline: Number.parseInt(String(timeline), 16),
      standbys: String(standbys),
    };
  };
  const writing = (async () => {
    for (let n = 1; !controller.signal.aborted; n += 1) {
      const answered = await Promise.race([insert(n).catch(() => null), sleep(ANSWER_MS).then(() => null)]);
      if (answered !== null) acknowledged.push(answered);
      await sleep(EVERY_MS, controller.signal);
    }
  })();
  return {
    get times() {
      return acknowledged.map((row) => row.at);
    },
    async stop() {
      controller.abort();
      await writing;
      const rows = await postgres.query('select n from probe', database);
      const there = new Set(rows.map((row) => Number(row['n'])));
      const told = new Set(acknowledged.map((row) => row.n));
      const lost = acknowledged.filter((row) => !there.has(row.n));
      return {
        acknowledged: acknowledged.length,
        lost: lost.length,
        unacknowledged: [...there].filter((n) => !told.has(n)).length,
        lostFrom: summarizeRows(lost),
      };
    },
  };
}
