import { describe, expect, it } from 'vitest';
import { summarize } from './cluster.mjs';
import type { Sample } from './types.ts';

function run(perSecond: number, { gateways, idle }: { gateways: number | null; idle: number }) {
  const cpu = { loader: null, subject: null };
  const latencies = { p50Ms: 1, p99Ms: 2, longestMs: 3 };
  const sample: Sample = { answers: 1, unmeasured: 0, ms: 1_000, perSecond, ...latencies, cpu };
  return { sample, cores: { gateways, postgres: null, loader: 0.1, upstream: 0.1 }, idle };
}

describe('the limit of a cluster', () => {
  type Cell = {
    cell: string;
    cores: number;
    share?: number;
    together: Parameters<typeof run>[1];
    expected: string;
  };
  const cells: Cell[] = [
    { cell: 'no core is idle', cores: 2, together: { gateways: 1.2, idle: 0.1 }, expected: 'processor' },
    {
      cell: 'each gateway has its share',
      cores: 2,
      share: 0.25,
      together: { gateways: 0.72, idle: 0.6 },
      expected: 'gateways',
    },
    {
      cell: 'shares are left over',
      cores: 2,
      share: 0.25,
      together: { gateways: 0.5, idle: 0.6 },
      expected: 'database',
    },
    {
      cell: 'each gateway has its core',
      cores: 8,
      together: { gateways: 2.9, idle: 4 },
      expected: 'gateways',
    },
    { cell: 'nothing is used up', cores: 8, together: { gateways: 1.5, idle: 5 }, expected: 'database' },
    { cell: 'no /proc', cores: 8, together: { gateways: null, idle: 5 }, expected: 'unknown' },
  ];
  it.each(cells)('$cell: $expected', ({ cores, share = null, together, expected }) => {
    const alone = [run(100, { gateways: 1, idle: 0 })];
    expect(summarize({ alone, together: [run(150, together)], cores, share }).limit).toBe(expected);
  });

  it('makes a ratio of two runs of one round', () => {
    const any = { gateways: 1, idle: 0 };
    const alone = [run(100, any), run(10, any), run(100, any)];
    const together = [run(200, any), run(20, any), run(250, any)];
    expect(summarize({ alone, together, cores: 2, share: null }).ratio).toEqual({
      median: 2,
      low: 2,
      high: 2.5,
    });
  });
});
