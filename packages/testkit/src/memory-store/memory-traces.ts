import type { TraceRecord } from '@invoke/contract';
import type { TraceStore } from '@invoke/core/ports';
import { compareText } from './compare-text.js';
import { throughJson, type Later } from './later.js';

export function createMemoryTraces(later: Later): TraceStore {
  let records: TraceRecord[] = [];
  return {
    append(record) {
      const known = records.some((r) => r.trace_id === record.trace_id && tenantOf(r) === tenantOf(record));
      if (!known) records.push(throughJson(record));
    },
    list: (query) =>
      later(() =>
        records
          .filter((r) => tenantOf(r) === query.tenant)
          .filter((r) => query.before === null || compareText(r.trace_id, query.before) < 0)
          .filter((r) => query.tool === null || r.tool === query.tool)
          .filter((r) => query.agentId === null || r.agent_id === query.agentId)
          .filter((r) => query.status === null || r.status === query.status)
          .filter((r) => query.executionId === null || r.execution_id === query.executionId)
          .toSorted((a, b) => compareText(b.trace_id, a.trace_id))
          .slice(0, query.limit),
      ),
    prune: (before, limit) =>
      later(() => {
        const cut = `trace_${before.toString(16).padStart(12, '0')}`;
        const old = records
          .filter((r) => compareText(r.trace_id, cut) < 0)
          .toSorted((a, b) => compareText(tenantOf(a), tenantOf(b)) || compareText(a.trace_id, b.trace_id))
          .slice(0, limit);
        records = records.filter((r) => !old.includes(r));
        return old.length;
      }),
    flush: () => later(() => undefined),
  };
}

function tenantOf({ tenant }: TraceRecord): string {
  return tenant ?? '';
}
