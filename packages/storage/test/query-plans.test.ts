import { join } from 'node:path';
import type { DurationMs, EpochMs } from '@invoke/core/domain';
import {
  approval,
  approvalPage,
  charge,
  decided,
  execution,
  incarnation,
  move,
  NOW,
  page,
  tracePage,
} from '@invoke/testkit/stores';
import { createManualClock } from '@invoke/testkit/fakes';
import { expect, test } from 'vitest';
import { openSqliteConnection } from '../src/dialect/sqlite-connection.js';
import { createSqliteDialect } from '../src/dialect/sqlite.js';
import { openStore, type DatabaseStore } from '../src/stores/store.js';
import { createTableNames } from '../src/tables.js';
import { temporaryFolder } from './support/open-sqlite.js';

interface Cell {
  readonly cell: string;
  readonly ask: (store: DatabaseStore) => Promise<unknown>;
  readonly index: string;
}

/**
 * On SQLite a query that walks a table stops the event loop of the gateway, and partial indexes are used only where the
 * query repeats their condition: so each query is looked at as SQLite plans it.
 */
const SHEET: readonly Cell[] = [
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
    cell: 'list failed of a tool',
    ask: (s) => s.executions.list(page({ state: 'failed', tool: 'x' })),
    index: 'invoke_executions_by_tool_outcome',
  },
  {
    cell: 'list running of a tool',
    ask: (s) => s.executions.list(page({ state: 'running', tool: 'x' })),
    index: 'invoke_executions_by_state',
  },
  {
    cell: 'list completed of a tool',
    ask: (s) => s.executions.list(page({ state: 'completed', tool: 'x' })),
    index: 'invoke_executions_by_tool',
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
    index: 'invoke_executions_writing',
  },
  { cell: 'take over', ask: (s) => s.executions.takeOver('me', 't', 5), index: 'invoke_executions_by_state' },
  { cell: 'owned by', ask: (s) => s.executions.ownedBy('me', 5), index: 'invoke_executions_by_state' },
  {
    cell: 'prune',
    ask: (s) => s.executions.prune({ now: NOW, keptMs: 0, tombstoneMs: 0, limit: 5 }),
    index: 'invoke_executions_finished',
  },
  {
    cell: 'drop tombstones',
    ask: (s) => s.executions.dropTombstones(NOW, 5),
    index: 'invoke_executions_tombstones',
  },
  { cell: 'traces', ask: (s) => s.traces.list(tracePage()), index: 'sqlite_autoindex_invoke_traces_1' },
  {
    cell: 'traces by tool',
    ask: (s) => s.traces.list(tracePage({ tool: 'x' })),
    index: 'invoke_traces_by_tool',
  },
  {
    cell: 'traces by agent',
    ask: (s) => s.traces.list(tracePage({ agentId: 'x' })),
    index: 'sqlite_autoindex_invoke_traces_1',
  },
  {
    cell: 'traces failed',
    ask: (s) => s.traces.list(tracePage({ status: 'failed' })),
    index: 'invoke_traces_by_status',
  },
  {
    cell: 'traces completed',
    ask: (s) => s.traces.list(tracePage({ status: 'completed' })),
    index: 'sqlite_autoindex_invoke_traces_1',
  },
  {
    cell: 'traces of one',
    ask: (s) => s.traces.list(tracePage({ executionId: 'e' })),
    index: 'invoke_traces_by_execution',
  },
];

const agent = { agentId: 'a', keyId: 'k' };
const keyless = { agentId: null, keyId: 'k' };
const lost = { approval: decided(approval({ id: 'a' })), move: null, fresh: null, messages: [] };

const CONTROL_SHEET: readonly Cell[] = [
  {
    cell: 'approval',
    ask: (s) => s.approvals.find('t', 'a'),
    index: 'sqlite_autoindex_invoke_approvals_1',
  },
  {
    cell: 'approval of an execution',
    ask: (s) => s.approvals.ofExecution('t', 'e'),
    index: 'invoke_approvals_by_execution',
  },
  {
    cell: 'decide',
    ask: (s) => s.approvals.decide(lost),
    index: 'sqlite_autoindex_invoke_approvals_1',
  },
  {
    cell: 'approvals',
    ask: (s) => s.approvals.list(approvalPage()),
    index: 'invoke_approvals_by_tenant',
  },
  {
    cell: 'next page of approvals',
    ask: (s) => s.approvals.list(approvalPage({ before: 'a' })),
    index: 'invoke_approvals_by_tenant',
  },
  {
    cell: 'approvals by state',
    ask: (s) => s.approvals.list(approvalPage({ state: 'pending' })),
    index: 'invoke_approvals_by_state',
  },
  {
    cell: 'approvals by agent',
    ask: (s) => s.approvals.list(approvalPage({ agentId: 'x' })),
    index: 'invoke_approvals_by_agent',
  },
  {
    cell: 'expired approvals',
    ask: (s) => s.approvals.expired(5),
    index: 'invoke_approvals_pending_until',
  },
  {
    cell: 'pending of an agent',
    ask: (s) => s.approvals.countPending('t', agent),
    index: 'invoke_approvals_pending_of',
  },
  {
    cell: 'pending of a key',
    ask: (s) => s.approvals.countPending('t', keyless),
    index: 'invoke_approvals_pending_of',
  },
  { cell: 'take messages', ask: (s) => s.outbox.take(5, 1000), index: 'invoke_outbox_due' },
  {
    cell: 'settle a message',
    ask: (s) => s.outbox.settle('m', { kind: 'delivered' }),
    index: 'sqlite_autoindex_invoke_outbox_1',
  },
  { cell: 'prune messages', ask: (s) => s.outbox.prune(NOW, 5), index: 'invoke_outbox_delivered' },
  {
    cell: 'events left open',
    ask: (s) => s.settlements.leftOpen(5),
    index: 'invoke_settlements_open',
  },
  {
    cell: 'events of an execution',
    ask: (s) => s.settlements.ofExecution('t', 'e'),
    index: 'invoke_settlements_by_execution',
  },
  {
    cell: 'release',
    ask: (s) => s.usage.release([charge()]),
    index: 'sqlite_autoindex_invoke_budget_use_1',
  },
  {
    cell: 'spent',
    ask: (s) => s.usage.spent('t', NOW),
    index: 'sqlite_autoindex_invoke_budget_use_1',
  },
  { cell: 'prune windows', ask: (s) => s.usage.prune(NOW, 5), index: 'invoke_budget_use_by_end' },
  {
    cell: 'usage',
    ask: (s) => s.usage.usage({ tenant: 't', per: 'agent', since: NOW, until: NOW, scan: 5 }),
    index: 'invoke_executions_by_time',
  },
];

/** A store that notes which statements are asked of its database. */
async function openAsked(folder: string) {
  const { db, file, close } = openSqliteConnection(join(folder, 'invoke.db'));
  const asked: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = ((text: string) => {
    asked.push(text);
    return prepare(text);
  }) as typeof db.prepare;
  const store = await openStore(
    createSqliteDialect({ db, file, close }, createTableNames('invoke_'), createManualClock()),
  );
  return { store, asked, prepare };
}

test.for([...SHEET, ...CONTROL_SHEET])('$cell: no walk through a table', async ({ ask, index }) => {
  using folder = temporaryFolder();
  const { store, asked, prepare } = await openAsked(folder.path);
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
    (line) => line.startsWith('SCAN ') && !/^SCAN (?:orphan|newest|i\b|CONSTANT ROW)/.test(line),
  );
  expect(walks).toEqual([]);
  expect(
    plans.filter((line) => line.includes('TEMP B-TREE FOR ORDER BY') && !index.includes('by_state')),
  ).toEqual([]);
  await store.close();
});

test('a statement of the hot path copies no pages to be able to undo itself', async () => {
  using folder = temporaryFolder();
  const { store, asked } = await openAsked(folder.path);
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

test('the outcome of a call writes only the indexes in which it changes something', async () => {
  using folder = temporaryFolder();
  const { store, asked, prepare } = await openAsked(folder.path);
  asked.length = 0;
  const record = execution({ id: 'exec_1', createdAt: NOW, updatedAt: NOW as EpochMs });
  await store.executions.transition(move(record, 'completed'));
  const [update = ''] = asked;
  const steps = prepare(`explain ${update}`).all(
    ...Array.from(update.matchAll(/\?/g), () => null),
  ) as readonly { opcode: string; p1: number; p2: number }[];
  const nameOf = prepare('select name from sqlite_master where rootpage = ?').pluck();
  const written = steps
    .filter(({ opcode }) => opcode === 'IdxInsert')
    .map(({ p1 }) => nameOf.get(steps.find((s) => s.opcode === 'OpenWrite' && s.p1 === p1)?.p2));
  // Each of them only where the row is one of those that it is made of.
  expect(written.toSorted()).toEqual([
    'invoke_executions_by_state',
    'invoke_executions_by_tool_outcome',
    'invoke_executions_finished',
    'invoke_executions_tombstones',
    'invoke_executions_writing',
  ]);
  await store.close();
});
