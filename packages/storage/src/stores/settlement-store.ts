import type { EpochMs, ExecutionRecord, SettlementRecord } from '@invoke/core/domain';
import type {
  OutboxMessage,
  SettlementKey,
  SettlementStore,
  Transition,
  TransitionResult,
} from '@invoke/core/ports';
import { sql } from 'kysely';
import { askOne } from '../dialect/ask-one.js';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { transitionQuery } from './execution-queries.js';
import { toTransitionRow, type TransitionRow } from './execution-row.js';
import { insertMessages } from './outbox-store.js';
import { DRIVEN_BELOW, TOMBSTONE_RANK } from './state-rank.js';
import { writeToken } from './write-token.js';

type Recorded = Awaited<ReturnType<SettlementStore['record']>>;

interface Settling {
  readonly settlement: SettlementRecord;
  readonly move: Transition | null;
  readonly messages: readonly OutboxMessage[];
  readonly token: string;
}

export function createSettlementStore(dialect: Dialect): SettlementStore {
  return {
    record(settlement, move, messages) {
      const settling = { settlement, move, messages, token: writeToken() };
      const keeps = ({ kind }: Recorded) => kind === 'moved';
      return dialect.write((again) => record(dialect, settling, again), { keeps });
    },
    settle: (move, messages) => dialect.write((again) => settle(dialect, { move, messages }, again)),
    close: (event, messages) => dialect.write(() => close(dialect, event, messages)),
    leftOpen: (limit) => dialect.read(() => leftOpen(dialect, limit)),
    prune: (receivedBefore, limit) => dialect.write(() => prune(dialect, receivedBefore, limit)),
    ofExecution: (tenant, executionId) => dialect.read(() => ofExecution(dialect, tenant, executionId)),
  };
}

/** The event's unique index is the judge of deliveries at once: the second waits for the end of the first. */
function* record(dialect: Dialect, settling: Settling, again: boolean): Script<Recorded> {
  const { move, messages } = settling;
  if (!(yield* insert(dialect, settling))) {
    // An earlier run of this very delivery may have been committed, and its answer lost.
    return { kind: again && (yield* isWritten(dialect, settling)) ? 'moved' : 'seen' };
  }
  if (move !== null && (yield* askOne(transitionQuery(dialect), toTransitionRow(move))) === null) {
    return { kind: 'lost' };
  }
  yield* insertMessages(dialect, messages);
  return { kind: 'moved' };
}

function* settle(
  dialect: Dialect,
  { move, messages }: { readonly move: Transition; readonly messages: readonly OutboxMessage[] },
  again: boolean,
): Script<TransitionResult> {
  const item = toTransitionRow(move);
  if ((yield* askOne(transitionQuery(dialect), item)) === null) {
    // An earlier run of it may have been committed, and its answer lost.
    return { kind: again && (yield* isMoved(dialect, item)) ? 'moved' : 'lost' };
  }
  yield* insertMessages(dialect, messages);
  return { kind: 'moved' };
}

function* isMoved({ build, tables }: Dialect, { id, token }: TransitionRow): Script<boolean> {
  const rows = yield* ask(
    build.selectFrom(tables.executions).select('id').where('id', '=', id).where('token', '=', token),
  );
  return rows.length > 0;
}

function* insert({ build, tables }: Dialect, { settlement, token }: Settling): Script<boolean> {
  const { tenant, provider, eventId, executionId } = settlement;
  const rows = yield* ask(
    build
      .insertInto(tables.settlements)
      .values({
        tenant,
        provider,
        event_id: eventId,
        execution_id: executionId,
        token,
        record: JSON.stringify(settlement),
        received_at: settlement.receivedAt,
        open: settlement.open ? 1 : 0,
      })
      .onConflict((conflict) => conflict.columns(['tenant', 'provider', 'event_id']).doNothing())
      .returning('n'),
  );
  return rows.length > 0;
}

function* isWritten({ build, tables }: Dialect, { settlement, token }: Settling): Script<boolean> {
  const rows = yield* ask(
    build
      .selectFrom(tables.settlements)
      .select('n')
      .where('tenant', '=', settlement.tenant)
      .where('provider', '=', settlement.provider)
      .where('event_id', '=', settlement.eventId)
      .where('token', '=', token),
  );
  return rows.length > 0;
}

function* ofExecution(
  { build, tables }: Dialect,
  tenant: string,
  executionId: string,
): Script<readonly SettlementRecord[]> {
  const rows = yield* ask(
    build
      .selectFrom(tables.settlements)
      .select(['record', 'open'])
      .where('execution_id', '=', executionId)
      .where('tenant', '=', tenant)
      .orderBy('n'),
  );
  return rows.map((row) => ({ ...(JSON.parse(row.record) as SettlementRecord), open: row.open === 1 }));
}

function* close(
  dialect: Dialect,
  { tenant, provider, eventId }: SettlementKey,
  messages: readonly OutboxMessage[],
): Script<void> {
  yield* ask(
    dialect.build
      .updateTable(dialect.tables.settlements)
      .set({ open: 0 })
      .where('tenant', '=', tenant)
      .where('provider', '=', provider)
      .where('event_id', '=', eventId),
  );
  yield* insertMessages(dialect, messages);
}

function* leftOpen(
  { build, tables }: Dialect,
  limit: number,
): Script<readonly Pick<ExecutionRecord, 'tenant' | 'id'>[]> {
  const rows = yield* ask(
    build
      .selectFrom(`${tables.settlements} as s`)
      .innerJoin(`${tables.executions} as e`, (join) =>
        join.onRef('e.id', '=', 's.execution_id').onRef('e.tenant', '=', 's.tenant'),
      )
      .select(['e.tenant', 'e.id'])
      .where('s.open', '=', sql.lit(1))
      .where('e.state_rank', '>=', sql.lit(DRIVEN_BELOW))
      .where('e.state_rank', '<', sql.lit(TOMBSTONE_RANK))
      .orderBy('s.n')
      .limit(limit),
  );
  return rows.filter((row, i) => rows.findIndex(({ id }) => id === row.id) === i);
}

/** What an execution was settled by is kept for as long as the execution is. */
function* prune({ build, tables }: Dialect, receivedBefore: EpochMs, limit: number): Script<number> {
  const old = build
    .selectFrom(`${tables.settlements} as s`)
    .select('s.n')
    .where('s.received_at', '<', receivedBefore)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom(`${tables.executions} as e`)
            .select('e.id')
            .whereRef('e.id', '=', 's.execution_id')
            .where('e.state_rank', '<', sql.lit(TOMBSTONE_RANK)),
        ),
      ),
    )
    .orderBy('s.received_at')
    .orderBy('s.n')
    .limit(limit);
  const dropped = yield* ask(build.deleteFrom(tables.settlements).where('n', 'in', old).returning('n'));
  return dropped.length;
}
