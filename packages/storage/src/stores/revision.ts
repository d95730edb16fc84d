import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';

export function* readRevision({ build, tables }: Dialect): Script<number> {
  const rows = yield* ask(build.selectFrom(tables.registry).select('revision'));
  return rows[0]?.revision ?? 0;
}

/** Last in every change of the registry: who reads a revision can also read all that led to it. */
export function* nextRevision({ build, tables }: Dialect): Script<void> {
  yield* ask(
    build
      .insertInto(tables.registry)
      .values({ id: 1, revision: 1 })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ revision: sql<number>`${sql.ref(`${tables.registry}.revision`)} + 1` }),
      ),
  );
}
