import { EXECUTION_STATE } from '@invoke/contract';
import { NEVER, type EpochMs } from '@invoke/core/domain';
import type { UsageQuery } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { execution, NOW } from './records.js';
import type { OpenStore } from './store-under-test.js';

const at = (offset: number) => (NOW + offset) as EpochMs;
const query = (fields: Partial<UsageQuery> = {}): UsageQuery => ({
  tenant: 'acme',
  per: 'tool',
  since: at(0),
  until: at(100),
  scan: 1000,
  ...fields,
});
const line = (
  subject: string,
  counts: Partial<Record<'calls' | 'completed' | 'failed' | 'open', number>>,
) => ({
  subject,
  calls: 0,
  completed: 0,
  failed: 0,
  open: 0,
  ...counts,
});

export function describeUsage(open: OpenStore): void {
  describe('usage', () => {
    test('counts by tool, agent or key; calls without an agent under the empty name', async () => {
      await using it = await open();
      const rows = [
        ['e1', 'completed', 'b', 'agent-1', 'key_1'],
        ['e2', 'failed', 'a', 'agent-1', 'key_2'],
        ['e3', 'running', 'a', null, 'key_2'],
      ] as const;
      for (const [id, state, tool, agentId, keyId] of rows) {
        await it.store.executions.claim(execution({ id, state, tool, agentId, keyId }));
      }
      await it.store.executions.claim(execution({ id: 'foreign', tenant: 'other' }));
      const lines = async (per: UsageQuery['per']) => (await it.store.usage.usage(query({ per }))).lines;
      expect(await lines('tool')).toEqual([
        line('a', { calls: 2, failed: 1, open: 1 }),
        line('b', { calls: 1, completed: 1 }),
      ]);
      expect(await lines('agent')).toEqual([
        line('', { calls: 1, open: 1 }),
        line('agent-1', { calls: 2, completed: 1, failed: 1 }),
      ]);
      expect(await lines('key')).toEqual([
        line('key_1', { calls: 1, completed: 1 }),
        line('key_2', { calls: 2, failed: 1, open: 1 }),
      ]);
    });

    test('every state is completed, failed or open', async () => {
      await using it = await open();
      for (const state of Object.values(EXECUTION_STATE)) {
        await it.store.executions.claim(execution({ id: state, state, tool: state }));
      }
      const { lines } = await it.store.usage.usage(query());
      const subjects = (field: 'completed' | 'failed' | 'open') =>
        lines.filter((one) => one[field] === 1).map((one) => one.subject);
      expect(subjects('completed')).toEqual(['completed']);
      expect(subjects('failed')).toEqual([
        'blocked',
        'cancelled',
        'denied',
        'expired',
        'failed',
        'rejected',
        'replan_required',
      ]);
      expect(subjects('open')).toEqual([
        'accepted',
        'awaiting_approval',
        'needs_review',
        'reconciling',
        'retry_wait',
        'running',
        'unknown',
      ]);
    });

    test('of a period, its first moment in and its last one out; the newest, where there are too many', async () => {
      await using it = await open();
      for (const n of [99, 0, 50, -1, 100]) {
        await it.store.executions.claim(execution({ id: `e${n}`, tool: `t${n}`, createdAt: at(n) }));
      }
      const subjects = async (fields: Partial<UsageQuery>) => {
        const { lines, complete } = await it.store.usage.usage(query(fields));
        return [lines.map((one) => one.subject), complete];
      };
      expect(await subjects({})).toEqual([['t0', 't50', 't99'], true]);
      expect(await subjects({ scan: 3 })).toEqual([['t0', 't50', 't99'], true]);
      expect(await subjects({ scan: 2 })).toEqual([['t50', 't99'], false]);
      expect(await subjects({ since: at(51), until: at(99) })).toEqual([[], true]);
    });

    test('what was pruned is not counted', async () => {
      await using it = await open();
      await it.store.executions.claim(execution({ id: 'e1', state: 'completed', finishedAt: 1 as EpochMs }));
      await it.store.executions.prune({ now: NEVER, keptMs: 0, tombstoneMs: 1_000, limit: 10 });
      expect(await it.store.usage.usage(query())).toEqual({ lines: [], complete: true });
    });
  });
}
