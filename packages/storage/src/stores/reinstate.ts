import type { ExecutionRecord } from '@invoke/core/domain';
import type { Reinstated, Version } from '@invoke/core/ports';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { toExecutionRow } from './execution-row.js';

interface Putting {
  readonly record: ExecutionRecord;
  readonly over: Version | null;
  /** An earlier run may have been committed: then the row has this very token. */
  readonly again: boolean;
}

export function* reinstate(dialect: Dialect, { record, over, again }: Putting): Script<Reinstated> {
  const put = over === null ? yield* insert(dialect, record) : yield* replace(dialect, record, over);
  if (put || (again && (yield* isThere(dialect, record)))) return { kind: 'reinstated' };
  return { kind: over === null && !(yield* hasId(dialect, record.id)) ? 'key_taken' : 'lost' };
}

function* insert({ build, tables }: Dialect, record: ExecutionRecord): Script<boolean> {
  const rows = yield* ask(
    build
      .insertInto(tables.executions)
      .values(toExecutionRow(record))
      .onConflict((conflict) => conflict.doNothing())
      .returning('id'),
  );
  return rows.length > 0;
}

function* replace({ build, tables }: Dialect, record: ExecutionRecord, over: Version): Script<boolean> {
  const rows = yield* ask(
    build
      .updateTable(tables.executions)
      .set(toExecutionRow(record))
      .where('id', '=', record.id)
      .where('epoch', '=', over.epoch)
      .where('seq', '=', over.seq)
      .returning('id'),
  );
  return rows.length > 0;
}

function* isThere({ build, tables }: Dialect, { id, token }: ExecutionRecord): Script<boolean> {
  const rows = yield* ask(
    build.selectFrom(tables.executions).select('id').where('id', '=', id).where('token', '=', token),
  );
  return rows.length > 0;
}

function* hasId({ build, tables }: Dialect, id: string): Script<boolean> {
  const rows = yield* ask(build.selectFrom(tables.executions).select('id').where('id', '=', id));
  return rows.length > 0;
}
