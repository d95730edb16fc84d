import { describe, expect, it } from 'vitest';
import { judgeSoak, type SoakSample } from './judge-soak.mjs';

const PLAN = { rate: 100, minutes: 30 };

/** Thirty quiet moments; what a test is about, it says by the minute. */
function samples(differs: (minute: number) => Partial<SoakSample> = () => ({})): SoakSample[] {
  return Array.from({ length: 30 }, (_, i) => ({
    minute: i + 1,
    calls: (i + 1) * 6_000,
    perSecond: 100,
    p50Ms: 1,
    p99Ms: 2,
    longestMs: 3,
    /* Collections do not end at the same byte. */
    heapMb: 50 + (i % 3) * 0.5,
    rssMb: 150 + (i % 4),
    handles: 10,
    files: 30,
    openRows: 0,
    storeMb: i,
    ...differs(i + 1),
  }));
}

const missed = (all: readonly SoakSample[]) =>
  judgeSoak(all, PLAN).flatMap((t) => (t.met === false ? [t.title] : []));

describe('a soak', () => {
  const cells: { cell: string; differs: (minute: number) => Partial<SoakSample>; missed: string[] }[] = [
    { cell: 'nothing grows', differs: () => ({}), missed: [] },
    {
      cell: 'caches fill in the first minutes',
      differs: (m) => (m < 8 ? { heapMb: 20 + m, rssMb: 100 } : {}),
      missed: [],
    },
    { cell: 'one outlier', differs: (m) => (m === 25 ? { heapMb: 500, rssMb: 900 } : {}), missed: [] },
    {
      cell: 'the heap grows by 10% in 20 minutes',
      differs: (m) => ({ heapMb: 50 + m * 0.25 }),
      missed: ['Heap after a collection, growth'],
    },
    {
      cell: 'memory outside of the heap grows',
      differs: (m) => ({ rssMb: 150 + m * 2 }),
      missed: ['Resident memory, growth'],
    },
    {
      cell: 'a handle stays behind now and then',
      differs: (m) => ({ handles: 10 + Math.floor(m / 5) }),
      missed: ['Handles, growth'],
    },
    {
      cell: 'a file stays open now and then',
      differs: (m) => ({ files: 30 + Math.floor(m / 5) }),
      missed: ['Open files, growth'],
    },
    {
      cell: 'a row stays open',
      differs: (m) => ({ openRows: m > 20 ? 1 : 0 }),
      missed: ['Open rows in quiet moments'],
    },
    {
      cell: 'it gets slower than it was asked to be',
      differs: (m) => ({ perSecond: m > 10 ? 90 : 100 }),
      missed: ['Calls per second over 30 minutes'],
    },
  ];
  it.each(cells)('$cell: misses $missed', ({ differs, missed: expected }) => {
    expect(missed(samples(differs))).toEqual(expected);
  });

  it('judges no growth by a handful of samples', () => {
    const growing = samples((m) => ({ heapMb: 50 * m, rssMb: 50 * m, handles: 10 * m, files: 10 * m }));
    const few = judgeSoak(growing.slice(0, 5), PLAN);
    expect(few.slice(0, 4).map((t) => t.met)).toEqual([null, null, null, null]);
  });

  it('says where the system does not tell how many files are open', () => {
    const [, , , files] = judgeSoak(
      samples(() => ({ files: null })),
      PLAN,
    );
    expect(files).toMatchObject({ measured: 'not measured: this system does not tell', met: null });
  });
});
