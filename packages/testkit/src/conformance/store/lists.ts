import { describe, expect, test } from 'vitest';
import { execution, page } from './records.js';
import type { OpenStore } from './store-under-test.js';

export function describeLists(open: OpenStore): void {
  describe('list', () => {
    test('newest first, filtered by tenant, state, tool and agent', async () => {
      await using it = await open();
      const { executions } = it.store;
      const rows = [
        ['e1', 'acme', 'completed', 'a', 'x'],
        ['e2', 'acme', 'failed', 'a', 'y'],
        ['e3', 'other', 'completed', 'a', 'x'],
        ['e4', 'acme', 'running', 'b', 'x'],
        ['e5', 'acme', 'completed', 'b', null],
      ] as const;
      for (const [id, tenant, state, tool, agentId] of rows) {
        await executions.claim(execution({ id, tenant, state, tool, agentId }));
      }
      const ids = async (query: Parameters<typeof page>[0]) =>
        (await executions.list(page(query))).map((record) => record.id);
      expect(await ids({})).toEqual(['e5', 'e4', 'e2', 'e1']);
      expect(await ids({ limit: 2 })).toEqual(['e5', 'e4']);
      expect(await ids({ tenant: 'other' })).toEqual(['e3']);
      expect(await ids({ state: 'completed' })).toEqual(['e5', 'e1']);
      expect(await ids({ state: 'failed' })).toEqual(['e2']);
      expect(await ids({ state: 'running', tool: 'b' })).toEqual(['e4']);
      expect(await ids({ tool: 'a' })).toEqual(['e2', 'e1']);
      expect(await ids({ agentId: 'x' })).toEqual(['e4', 'e1']);
      expect(await ids({ agentId: 'x', state: 'completed', before: 'e4' })).toEqual(['e1']);
      expect(await ids({ before: 'e2' })).toEqual(['e1']);
      expect(await ids({ before: 'nobody' })).toEqual([]);
    });

    test('turning pages while others insert shows every older row once', async () => {
      await using it = await open();
      const { executions } = it.store;
      const ids = Array.from({ length: 30 }, (_, i) => `exec_${String(i).padStart(3, '0')}`);
      for (const id of ids) await executions.claim(execution({ id }));
      const seen: string[] = [];
      let before: string | null = null;
      for (let turn = 0; ; turn += 1) {
        const [records] = await Promise.all([
          executions.list(page({ limit: 7, before })),
          executions.claim(execution({ id: `new_${turn}` })),
        ]);
        if (records.length === 0) break;
        seen.push(...records.map((record) => record.id));
        before = seen.at(-1) as string;
      }
      expect(seen.filter((id) => !id.startsWith('new_'))).toEqual(ids.toReversed());
    });
  });
}
