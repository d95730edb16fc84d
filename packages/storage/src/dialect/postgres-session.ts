import { createHash } from 'node:crypto';
import type pg from 'pg';
import { classifyPostgresFailure, type PostgresFailure } from './classify-postgres-failure.js';

/** What the client waits for an answer; then the connection is given up, because a commit may wait for a standby for ever. */
const ANSWER_MS = 15_000;

/** One connection. Queries reject with SessionFailure. */
export interface Session {
  query(text: string, values?: readonly unknown[], answerMs?: number): Promise<readonly unknown[]>;
  /** The same for a statement that is asked for again and again: where the connection allows it, it is parsed once. */
  repeat(text: string, values: readonly unknown[]): Promise<readonly unknown[]>;
}

/** A query that failed, and what that says about it. `not_sent`: there was no connection to send it on. */
export class SessionFailure extends Error {
  override readonly name = 'SessionFailure';
  readonly kind: PostgresFailure | 'not_sent';

  constructor(kind: PostgresFailure | 'not_sent', cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.kind = kind;
  }
}

export function toSession(client: pg.PoolClient): Session {
  const query: Session['query'] = (text, values, answerMs) => ask(client, { text }, { values, answerMs });
  return {
    query,
    async repeat(text, values) {
      if (!direct.has(client)) return query(text, values);
      try {
        return await ask(client, { text, name: nameOf(text) }, { values });
      } catch (error) {
        if (!isOfItsName(error)) throw error;
        direct.delete(client);
        return query(text, values);
      }
    },
  };
}

async function ask(
  client: pg.PoolClient,
  statement: { readonly text: string; readonly name?: string },
  {
    values = [],
    answerMs = ANSWER_MS,
  }: { values?: readonly unknown[] | undefined; answerMs?: number | undefined },
): Promise<readonly unknown[]> {
  try {
    const query = { ...statement, values: [...values], query_timeout: answerMs };
    const { rows } = await client.query<Record<string, unknown>>(query);
    if (!brokenWaits.has(client)) return rows;
  } catch (error) {
    throw new SessionFailure(classifyPostgresFailure(error), error);
  }
  // As if the answer had been lost: it is there, and a failover would lose it.
  throw new SessionFailure('connection', new Error('The wait for a synchronous standby was broken.'));
}

/** Connections that lead to one session of the server: what is named there is still known the next time. */
const direct = new WeakSet<pg.ClientBase>();

/**
 * A pooler gives its clients numbers of its own and lends them whatever session is free: there nothing is named. On a session
 * that is ours, named statements are planned anew each time: a plan for any values was made while the tables were empty, and
 * would read them whole for ever.
 */
const IS_DIRECT = `select case when pg_backend_pid() = $1::int
  then set_config('plan_cache_mode', 'force_custom_plan', false) end as mode`;

/** Finds out whether statements can be parsed once on this connection. Rejects only when the connection is lost. */
export async function lookWhetherDirect(client: pg.PoolClient): Promise<void> {
  const own = 'processID' in client ? client.processID : null;
  if (typeof own !== 'number') return;
  try {
    const [row] = (await toSession(client).query(IS_DIRECT, [own])) as readonly { mode: string | null }[];
    if (row?.mode === 'force_custom_plan') direct.add(client);
  } catch (error) {
    // An older server, or another one that speaks the same language.
    if (error instanceof SessionFailure && error.kind === 'connection') throw error;
  }
}

/**
 * Postgres says that the name means nothing here, that it means something already, or that the statement would now return other
 * columns than when it was parsed (a migration). In each case nothing was executed. SQLSTATE 26000, 42P05, 0A000.
 */
function isOfItsName(error: unknown): boolean {
  const cause = error instanceof SessionFailure ? error.cause : null;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return ['26000', '42P05', '0A000'].includes(code);
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `invoke_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    names.set(text, name);
  }
  return name;
}

/** Connections on which a commit was answered although the standby that it has to wait for does not have it. */
const brokenWaits = new WeakSet<pg.ClientBase>();

/** From now on nothing that this connection answers is believed. */
export function breakWait(client: pg.ClientBase): void {
  brokenWaits.add(client);
}

/**
 * Somebody has cancelled the session while its commit waited for a synchronous standby. Postgres then answers as if nothing
 * had happened, with a warning; its text is in the server's language, the place in its source is not.
 */
export function isBrokenWait({ routine }: { readonly routine?: string | undefined }): boolean {
  return routine === 'SyncRepWaitForLSN';
}
