import type { UsageLine } from '@invoke/contract';
import type { UsageQuery, UsageStore } from '@invoke/core/ports';
import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { FINISHED, STATE_RANK, TOMBSTONE_RANK } from './state-rank.js';

type Usage = Awaited<ReturnType<UsageStore['usage']>>;

/** Calls without an agent are counted under the empty name. */
const SUBJECT = {
  tool: sql<string>`tool`,
  agent: sql<string>`coalesce(agent_id, '')`,
  key: sql<string>`key_id`,
};

export function* countUsage(dialect: Dialect, query: UsageQuery): Script<Usage> {
  const newest = newestOf(dialect, query)
    .select([SUBJECT[query.per].as('subject'), 'state_rank'])
    .limit(query.scan);
  const completed = sql.lit(STATE_RANK.completed);
  const lines = yield* ask<UsageLine>(
    dialect.build
      .selectFrom(newest.as('newest'))
      .select(({ fn }) => [
        'subject',
        fn.countAll<number>().as('calls'),
        fn.countAll<number>().filterWhere('state_rank', '=', completed).as('completed'),
        fn
          .countAll<number>()
          .filterWhere('state_rank', '>=', sql.lit(FINISHED.from))
          .filterWhere('state_rank', '<>', completed)
          .as('failed'),
        fn.countAll<number>().filterWhere('state_rank', '<', sql.lit(FINISHED.from)).as('open'),
      ])
      .groupBy('subject')
      .orderBy('subject'),
  );
  const counted = lines.reduce((sum, line) => sum + line.calls, 0);
  if (counted < query.scan) return { lines, complete: true };
  const rest = yield* ask(newestOf(dialect, query).select('n').limit(1).offset(query.scan));
  return { lines, complete: rest.length === 0 };
}

function newestOf({ build, tables }: Dialect, { tenant, since, until }: UsageQuery) {
  return (
    build
      .selectFrom(tables.executions)
      .where('tenant', '=', tenant)
      // The same twice, as the indexes of the two databases say it: only then are they used.
      .where('state_rank', '<', sql.lit(TOMBSTONE_RANK))
      .where('tombstone_until', 'is', null)
      .where('created_at', '>=', since)
      .where('created_at', '<', until)
      .orderBy('created_at', 'desc')
      .orderBy('n', 'desc')
  );
}
