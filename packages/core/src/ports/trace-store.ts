import type { TraceRecord } from '@invoke/contract';
import type { EpochMs } from '../domain/time.js';

export interface TraceQuery {
  readonly tenant: string;
  /** 1 to 200. */
  readonly limit: number;
  /** trace_id of the last record of the page before; newest first. */
  readonly before: string | null;
  readonly tool: string | null;
  readonly agentId: string | null;
  readonly status: string | null;
  readonly executionId: string | null;
}

/** Traces, append-only. A trace that cannot be written never fails the call it tells of. */
export interface TraceStore {
  /** Queues the record; it shares the next commit, and is written within a second when there is none. */
  append(record: TraceRecord): void;
  list(query: TraceQuery): Promise<readonly TraceRecord[]>;
  /** Drops traces that began before this instant, which their ids tell. Returns how many. */
  prune(before: EpochMs, limit: number): Promise<number>;
  /** Resolves when all records queued so far are written or given up. */
  flush(): Promise<void>;
}
