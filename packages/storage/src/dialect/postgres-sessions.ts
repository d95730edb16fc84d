import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@invoke/core/ports';
import pg from 'pg';
import { classifyPostgresFailure } from './classify-postgres-failure.js';
import {
  breakWait,
  isBrokenWait,
  lookWhetherDirect,
  SessionFailure,
  toSession,
  type Session,
} from './postgres-session.js';

/** How long our own writes are repeated after a lost connection before we say that we do not know. */
export const PATIENCE_MS = 5_000;
const CONNECT_MS = 5_000;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;
/** Type id of `bigint`: all of ours are milliseconds and counters, far below 2^53. */
const INT8 = 20;

export interface PostgresOptions {
  readonly connectionString: string;
  /** Connections for the statements that every call runs; two more serve everything else. */
  readonly connections: number;
  readonly log: Log | undefined;
}

/** Who looks at new connections of the hot lane before they are used. */
export interface Inspector {
  readonly halted: boolean;
  inspect(session: Session): Promise<void>;
}

export interface PostgresSessions {
  /** Runs `work` on a connection of its own. Queries reject with SessionFailure. */
  use<T>(lane: 'hot' | 'cold', work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createPostgresSessions(options: PostgresOptions, inspector?: Inspector): PostgresSessions {
  const pools = { hot: createPool(options, options.connections), cold: createPool(options, 2) };
  const inspected = new WeakSet<pg.PoolClient>();
  let closed = false;

  async function admit(client: pg.PoolClient): Promise<void> {
    if (inspector?.halted === true)
      throw new SessionFailure('not_sent', 'The past of the database is being looked at.');
    if (inspected.has(client)) return;
    await inspector?.inspect(toSession(client));
    await lookWhetherDirect(client);
    inspected.add(client);
  }

  return {
    async use(lane, work) {
      if (closed) throw new SessionFailure('server', 'The database is closed.');
      const client = await connect(pools[lane]);
      try {
        if (lane === 'hot') await admit(client);
        const result = await work(toSession(client));
        client.release();
        return result;
      } catch (error) {
        // A connection whose state is in doubt serves nobody else.
        client.release(!(error instanceof SessionFailure) || error.kind === 'connection');
        throw error;
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([pools.hot.end(), pools.cold.end()]);
    },
  };
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    const kind = classifyPostgresFailure(error);
    throw new SessionFailure(kind === 'connection' ? 'not_sent' : kind, error);
  }
}

/**
 * Nothing here needs a session: no startup parameters, no SET, so that transaction poolers (PgBouncer, Supavisor) do not
 * matter. What a statement needs it sets for its own transaction; only where there is no pooler are statements named.
 */
function createPool({ connectionString, log }: PostgresOptions, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    types: {
      getTypeParser: (type, format) => (type === INT8 ? Number : pg.types.getTypeParser(type, format)),
    },
  });
  // A connection that breaks while nobody uses it is replaced by the pool; unheard, its error would end the process.
  const note = (error: Error) => log?.warn('postgres_connection_lost', { why: error.message });
  pool.on('error', note);
  pool.on('connect', (client) => {
    client.on('error', () => {});
    client.on('notice', (notice) => {
      if (!isBrokenWait(notice)) return;
      breakWait(client);
      log?.warn('standby_wait_broken', { why: notice.message });
    });
  });
  return pool;
}

/**
 * Writes next to nothing, so that its commit waits for the standby, and with it for everything that was committed before and
 * could be read here. What a lost answer leaves may be visible and still not be at the standby: its wait was broken, or the
 * server has restarted meanwhile.
 */
export const WAIT_FOR_STANDBY = `pg_logical_emit_message(true, 'invoke', '')`;

/** Failures that would only be repeated. */
const LASTING: readonly SessionFailure['kind'][] = ['statement', 'server'];

/**
 * Tries again what failed for reasons that pass, until `until` (monotonic milliseconds). `lost` tells an attempt that an
 * earlier one was sent and never answered. `lasting`: what else is not tried again.
 */
export async function persist<T>(
  until: number,
  attempt: (lost: boolean) => Promise<T>,
  lasting: readonly SessionFailure['kind'][] = [],
): Promise<T> {
  let lost = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt(lost);
    } catch (error) {
      if (!(error instanceof SessionFailure)) throw error;
      if ([...LASTING, ...lasting].includes(error.kind) || performance.now() >= until) throw error;
      if (error.kind === 'connection') lost = true;
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}
