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
    keep: (record) => executions.put(record, record.request.params, record.resultText?.length ?? 0),
    keepApproval: (approval) => approvals.put(approval, approval.checkpoint.params, 0),
    find: (executionId) => executions.get(executionId),
  };
}

/** What a record takes beside the parts whose size anybody can choose, about. */
const FRAME_CHARS = 2_000;

interface Kept<T> {
  readonly item: T;
  /** Of the part that never changes: it is counted once. */
  readonly fixed: number;
  readonly size: number;
}

function createBounded<T extends { readonly id: string }>() {
  const items = new Map<string, Kept<T>>();
  let chars = 0;

  function drop(id: string, kept: Kept<T>): void {
    chars -= kept.size;
    items.delete(id);
  }

  return {
    all: () => [...items.values()].map(({ item }) => item),
    get: (id: string) => items.get(id)?.item ?? null,
    put(item: T, params: object, more: number): void {
      const before = items.get(item.id);
      if (before !== undefined) drop(item.id, before);
      const fixed = before?.fixed ?? FRAME_CHARS + roughSize(params);
      const size = fixed + more;
      items.set(item.id, { item, fixed, size });
      chars += size;
      for (const [oldest, kept] of items) {
        if (items.size <= MOST && chars <= MOST_CHARS) return;
        drop(oldest, kept);
      }
    },
  };
}
