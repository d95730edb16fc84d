import { describe, expect, test } from 'vitest';
import { execution, trace, tracePage } from './records.js';
import type { OpenStore } from './store-under-test.js';

export function describeTraces(open: OpenStore): void {
  describe('traces', () => {
    test('are listed newest first, by tool, agent, status and execution', async () => {
      await using it = await open();
      const { traces } = it.store;
      traces.append(trace({ trace_id: 't1', tool: 'a', status: 'completed', execution_id: 'e1' }));
      traces.append(trace({ trace_id: 't2', tool: 'b', status: 'policy_denied', agent_id: 'agent-2' }));
      traces.append(
        trace({ trace_id: 't3', tool: 'a', status: 'completed', execution_id: 'e1', replayed: true }),
      );
      traces.append(trace({ trace_id: 't4', tool: 'a', status: 'failed', tenant: 'other' }));
      traces.append(
        trace({ trace_id: 't5', tool: 'a', status: 'unauthenticated', tenant: null, agent_id: null }),
      );
      await traces.flush();
      const ids = async (query: Parameters<typeof tracePage>[0]) =>
        (await traces.list(tracePage(query))).map((record) => record.trace_id);
      expect(await ids({})).toEqual(['t3', 't2', 't1']);
      expect(await ids({ limit: 1 })).toEqual(['t3']);
      expect(await ids({ before: 't3' })).toEqual(['t2', 't1']);
      expect(await ids({ tool: 'a' })).toEqual(['t3', 't1']);
      expect(await ids({ tool: 'a', before: 't3' })).toEqual(['t1']);
      expect(await ids({ status: 'policy_denied' })).toEqual(['t2']);
      expect(await ids({ status: 'completed' })).toEqual(['t3', 't1']);
      expect(await ids({ agentId: 'agent-2' })).toEqual(['t2']);
      expect(await ids({ executionId: 'e1' })).toEqual(['t3', 't1']);
      expect(await ids({ tenant: 'other' })).toEqual(['t4']);
      expect(await ids({ before: 'nobody' })).toEqual([]);
    });

    test('come back as they were given; the first of two with one id stays', async () => {
      await using it = await open();
      const first = trace({ trace_id: 't1', params: { text: 'a\u0000b ü€𝄞 \u2028', list: [1.5, null] } });
      it.store.traces.append(first);
      it.store.traces.append(trace({ trace_id: 't1', status: 'failed' }));
      await it.store.traces.flush();
      expect(await it.store.traces.list(tracePage())).toEqual([first]);
    });

    test('are written within a second, without being asked to', async () => {
      await using it = await open();
      it.store.traces.append(trace({ trace_id: 't1' }));
      await expect.poll(() => it.store.traces.list(tracePage()), { timeout: 1000 }).toHaveLength(1);
      it.store.traces.append(trace({ trace_id: 't2' }));
      await it.store.executions.claim(execution({ id: 'exec_1' }));
      await expect.poll(() => it.store.traces.list(tracePage()), { timeout: 1000 }).toHaveLength(2);
    });
  });
}
