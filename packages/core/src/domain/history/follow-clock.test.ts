import { expect, test } from 'vitest';
import { epochMs } from '../time.js';
import { followClock, leapOf, type FollowedClock } from './follow-clock.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const START = 1_700_000_000_000;

/** Each reading: how much time has passed since the last one, and how far the clock has moved beside that. */
const CELLS = [
  { cell: 'C1', readings: [[0, 0]], expected: [0], why: 'what is seen first is believed' },
  {
    cell: 'C2',
    readings: [
      [0, 0],
      [MINUTE, 0],
    ],
    expected: [0, 0],
    why: 'time passes',
  },
  {
    cell: 'C3',
    readings: [
      [0, 0],
      [MINUTE, 500],
    ],
    expected: [0, 0],
    why: 'it is corrected by a little',
  },
  {
    cell: 'C4',
    readings: [
      [0, 0],
      [MINUTE, HOUR],
    ],
    expected: [0, HOUR],
    why: 'it leaps ahead',
  },
  {
    cell: 'C5',
    readings: [
      [0, 0],
      [MINUTE, 500 * DAY],
      [MINUTE, -500 * DAY],
    ],
    expected: [0, 500 * DAY, 0],
    why: 'it is put right again',
  },
  {
    cell: 'C6',
    readings: [
      [0, 0],
      [MINUTE, 2 * DAY],
      [23 * HOUR, 0],
      [2 * HOUR, 0],
    ],
    expected: [0, 2 * DAY, 2 * DAY, 0],
    why: 'it has stood there for a day',
  },
  {
    cell: 'C7',
    readings: [
      [0, 0],
      [MINUTE, 2 * DAY],
      [MINUTE, -2 * DAY],
      [DAY, 2 * DAY],
    ],
    expected: [0, 2 * DAY, 0, 2 * DAY],
    why: 'a second leap is a leap of its own',
  },
  {
    cell: 'C8',
    readings: [
      [0, 0],
      [MINUTE, -DAY],
      [MINUTE, DAY],
    ],
    expected: [0, 0, DAY],
    why: 'a step back is followed at once, and the way ahead again is a leap',
  },
] as const;

test.each(CELLS)('$cell $why', ({ readings, expected }) => {
  let followed: FollowedClock | null = null;
  let [storeNow, monoMs] = [START, 5_000];
  const leaps: number[] = [];
  for (const [passedMs, movedMs] of readings) {
    monoMs += passedMs;
    storeNow += passedMs + movedMs;
    const reading = { storeNow: epochMs(storeNow), monoMs };
    followed = followClock(followed, reading);
    leaps.push(leapOf(followed, reading));
  }
  expect(leaps).toEqual(expected);
});
