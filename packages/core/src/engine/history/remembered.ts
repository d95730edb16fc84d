import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { roughSize } from './rough-size.js';

/** What a database acknowledges now it loses within seconds, if at all: this many of the newest are plenty. */
const MOST = 1_000;
const MOST_CHARS = 16 * 1024 * 1024;

/** The last versions that were acknowledged to this gateway, newest last. Bounded: the oldest go first. */
export interface Remembered {
  executions(): readonly ExecutionRecord[];
  approvals(): readonly ApprovalRecord[];
  /** A version as it is in the store. */
  keep(record: ExecutionRecord): void;
  keepApproval(approval: ApprovalRecord): void;
  find(executionId: string): ExecutionRecord | null;
}

export function createRemembered(): Remembered {
  const executions = createBounded<ExecutionRecord>();
  const approvals = createBounded<ApprovalRecord>();
  return {
    executions: () => executions.all(),
    approvals: () => approvals.all(),
    keep: (record) => executions.put(record.id, record),
    keepApproval: (approval) => approvals.put(approval.id, approval),
    find: (executionId) => executions.get(executionId),
  };
}

function createBounded<T>() {
  const items = new Map<string, { readonly item: T; readonly size: number }>();
  let chars = 0;

  function drop(id: string): void {
    chars -= items.get(id)?.size ?? 0;
    items.delete(id);
  }

  return {
    all: () => [...items.values()].map(({ item }) => item),
    get: (id: string) => items.get(id)?.item ?? null,
    put(id: string, item: T): void {
      drop(id);
      const size = roughSize(item);
      items.set(id, { item, size });
      chars += size;
      for (const oldest of items.keys()) {
        if (items.size <= MOST && chars <= MOST_CHARS) return;
        drop(oldest);
      }
    },
  };
}
