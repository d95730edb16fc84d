import { expect, test } from 'vitest';
import { epochMs } from '../time.js';
import { windowAt } from './window.js';

/** Instants as RFC 3339 in the table, because a reader can check those; epoch milliseconds where arithmetic is tested. */
const CELLS = [
  {
    cell: 'a minute',
    window: 'minute',
    at: '2026-11-23T20:59:59.999Z',
    start: '2026-11-23T20:59:00.000Z',
    end: '2026-11-23T21:00:00.000Z',
    why: 'the last millisecond still belongs to it',
  },
  {
    cell: 'the first millisecond of a minute',
    window: 'minute',
    at: '2026-11-23T21:00:00.000Z',
    start: '2026-11-23T21:00:00.000Z',
    end: '2026-11-23T21:01:00.000Z',
    why: 'the end of one window is the start of the next',
  },
  {
    cell: 'an hour over midnight',
    window: 'hour',
    at: '2026-12-31T23:30:00.000Z',
    start: '2026-12-31T23:00:00.000Z',
    end: '2027-01-01T00:00:00.000Z',
    why: 'hours follow UTC, not the place of the gateway',
  },
  {
    cell: 'a day',
    window: 'day',
    at: '2026-02-28T12:00:00.000Z',
    start: '2026-02-28T00:00:00.000Z',
    end: '2026-03-01T00:00:00.000Z',
    why: '2026 has no 29 February',
  },
  {
    cell: 'the day before a leap day',
    window: 'day',
    at: '2028-02-28T23:59:59.999Z',
    start: '2028-02-28T00:00:00.000Z',
    end: '2028-02-29T00:00:00.000Z',
    why: '2028 has a 29 February',
  },
  {
    cell: 'a day of 23 hours in Berlin',
    window: 'day',
    at: '2026-03-29T10:00:00.000Z',
    start: '2026-03-29T00:00:00.000Z',
    end: '2026-03-30T00:00:00.000Z',
    why: 'clocks that change do not change UTC days',
  },
  {
    cell: 'a month of 30 days',
    window: 'month',
    at: '2026-11-30T23:59:59.999Z',
    start: '2026-11-01T00:00:00.000Z',
    end: '2026-12-01T00:00:00.000Z',
    why: 'the last millisecond of the month',
  },
  {
    cell: 'a month of 31 days, at the end of the year',
    window: 'month',
    at: '2026-12-31T23:59:59.999Z',
    start: '2026-12-01T00:00:00.000Z',
    end: '2027-01-01T00:00:00.000Z',
    why: 'December is followed by January of the next year',
  },
  {
    cell: 'February',
    window: 'month',
    at: '2026-02-01T00:00:00.000Z',
    start: '2026-02-01T00:00:00.000Z',
    end: '2026-03-01T00:00:00.000Z',
    why: 'the first millisecond of a month',
  },
  {
    cell: 'February of a leap year',
    window: 'month',
    at: '2028-02-29T12:00:00.000Z',
    start: '2028-02-01T00:00:00.000Z',
    end: '2028-03-01T00:00:00.000Z',
    why: 'divisible by 4',
  },
  {
    cell: 'February 2000',
    window: 'month',
    at: '2000-02-29T00:00:00.000Z',
    start: '2000-02-01T00:00:00.000Z',
    end: '2000-03-01T00:00:00.000Z',
    why: 'divisible by 400: a leap year',
  },
  {
    cell: 'February 2100',
    window: 'month',
    at: '2100-02-28T23:59:59.999Z',
    start: '2100-02-01T00:00:00.000Z',
    end: '2100-03-01T00:00:00.000Z',
    why: 'divisible by 100 only: no leap year, so the next millisecond is March',
  },
] as const;

test.each(CELLS)('$cell: $why', ({ window, at, start, end }) => {
  const found = windowAt(window, epochMs(Date.parse(at)));
  expect([iso(found.start), iso(found.end)]).toEqual([start, end]);
});

test('the same in epoch milliseconds', () => {
  const at = epochMs(1_795_467_601_234); // 2026-11-23T21:00:01.234Z
  expect(windowAt('minute', at)).toEqual({ start: 1_795_467_600_000, end: 1_795_467_660_000 });
  expect(windowAt('hour', at)).toEqual({ start: 1_795_467_600_000, end: 1_795_471_200_000 });
  expect(windowAt('day', at)).toEqual({ start: 1_795_392_000_000, end: 1_795_478_400_000 });
  expect(windowAt('month', at)).toEqual({ start: 1_793_491_200_000, end: 1_796_083_200_000 });
});

function iso(at: number): string {
  return new Date(at).toISOString();
}
