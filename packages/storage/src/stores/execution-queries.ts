import { sql, type Selectable } from 'kysely';
import type { BatchQuery, Dialect } from '../dialect/dialect.js';
import type { ExecutionsTable } from '../tables.js';
import {
  EXECUTION_COLUMN_NAMES,
  EXECUTION_COLUMNS,
  TRANSITION_COLUMNS,
  type ExecutionRow,
  type TransitionRow,
} from './execution-row.js';

/** The three statements that every call runs; each takes any number of calls at once. */

export interface RecallItem {
  readonly key_digest: string;
}

export type RecalledRow = ExecutionRow & Pick<Selectable<ExecutionsTable>, 'tombstone_until'>;

export function recallQuery({ build, tables }: Dialect): BatchQuery<RecallItem, RecalledRow & RecallItem> {
  return {
    columns: { key_digest: 'text' },
    key: 'key_digest',
    query: (source) =>
      build
        .selectFrom(`${tables.executions} as e`)
        .$if(source.many, (query) => query.innerJoin(source.table, (join) => join.onTrue()))
        .whereRef('e.key_digest', '=', source.value('key_digest'))
        .selectAll('e'),
  };
}

/**
 * The key's unique index is the judge: of any number of claims for a key, on any number of gateways, one inserts its row.
 * A tombstone is a row with that key, so it refuses in the same way.
 */
export function claimQuery({ build, tables }: Dialect): BatchQuery<ExecutionRow, { id: string }> {
  return {
    columns: EXECUTION_COLUMNS,
    key: 'id',
    query: (source) =>
      build
        .insertInto(tables.executions)
        .columns(EXECUTION_COLUMN_NAMES)
        .expression(source.all)
        .onConflict((conflict) => conflict.doNothing())
        .$if(source.many, (query) => query.returning('id')),
    written: (source) => writtenBy(build, tables, source),
  };
}

/** Allowed from exactly one version of the row; the row it returns is the only licence to go on. */
export function transitionQuery({ build, tables }: Dialect): BatchQuery<TransitionRow, { id: string }> {
  const t = tables.executions;
  return {
    columns: TRANSITION_COLUMNS,
    key: 'id',
    query: (source) =>
      build
        .updateTable(t)
        .$if(source.many, (query) => query.from(source.table))
        .set((eb) => ({
          state: source.value('state'),
          state_rank: source.value('state_rank'),
          seq: eb(`${t}.seq`, '+', sql.lit(1)),
          owner: source.value('owner'),
          token: source.value('token'),
          journal: source.value('journal'),
          result_text: source.value('result_text'),
          outcome: source.value('outcome'),
          not_before_at: source.value('not_before_at'),
          updated_at: source.value('updated_at'),
          finished_at: source.value('finished_at'),
        }))
        .whereRef(`${t}.id`, '=', source.value('id'))
        .whereRef(`${t}.epoch`, '=', source.value('from_epoch'))
        .whereRef(`${t}.seq`, '=', source.value('from_seq'))
        .whereRef(`${t}.state`, '=', source.value('from_state'))
        .$if(source.many, (query) => query.returning(`${t}.id`)),
    written: (source) => writtenBy(build, tables, source),
  };
}

/** A write is recognised by its token. */
function writtenBy<Item extends { id: string; token: string }>(
  build: Dialect['build'],
  tables: Dialect['tables'],
  source: Parameters<BatchQuery<Item, { id: string }>['query']>[0],
) {
  return build
    .selectFrom(`${tables.executions} as e`)
    .$if(source.many, (query) => query.innerJoin(source.table, (join) => join.onTrue()))
    .whereRef('e.id', '=', source.value('id'))
    .whereRef('e.token', '=', source.value('token'))
    .select('e.id');
}
