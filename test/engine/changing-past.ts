import { epochMs } from '@invoke/core/domain';
import type { HistoryStore } from '@invoke/core/ports';
import type { ManualClock } from '@invoke/testkit/fakes';

/** A history that goes back when a test says so, from which on it shows another past. */
export interface ChangingPast {
  readonly history: HistoryStore;
  goBack(): void;
  /** When that was; null where it never was. */
  wentBackAt(): number | null;
  /** How often calls were let on. */
  resumed(): number;
}

export function createChangingPast(clock: ManualClock): ChangingPast {
  let wentBackAt: number | null = null;
  let resumed = 0;
  return {
    history: {
      mayForget: true,
      look: async () => ({
        mark: { line: wentBackAt === null ? 'a' : 'b', position: 1 },
        now: clock.now(),
        changedAt: wentBackAt === null ? null : epochMs(wentBackAt),
        quarantined: false,
      }),
      confirm: () => Promise.resolve(),
      watch: () => undefined,
      resume: () => void (resumed += 1),
    },
    goBack: () => void (wentBackAt = clock.now()),
    wentBackAt: () => wentBackAt,
    resumed: () => resumed,
  };
}
