import type { Compilable, CompiledQuery } from 'kysely';

/**
 * A transaction told query by query: each `yield` answers with the rows. Written once, it runs without a pause on SQLite
 * (where one turn of the event loop is one transaction) and with waits in between on Postgres.
 */
export type Script<T> = Generator<CompiledQuery, T, readonly unknown[]>;

/** One query of a script: `const rows = yield* ask(query)`. */
export function* ask<Row>(query: Compilable<Row>): Script<readonly Row[]> {
  return (yield query.compile()) as readonly Row[];
}
