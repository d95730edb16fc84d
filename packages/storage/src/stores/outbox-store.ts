import type { JsonObject } from '@invoke/contract';
import type { EpochMs } from '@invoke/core/domain';
import type { Delivery, OutboxChannel, OutboxMessage, OutboxStore, TakenMessage } from '@invoke/core/ports';
import { sql, type Selectable } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import type { OutboxTable } from '../tables.js';

/** What is due, leased or ended is told by the clock of the store. */
export function createOutboxStore(dialect: Dialect): OutboxStore {
  return {
    take: (limit, leaseMs) => dialect.write(() => take(dialect, limit, leaseMs)),
    settle: (id, delivery) => dialect.write(() => settle(dialect, id, delivery)),
    add: (messages) => dialect.write(() => insertMessages(dialect, messages)),
    prune: (deliveredBefore, limit) =>
      dialect.write(() => prune(dialect, { ended: 'delivered', before: deliveredBefore, limit })),
    pruneDead: (deadBefore, limit) =>
      dialect.write(() => prune(dialect, { ended: 'dead', before: deadBefore, limit })),
  };
}

/** For the transaction of what they tell of. A message that is known by its id is not written again. */
export function* insertMessages(dialect: Dialect, messages: readonly OutboxMessage[]): Script<void> {
  for (const { id, tenant, channel, topic, body, createdAt, dueInMs = 0 } of messages) {
    yield* ask(
      dialect.build
        .insertInto(dialect.tables.outbox)
        .values({
          id,
          tenant,
          channel,
          topic,
          body: JSON.stringify(body),
          created_at: createdAt,
          attempts: 0,
          due_at: sql<number>`${dialect.now()} + ${dueInMs}`,
        })
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
  }
}

/**
 * A lease is nothing but a later due time. Of two takers at once the second waits for the rows of the first and then finds
 * them not due: the condition stands on the row itself and not only on the list of those that are due. Where the answer is
 * lost, the lease ends some time and the message goes to somebody else.
 */
function* take(
  { build, tables, now }: Dialect,
  limit: number,
  leaseMs: number,
): Script<readonly TakenMessage[]> {
  const due = build
    .selectFrom(tables.outbox)
    .select('n')
    .where('ended', 'is', null)
    .where('due_at', '<=', now())
    .orderBy('due_at')
    .orderBy('n')
    .limit(limit);
  const rows = yield* ask(
    build
      .updateTable(tables.outbox)
      .set(({ eb }) => ({ due_at: eb(now(), '+', leaseMs), attempts: eb('attempts', '+', 1) }))
      .where('n', 'in', due)
      .where('ended', 'is', null)
      .where('due_at', '<=', now())
      .returningAll(),
  );
  return rows.toSorted((a, b) => a.n - b.n).map(toTaken);
}

function* settle(dialect: Dialect, id: string, delivery: Delivery): Script<void> {
  yield* ask(
    dialect.build
      .updateTable(dialect.tables.outbox)
      .set(
        delivery.kind === 'retry'
          ? { due_at: sql<number>`${dialect.now()} + ${delivery.afterMs}`, why: delivery.why }
          : {
              ended: delivery.kind,
              ended_at: dialect.now(),
              why: delivery.kind === 'dead' ? delivery.why : null,
            },
      )
      .where('id', '=', id)
      .where('ended', 'is', null),
  );
}

interface Pruning {
  /** As a partial index says it. */
  readonly ended: 'delivered' | 'dead';
  readonly before: EpochMs;
  readonly limit: number;
}

function* prune({ build, tables }: Dialect, { ended, before, limit }: Pruning): Script<number> {
  const old = build
    .selectFrom(tables.outbox)
    .select('n')
    .where('ended', '=', sql.lit(ended))
    .where('ended_at', '<', before)
    .orderBy('ended_at')
    .orderBy('n')
    .limit(limit);
  const dropped = yield* ask(build.deleteFrom(tables.outbox).where('n', 'in', old).returning('id'));
  return dropped.length;
}

function toTaken(row: Selectable<OutboxTable>): TakenMessage {
  const { id, tenant, channel, topic, body, created_at, attempts } = row;
  return {
    message: {
      id,
      tenant,
      channel: channel as OutboxChannel,
      topic,
      body: JSON.parse(body) as JsonObject,
      createdAt: created_at as EpochMs,
    },
    attempts: attempts - 1,
  };
}
