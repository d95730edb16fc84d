import { join } from 'node:path';
import type { DurationMs, EpochMs } from '@invoke/core/domain';
import { execution, incarnation, move, NOW, page, tracePage } from '@invoke/testkit/stores';
import { createManualClock } from '@invoke/testkit/fakes';
import { expect, test } from 'vitest';
import { openSqliteConnection } from '../src/dialect/sqlite-connection.js';
import { createSqliteDialect } from '../src/dialect/sqlite.js';
import { openStore, type DatabaseStore } from '../src/stores/store.js';
import { createTableNames } from '../src/tables.js';
import { temporaryFolder } from './support/open-sqlite.js';

/**
 * On SQLite a query that walks a table stops the event loop of the gateway, and partial indexes are used only where the
 * query repeats their condition: so each query is looked at as SQLite plans it.
 */
const sheet: readonly { cell: string; ask: (store: DatabaseStore) => Promise<unknown>; index: string }[] = [
  { cell: 'recall', ask: (s) => s.executions.recall('k'), index: 'sqlite_autoindex_invoke_executions_2' },
  { cell: 'find', ask: (s) => s.executions.find('t', 'e'), index: 'sqlite_autoindex_invoke_executions_1' },
  { cell: 'list', ask: (s) => s.executions.list(page()), index: 'invoke_executions_by_tenant' },
  {
    cell: 'next page',
    ask: (s) => s.executions.list(page({ before: 'e' })),
    index: 'invoke_executions_by_tenant',
  },
  {
    cell: 'list by tool',
    ask: (s) => s.executions.list(page({ tool: 'x' })),
    index: 'invoke_executions_by_tool',
  },
  {
    cell: 'list by agent',
    ask: (s) => s.executions.list(page({ agentId: 'x' })),
    index: 'invoke_executions_by_agent',
  },
  {
    cell: 'list failed',
    ask: (s) => s.executions.list(page({ state: 'failed' })),
    index: 'invoke_executions_by_state',
  },
  {
    cell: 'list running',
    ask: (s) => s.executions.list(page({ state: 'running' })),
    index: 'invoke_executions_by_state',
  },
  {
    cell: 'list completed',
    ask: (s) => s.executions.list(page({ state: 'completed' })),
    index: 'invoke_executions_by_tenant',
  },
  {
    cell: 'entity in doubt',
    ask: (s) => s.executions.unsettledWriteTo('t', 'e', 'x'),
    index: 'invoke_executions_in_doubt',
  },
  { cell: 'take over', ask: (s) => s.executions.takeOver('me', 't', 5), index: 'invoke_executions_by_state' },
  { cell: 'prune', ask: (s) => s.executions.prune(NOW, NOW, 5), index: 'invoke_executions_finished' },
  {
    cell: 'drop tombstones',
    ask: (s) => s.executions.dropTombstones(NOW, 5),
    index: 'invoke_executions_tombstones',
  },
  { cell: 'traces', ask: (s) => s.traces.list(tracePage()), index: 'invoke_traces_by_tenant' },
  {
    cell: 'traces by tool',
    ask: (s) => s.traces.list(tracePage({ tool: 'x' })),
    index: 'invoke_traces_by_tool',
  },
  {
    cell: 'traces by agent',
    ask: (s) => s.traces.list(tracePage({ agentId: 'x' })),
    index: 'invoke_traces_by_agent',
  },
  {
    cell: 'traces failed',
    ask: (s) => s.traces.list(tracePage({ status: 'failed' })),
    index: 'invoke_traces_by_status',
  },
  {
    cell: 'traces completed',
    ask: (s) => s.traces.list(tracePage({ status: 'completed' })),
    index: 'invoke_traces_by_tenant',
  },
  {
    cell: 'traces of one',
    ask: (s) => s.traces.list(tracePage({ executionId: 'e' })),
    index: 'invoke_traces_by_execution',
  },
];

test.for(sheet)('$cell: no walk through a table', async ({ ask, index }) => {
  using folder = temporaryFolder();
  const { db, close } = openSqliteConnection(join(folder.path, 'invoke.db'));
  const asked: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = ((text: string) => {
    asked.push(text);
    return prepare(text);
  }) as typeof db.prepare;
  const store = await openStore(
    createSqliteDialect({ db, close }, createTableNames('invoke_'), createManualClock()),
  );
  asked.length = 0;
  await ask(store);
  const plans = asked.flatMap((text) => {
    const explain = prepare(`explain query plan ${text}`);
    return explain
      .all(...Array.from(text.matchAll(/\?/g), () => null))
      .map((row) => (row as { detail: string }).detail);
  });
  expect(plans.join('\n')).toContain(index);
  // The few gateways that are alive, and what a statement has just gathered itself, may be walked through.
  const walks = plans.filter(
    (line) => line.startsWith('SCAN ') && !/^SCAN (?:orphan|i\b|CONSTANT ROW)/.test(line),
  );
  expect(walks).toEqual([]);
  expect(
    plans.filter((line) => line.includes('TEMP B-TREE FOR ORDER BY') && !index.includes('by_state')),
  ).toEqual([]);
  await store.close();
});

test('a statement of the hot path copies no pages to be able to undo itself', async () => {
  using folder = temporaryFolder();
  const { db, close } = openSqliteConnection(join(folder.path, 'invoke.db'));
  const asked: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = ((text: string) => {
    asked.push(text);
    return prepare(text);
  }) as typeof db.prepare;
  const store = await openStore(
    createSqliteDialect({ db, close }, createTableNames('invoke_'), createManualClock()),
  );
  await store.incarnations.enlist(incarnation('inc-1'), 1000 as DurationMs);
  asked.length = 0;
  const record = execution({ id: 'exec_1', createdAt: NOW, updatedAt: NOW as EpochMs });
  await store.executions.claim(record);
  await store.executions.transition(move(record, 'completed'));
  expect(asked).toHaveLength(2);
  // A RETURNING or a SELECT makes it a statement that may change many rows, and has to be undone as a whole.
  for (const text of asked) expect(text).not.toMatch(/returning|select/i);
  await store.close();
});
