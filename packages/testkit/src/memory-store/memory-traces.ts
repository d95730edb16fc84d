import type { TraceRecord } from '@invoke/contract';
import type { TraceStore } from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';

export function createMemoryTraces(later: Later): TraceStore {
  const records: TraceRecord[] = [];
  return {
    append(record) {
      if (!records.some((r) => r.trace_id === record.trace_id)) records.push(throughJson(record));
    },
    list: (query) =>
      later(() => {
        const before =
          query.before === null ? records.length : records.findIndex((r) => r.trace_id === query.before);
        return records
          .slice(0, Math.max(0, before))
          .filter((r) => r.tenant === query.tenant)
          .filter((r) => query.tool === null || r.tool === query.tool)
          .filter((r) => query.agentId === null || r.agent_id === query.agentId)
          .filter((r) => query.status === null || r.status === query.status)
          .filter((r) => query.executionId === null || r.execution_id === query.executionId)
          .reverse()
          .slice(0, query.limit);
      }),
    flush: () => later(() => undefined),
  };
}
