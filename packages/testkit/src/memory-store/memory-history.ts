import { decideHistory, epochMs, type HistoryMark, type HistoryRecord } from '@invoke/core/domain';
import type { HistoryStore } from '@invoke/core/ports';
import type { Later } from './later.js';
import type { MemoryStoreOptions } from './memory-store-options.js';

const UNCHANGED: HistoryMark = { line: 'memory', position: 0 };

/** Connections are not told apart here: `watch` has nothing to tell. */
export function createMemoryHistory(
  { clock, mark = () => UNCHANGED }: MemoryStoreOptions,
  later: Later,
): HistoryStore {
  let record: HistoryRecord | null = null;
  return {
    mayForget: true,
    look: (seen) =>
      later(() => {
        const now = epochMs(clock.now());
        record = decideHistory({ now, mark: mark(), record, seen, hadPast: false, mayForget: true });
        const { changedAt, quarantined } = record;
        return { mark: mark(), now, changedAt, quarantined };
      }),
    confirm: () =>
      later(() => {
        if (record?.quarantined !== true) return;
        record = { ...record, quarantined: false, changedAt: epochMs(clock.now()) };
      }),
    watch: () => undefined,
    resume: () => undefined,
  };
}
