import type { Budget } from '@invoke/contract';
import { after, epochMs, type EpochMs } from '../time.js';

/** One turn of a budget: `start` belongs to it, `end` to the next one. */
export interface BudgetWindow {
  readonly start: EpochMs;
  readonly end: EpochMs;
}

const LENGTH_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The calendar window, in UTC, that an instant lies in. Epoch time knows no leap seconds, so only months differ in length. */
export function windowAt(window: Budget['window'], at: EpochMs): BudgetWindow {
  if (window === 'month') return monthAt(at);
  const length = LENGTH_MS[window];
  const start = epochMs(Math.floor(at / length) * length);
  return { start, end: after(start, length) };
}

function monthAt(at: EpochMs): BudgetWindow {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { start: epochMs(Date.UTC(year, month)), end: epochMs(Date.UTC(year, month + 1)) };
}
