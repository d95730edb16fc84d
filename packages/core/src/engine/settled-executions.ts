import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { isTerminal } from '../domain/execution/execution-state.js';
import { between, type EpochMs } from '../domain/time.js';
import { createRecent } from './bounded/recent.js';

/**
 * Recorded answers that were asked for lately. Only terminal executions are kept, and only until they may be pruned: what is
 * recorded of them never changes, so no other gateway can make what is kept here wrong.
 */
export interface SettledExecutions {
  find(keyDigest: string, now: EpochMs): ExecutionRecord | null;
  keep(keyDigest: string, record: ExecutionRecord): void;
}

const LEAST_ENTRIES = 500;
/** Longer results are not kept: the entries together stay below 16 MiB. */
const LONGEST_RESULT = 16_384;

/** @param retentionMs how long the record of a finished execution is kept by the store */
export function createSettledExecutions(retentionMs: number): SettledExecutions {
  const kept = createRecent<string, ExecutionRecord>(LEAST_ENTRIES);
  return {
    find(keyDigest, now) {
      const record = kept.get(keyDigest);
      if (record === undefined) return null;
      if (record.finishedAt !== null && between(record.finishedAt, now) < retentionMs) return record;
      kept.delete(keyDigest);
      return null;
    },
    keep(keyDigest, record) {
      if (!isTerminal(record.state) || (record.resultText?.length ?? 0) > LONGEST_RESULT) return;
      kept.set(keyDigest, record);
    },
  };
}
