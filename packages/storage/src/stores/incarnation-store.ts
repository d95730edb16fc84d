import type { DurationMs } from '@invoke/core/domain';
import type { Incarnation, IncarnationStore } from '@invoke/core/ports';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';

/** Leases that ended this long ago are forgotten; an incarnation that is not registered is as dead as one whose lease is over. */
const FORGET_AFTER_MS = 86_400_000;

/** Leases live on the clock of the store: computed and compared by the statement that uses them. */
export function createIncarnationStore(dialect: Dialect): IncarnationStore {
  return {
    enlist: (incarnation, lease) => dialect.write(() => enlist(dialect, incarnation, lease)),
    renew: (id, lease) => dialect.write(() => renew(dialect, id, lease)),
    retire: (id) => dialect.write(() => retire(dialect, id)),
  };
}

function* enlist(dialect: Dialect, incarnation: Incarnation, lease: DurationMs): Script<void> {
  const { build, tables } = dialect;
  const others = build.deleteFrom(tables.incarnations).where('id', '<>', incarnation.id);
  yield* ask(
    dialect.soleOwner
      ? others
      : others.where(({ eb }) => eb('lease_until', '<', eb(dialect.now(), '-', FORGET_AFTER_MS))),
  );
  yield* ask(
    build
      .insertInto(tables.incarnations)
      .values(({ eb }) => ({ ...toRow(incarnation), lease_until: eb(dialect.now(), '+', lease) }))
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((eb) => ({ lease_until: eb.ref('excluded.lease_until') })),
      ),
  );
}

function* renew(dialect: Dialect, id: string, lease: DurationMs): Script<boolean> {
  const rows = yield* ask(
    dialect.build
      .updateTable(dialect.tables.incarnations)
      .set(({ eb }) => ({ lease_until: eb(dialect.now(), '+', lease) }))
      .where('id', '=', id)
      .where('lease_until', '>', dialect.now())
      .returning('id'),
  );
  return rows.length > 0;
}

function* retire({ build, tables }: Dialect, id: string): Script<void> {
  yield* ask(build.deleteFrom(tables.incarnations).where('id', '=', id));
}

function toRow({ id, host, pid, version }: Incarnation) {
  return { id, host, pid, version };
}
