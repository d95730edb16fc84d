import type { Selectable } from 'kysely';
import type { TracesTable } from '../tables.js';

export type TraceRow = Selectable<TracesTable>;

/** While the storage is down, this much is kept; then the oldest go. */
const MAX_RECORDS = 10_000;
const MAX_CHARS = 32 * 1024 * 1024;

export interface TraceQueue {
  /** Returns how many of the oldest had to go. */
  push(rows: readonly TraceRow[]): number;
  take(): readonly TraceRow[];
}

export function createTraceQueue(): TraceQueue {
  let rows: TraceRow[] = [];
  let chars = 0;
  return {
    push(more) {
      for (const row of more) {
        rows.push(row);
        chars += row.record.length;
      }
      let surplus = 0;
      while (rows.length - surplus > MAX_RECORDS || chars > MAX_CHARS) {
        chars -= rows[surplus]?.record.length ?? 0;
        surplus += 1;
      }
      if (surplus > 0) rows.splice(0, surplus);
      return surplus;
    },
    take() {
      const taken = rows;
      rows = [];
      chars = 0;
      return taken;
    },
  };
}
