import type { TraceRecord } from '@invoke/contract';
import type { Log, TraceQuery, TraceStore } from '@invoke/core/ports';
import { sql } from 'kysely';
import type { BatchQuery, Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { pruneTraces } from './trace-pruning.js';
import { createTraceQueue, type TraceRow } from './trace-queue.js';

/** A trace that no commit has taken along is written after this long. */
const WRITE_WITHIN_MS = 500;

export interface QueuedTraceStore extends TraceStore {
  /** How many records were given up so far. */
  readonly dropped: number;
}

export function createTraceStore(dialect: Dialect, log: Log | undefined): QueuedTraceStore {
  const lane = dialect.lane(insertQuery(dialect));
  const queue = createTraceQueue();
  const sending = new Set<Promise<void>>();
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;

  function enqueue(rows: readonly TraceRow[]): void {
    const surplus = queue.push(rows);
    if (surplus > 0) giveUp(surplus, 'the queue is full');
    timer ??= setTimeout(send, WRITE_WITHIN_MS, false).unref();
  }

  /** Hands the queue over to the lane. What fails comes back into the queue unless this is its `last` chance. */
  function send(last: boolean): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const rows = queue.take();
    if (rows.length === 0) return;
    const round = settle(rows, last).finally(() => sending.delete(round));
    sending.add(round);
  }

  async function settle(rows: readonly TraceRow[], last: boolean): Promise<void> {
    const results = await Promise.allSettled(rows.map((row) => lane(row)));
    const failed = rows.filter((_, i) => results[i]?.status === 'rejected');
    if (failed.length === 0) return;
    // Where others got through, the record itself is at fault; where none did, the storage is down and will come back.
    if (!last && failed.length === rows.length) return enqueue([...failed, ...queue.take()]);
    giveUp(failed.length, results.find((result) => result.status === 'rejected')?.reason);
  }

  function giveUp(count: number, why: unknown): void {
    dropped += count;
    log?.warn('traces_dropped', { count, dropped, why: why instanceof Error ? why.message : String(why) });
  }

  dialect.beforeCommit(() => send(false));

  return {
    get dropped() {
      return dropped;
    },
    append(record) {
      try {
        enqueue([toRow(record)]);
      } catch (error) {
        giveUp(1, error);
      }
    },
    list: (query) => dialect.read(() => list(dialect, query)),
    prune: (before, limit) => dialect.write(() => pruneTraces(dialect, before, limit)),
    async flush() {
      await Promise.all(sending);
      send(true);
      await Promise.all(sending);
    },
  };
}

function insertQuery({ build, tables }: Dialect): BatchQuery<TraceRow, { trace_id: string }> {
  return {
    columns: {
      tenant: 'text',
      trace_id: 'text',
      execution_id: 'text',
      agent_id: 'text',
      tool: 'text',
      status: 'text',
      record: 'text',
    },
    key: 'trace_id',
    query: (source) =>
      build
        .insertInto(tables.traces)
        .columns(['tenant', 'trace_id', 'execution_id', 'agent_id', 'tool', 'status', 'record'])
        .expression(source.all)
        .onConflict((conflict) => conflict.doNothing())
        .$if(source.many, (query) => query.returning('trace_id')),
    written: (source) =>
      build
        .selectFrom(`${tables.traces} as t`)
        .$if(source.many, (query) => query.innerJoin(source.table, (join) => join.onTrue()))
        .whereRef('t.tenant', '=', source.value('tenant'))
        .whereRef('t.trace_id', '=', source.value('trace_id'))
        .select('t.trace_id'),
  };
}

function toRow(record: TraceRecord): TraceRow {
  return {
    tenant: record.tenant ?? '',
    trace_id: record.trace_id,
    execution_id: record.execution_id,
    agent_id: record.agent_id,
    tool: record.tool,
    status: record.status,
    record: JSON.stringify(record),
  };
}

function* list({ build, tables }: Dialect, query: TraceQuery): Script<readonly TraceRecord[]> {
  let page = build
    .selectFrom(tables.traces)
    .select('record')
    .where('tenant', '=', query.tenant)
    .orderBy('trace_id', 'desc')
    .limit(query.limit);
  if (query.before !== null) page = page.where('trace_id', '<', query.before);
  if (query.tool !== null) page = page.where('tool', '=', query.tool);
  if (query.agentId !== null) page = page.where('agent_id', '=', query.agentId);
  if (query.status !== null) {
    page = page.where('status', '=', query.status);
    // Said once more as the index says it: only then does SQLite use it.
    if (query.status !== 'completed') page = page.where('status', '<>', sql.lit('completed'));
  }
  if (query.executionId !== null) page = page.where('execution_id', '=', query.executionId);
  const rows = yield* ask(page);
  return rows.map((row) => JSON.parse(row.record) as TraceRecord);
}
