import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.mjs';
import { toMarkdown, toTables, toText } from './report.mjs';
import { median, percentile, spread } from './statistics.mjs';
import { judgeTargets } from './targets.mjs';
import type { BenchResult, ComparedAt, ComparisonResult, StartResult } from './types.ts';

describe('statistics', () => {
  it('takes the middle, or the mean of the two in the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
  });

  it('gives nearest-rank percentiles', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile([5], 0.99)]).toEqual([50, 99, 5]);
  });

  it('spreads', () => {
    expect(spread([3, 9, 1])).toEqual({ median: 3, low: 1, high: 9 });
  });
});

function row(connections: number, ratio: number, addedMs: number): ComparedAt {
  const figures = { perSecond: 4_321, p50Ms: 1.234, p99Ms: 9.876, cpu: { loader: 20.4, subject: 150.6 } };
  return {
    subject: 'SQLite, class C',
    connections,
    baseline: { ...figures, perSecond: 10_000, cpu: { loader: null, subject: null } },
    figures,
    ratio: { median: ratio, low: ratio - 0.1, high: ratio + 0.1 },
    addedP50Ms: { median: addedMs, low: 0, high: 2 },
  };
}

const sqlite = (ratio: number, addedMs: number): ComparisonResult => ({
  id: 'sqlite',
  title: 'Calls on SQLite',
  baseline: 'bare proxy',
  rows: [row(1, 0.9, addedMs), row(64, ratio, 99)],
});

const START: StartResult = {
  readyMs: { median: 812.4, low: 700, high: 1_234 },
  readyCpuMs: null,
  idleRssMb: { median: 151, low: 150, high: 152 },
};

describe('targets', () => {
  it('judges throughput at 64 connections and latency at one', () => {
    expect(judgeTargets([sqlite(0.2, 1.5)], null).map((t) => [t.measured, t.met])).toEqual([
      ['20%', true],
      ['1.50 ms', true],
    ]);
    expect(judgeTargets([sqlite(0.19, 1.51)], null).map((t) => [t.measured, t.met])).toEqual([
      ['19%', false],
      ['1.51 ms', false],
    ]);
  });

  it('judges start and memory', () => {
    expect(judgeTargets([], START).map((t) => [t.title, t.measured, t.met])).toEqual([
      ['Start to ready', '812 ms', true],
      ['Idle memory', '151 MB', false],
    ]);
  });
});

describe('the target of a decision', () => {
  it('is judged by its first row', () => {
    const row = { title: '', medianUs: 50.1, p99Us: 999 };
    const other = { title: '', medianUs: 5_000, p99Us: 5_000 };
    expect(judgeTargets([], null, [row, other]).map((t) => [t.measured, t.met])).toEqual([
      ['50 us', false],
      ['999 us', true],
    ]);
  });
});

const RESULT: BenchResult = {
  date: '2026-01-02',
  command: 'npm run bench',
  seconds: 2,
  rounds: 5,
  machine: {
    cpu: 'Some CPU',
    cores: 2,
    memoryGb: 24,
    system: 'linux 6 x64',
    node: 'v24.0.0',
    fdatasyncMs: 0.17,
    loadBefore: 0.04,
  },
  ceiling: [{ connections: 1, perSecond: 11_000, loaderCpu: null }],
  comparisons: [sqlite(0.25, 1)],
  start: START,
  decision: [{ title: '1,000 rules', medianUs: 7.06, p99Us: 40.22 }],
  targets: judgeTargets([sqlite(0.25, 1)], START),
};

describe('the report', () => {
  it('puts ratios before absolute figures', () => {
    const table = toTables(RESULT)[1];
    expect(table?.head.slice(0, 5)).toEqual([
      'connections',
      'subject',
      'throughput ratio',
      '(lowest-highest)',
      'calls/s',
    ]);
    expect(table?.rows[1]).toEqual([
      '64',
      'SQLite, class C',
      '25%',
      '15%-35%',
      '4,321',
      '10,000',
      '1.23',
      '1.23',
      '9.88',
      '9.88',
      '151',
      '-',
      '20',
    ]);
  });

  it('lines the columns of the text up', () => {
    const lines = toText(toTables(RESULT)).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Targets',
      '                                                                         wanted           measured',
      "  SQLite, class C: share of the bare proxy's throughput, 64 connections  at least 20%     25%       met",
    ]);
  });

  it('says in the kept page how the figures came about', () => {
    const page = toMarkdown(RESULT);
    for (const part of [
      '`npm run bench`',
      '2026-01-02',
      'Some CPU, 2 cores',
      'v24.0.0',
      '0.17 ms',
      'start: 0.0',
      '5 rounds of 2 s',
    ]) {
      expect(page).toContain(part);
    }
    expect(page).toContain('| start to ready, ms | 812 | 700 | 1,234 |');
    expect(page).toContain('| 1,000 rules | 7.1 | 40.2 |');
  });
});

describe('options', () => {
  const cells: { cell: string; args: string[]; expected: unknown; why: string }[] = [
    { cell: 'none', args: [], expected: [2, 5, [1, 16, 64]], why: 'the complete run' },
    { cell: 'quick', args: ['--quick'], expected: [0.3, 1, [1, 64]], why: 'a smoke test' },
    {
      cell: 'seconds',
      args: ['--quick', '--seconds', '1'],
      expected: [1, 1, [1, 64]],
      why: 'what is said wins',
    },
    {
      cell: 'connections',
      args: ['--connections', '8', '--connections', '32'],
      expected: [2, 5, [8, 32]],
      why: 'to look closer at one load',
    },
    { cell: 'no connections', args: ['--connections', '0'], expected: 'bad', why: 'nobody would ask' },
    { cell: 'no number', args: ['--seconds', 'long'], expected: 'bad', why: 'NaN is not a length' },
    { cell: 'too short', args: ['--seconds', '0.1'], expected: 'bad', why: 'nothing could be measured' },
    {
      cell: 'unknown experiment',
      args: ['--only', 'mysql'],
      expected: 'bad',
      why: 'a typo must not measure nothing',
    },
  ];
  it.each(cells)('$cell: $why', ({ args, expected }) => {
    const parsed = parseOptions(args);
    const got =
      parsed.kind === 'ok'
        ? [parsed.options.seconds, parsed.options.rounds, parsed.options.connections]
        : 'bad';
    expect(got).toEqual(expected);
  });
});
