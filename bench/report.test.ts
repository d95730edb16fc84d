import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toMarkdown, toText } from './report.mjs';
import { keepSection, readSections } from './results.mjs';
import { median, percentile, spread } from './statistics.mjs';
import { toTables } from './tables.mjs';
import { judgePeer, judgeTargets } from './targets.mjs';
import type {
  BenchResult,
  ClusterResult,
  ComparedAt,
  ComparisonResult,
  Section,
  StartResult,
  TargetResult,
} from './types.ts';

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
  absent: [],
});

const judge = (result: Partial<BenchResult>): readonly TargetResult[] =>
  judgeTargets({ comparisons: [], cluster: null, start: null, decision: [], ...result });

const START: StartResult = {
  readyMs: { median: 812.4, low: 700, high: 1_234 },
  readyCpuMs: null,
  idleRssMb: { median: 151, low: 150, high: 152 },
};

describe('targets', () => {
  it('judges throughput at 64 connections and latency at one', () => {
    const judged = (result: ComparisonResult) =>
      judge({ comparisons: [result] }).map((t) => [t.measured, t.met]);
    expect(judged(sqlite(0.35, 0.9))).toEqual([
      ['35%', true],
      ['0.90 ms', true],
    ]);
    expect(judged(sqlite(0.34, 0.91))).toEqual([
      ['34%', false],
      ['0.91 ms', false],
    ]);
  });

  it('judges start and memory', () => {
    expect(judge({ start: START }).map((t) => [t.title, t.measured, t.met])).toEqual([
      ['Start to ready', '812 ms', true],
      ['Idle memory', '151 MB', false],
    ]);
  });

  it('judges a decision by its first row', () => {
    const first = { title: '', medianUs: 50.1, p99Us: 999 };
    const other = { title: '', medianUs: 5_000, p99Us: 5_000 };
    expect(judge({ decision: [first, other] }).map((t) => [t.measured, t.met])).toEqual([
      ['50 us', false],
      ['999 us', true],
    ]);
  });

  it('judges the first of the slower disks only', () => {
    const rows = [
      { ...row(64, 0.15, 1), subject: '1 ms' },
      { ...row(64, 0.01, 1), subject: '4 ms' },
    ];
    const comparison = { ...sqlite(0, 0), id: 'slow-disk', rows };
    expect(judge({ comparisons: [comparison] }).map((t) => [t.measured, t.met])).toEqual([['15%', true]]);
  });

  it('says why a slower disk is not measured', () => {
    const absent = [{ subject: '1 ms', why: 'no C compiler' }];
    const comparison = { ...sqlite(0, 0), id: 'slow-disk', rows: [], absent };
    expect(judge({ comparisons: [comparison] }).map((t) => [t.measured, t.met])).toEqual([
      ['not measured: no C compiler', null],
    ]);
  });

  it('wants ten times what a peer does, and says why it is not there', () => {
    const peer = { ...sqlite(0, 0), baseline: 'Peer', rows: [row(1, 99, 1), row(64, 9.99, 1)] };
    expect(judgePeer(peer).map((t) => [t.title.slice(0, 37), t.measured, t.met])).toEqual([
      ['SQLite, class C: times the throughput', '10.0 times', false],
    ]);
    const absent = [{ subject: 'Peer', why: 'npm ci failed: ENOTFOUND' }];
    expect(judgePeer({ ...peer, rows: [], absent }).map((t) => [t.measured, t.met])).toEqual([
      ['not measured: npm ci failed: ENOTFOUND', null],
    ]);
  });
});

describe('the target of a cluster', () => {
  const cluster = (times: number, limit: ClusterResult['limit']): ClusterResult => {
    const cores = { gateways: 1, postgres: 0.5, loader: 0.2, upstream: null };
    const figures = { perSecond: 1_000, p50Ms: 1, p99Ms: 2, idle: 0.1, cores };
    return {
      connections: 64,
      rows: [
        { gateways: 1, ...figures },
        { gateways: 3, ...figures },
      ],
      ratio: { median: times, low: times, high: times },
      cores: 2,
      share: null,
      limit,
    };
  };
  const cells: {
    times: number;
    limit: ClusterResult['limit'];
    measured: string;
    met: unknown;
    why: string;
  }[] = [
    { times: 2, limit: 'processor', measured: '2.00 times', met: true, why: 'however it came about' },
    { times: 1.9, limit: 'gateways', measured: '1.90 times', met: false, why: 'nothing else was short' },
    {
      times: 1.2,
      limit: 'processor',
      measured: '1.20 times; not decidable here: 2 cores, all in use',
      met: null,
      why: 'there was no processor for the others',
    },
    {
      times: 1.2,
      limit: 'database',
      measured: '1.20 times; not decidable here: the database was the limit',
      met: null,
      why: 'the target is for where it is not',
    },
  ];
  it.each(cells)('$times times, limit $limit: $why', ({ times, limit, measured, met }) => {
    expect(judge({ cluster: cluster(times, limit) }).map((t) => [t.measured, t.met])).toEqual([
      [measured, met],
    ]);
  });

  it('says what share of a core each gateway was held to', () => {
    const result = { ...cluster(2.9, 'gateways'), share: 0.25 };
    expect(judge({ cluster: result })[0]?.measured).toBe('2.90 times, each held to 0.25 of a core');
    const [table] = toTables({ ...RESULT, comparisons: [], cluster: result });
    expect(table?.title).toContain('Gateways on one PostgreSQL, each held to 0.25 of a core, 64 connections');
  });

  it('shows what each part took of the processor', () => {
    const result = { ...RESULT, comparisons: [], cluster: cluster(1.2, 'processor') };
    const [table] = toTables(result);
    expect(table?.title).toContain('1.20 times (1.20-1.20); the limit was: the cores of this machine');
    expect(table?.rows[1]).toEqual(['3', '1,000', '1.00', '2.00', '1.00', '0.50', '0.20', '-', '0.10', '2']);
  });
});

const RESULT: BenchResult = {
  seconds: 2,
  rounds: 5,
  ceiling: [{ connections: 1, perSecond: 11_000, loaderCpu: null }],
  comparisons: [sqlite(0.35, 0.5)],
  cluster: null,
  start: START,
  decision: [{ title: '1,000 rules', medianUs: 7.06, p99Us: 40.22 }],
};

const SECTION: Section = {
  id: 'benchmark',
  title: 'The benchmark',
  command: 'npm run bench',
  date: '2026-01-02',
  minutes: 9,
  machine: {
    cpu: 'Some CPU',
    cores: 2,
    memoryGb: 24,
    system: 'linux 6 x64',
    node: 'v24.0.0',
    fdatasyncMs: 0.17,
    loadBefore: 0.04,
  },
  method: ['Method: 5 rounds of 2 s'],
  targets: judgeTargets(RESULT),
  tables: toTables(RESULT),
  figures: null,
};

describe('the report', () => {
  it('puts ratios before absolute figures', () => {
    const table = toTables(RESULT)[0];
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
      '35%',
      '25%-45%',
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
    const lines = toText(SECTION).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Targets',
      '                                                                         wanted           measured',
      "  SQLite, class C: share of the bare proxy's throughput, 64 connections  at least 35%     35%       met",
    ]);
  });

  it('says of every kept experiment how, when and where its figures came about', () => {
    const soak = { ...SECTION, title: 'Soak', command: 'npm run bench -- --soak', date: '2025-12-31' };
    const page = toMarkdown([SECTION, soak]);
    for (const part of [
      '`npm run bench`, which took 9 minutes',
      '2026-01-02',
      'Some CPU, 2 cores',
      'v24.0.0',
      '0.17 ms',
      'start: 0.0',
      '5 rounds of 2 s',
      '`npm run bench -- --soak`',
      '2025-12-31',
    ]) {
      expect(page).toContain(part);
    }
    expect(page).toContain('| start to ready, ms | 812 | 700 | 1,234 |');
    expect(page).toContain('| 1,000 rules | 7.1 | 40.2 |');
    expect(page).toContain('| Soak | Start to ready | at most 1000 ms | 812 ms | met |');
  });

  it('does not say how long it took where that was not kept', () => {
    const page = toMarkdown([{ ...SECTION, minutes: null }]);
    expect(page).toContain('- Command: `npm run bench`\n');
  });

  it('calls a target open that the machine cannot show', () => {
    const target = {
      title: 'T',
      wanted: 'at least 2',
      measured: '1; not decidable here: 2 cores',
      met: null,
    };
    expect(toMarkdown([{ ...SECTION, targets: [target] }])).toContain(
      '| T | at least 2 | 1; not decidable here: 2 cores | open |',
    );
  });
});

describe('kept results', () => {
  it('survive that another experiment is measured again', () => {
    const bench = mkdtempSync(join(tmpdir(), 'bench-results-'));
    try {
      keepSection(bench, { ...SECTION, id: 'soak-sqlite', title: 'Soak', date: '2025-12-31' });
      keepSection(bench, SECTION);
      keepSection(bench, { ...SECTION, date: '2026-02-03' });
      expect(readSections(bench).map((s) => [s.id, s.date])).toEqual([
        ['benchmark', '2026-02-03'],
        ['soak-sqlite', '2025-12-31'],
      ]);
      const page = readFileSync(join(bench, 'RESULTS.md'), 'utf8');
      expect(page).toContain('2025-12-31');
      expect(page).not.toContain('2026-01-02');
    } finally {
      rmSync(bench, { recursive: true });
    }
  });

  it('are those of this checkout, as the report shows them', () => {
    const page = readFileSync(join(import.meta.dirname, 'RESULTS.md'), 'utf8');
    expect(page).toBe(toMarkdown(readSections(import.meta.dirname)));
  });
});
