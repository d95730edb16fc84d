import { sql } from 'kysely';
import type { BatchQuery, BatchSource } from './dialect.js';
import type { Script } from './script.js';

/** What a lane does, done for one item within a transaction: answers with its row; a write only with its key. */
export function* askOne<Item extends object, Row>(
  query: BatchQuery<Item, Row>,
  item: Item,
): Script<Row | null> {
  const rows = (yield query.query(only(query.columns, item)).compile()) as readonly Row[];
  return rows[0] ?? null;
}

/** A source of one item, whose values are bound directly. */
function only<Item extends object>(
  columns: BatchQuery<Item, unknown>['columns'],
  item: Item,
): BatchSource<Item> {
  const names = Object.keys(columns) as (keyof Item & string)[];
  const value = <Column extends keyof Item & string>(column: Column) =>
    sql<Item[Column]>`cast(${item[column]} as ${sql.raw(columns[column])})`;
  return {
    value,
    all: sql`values (${sql.join(names.map((name) => value(name)))})`,
    many: true,
    table: sql<Item>`(select 1)`.as('s'),
  };
}
