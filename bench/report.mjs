import { percent } from './targets.mjs';
/** @import { BenchResult, ComparisonResult, Spread } from './types.ts' */

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} head
 * @property {readonly (readonly string[])[]} rows
 */

/**
 * The result as tables, the most telling first.
 * @param {BenchResult} result
 * @returns {readonly Table[]}
 */
export function toTables({ comparisons, ceiling, start, decision, targets }) {
  /** @type {Table[]} */
  const tables = [
    {
      title: 'Targets',
      head: ['', 'wanted', 'measured', ''],
      rows: targets.map((t) => [t.title, t.wanted, t.measured, t.met ? 'met' : 'MISSED']),
    },
    ...comparisons.map(toComparisonTable),
  ];
  if (start !== null) {
    tables.push({
      title: 'Start and memory of the gateway on SQLite',
      head: ['', 'median', 'lowest', 'highest'],
      rows: [
        ['start to ready, ms', ...inOrder(start.readyMs)],
        ...(start.readyCpuMs === null ? [] : [['CPU time until ready, ms', ...inOrder(start.readyCpuMs)]]),
        ['idle resident memory, MB', ...inOrder(start.idleRssMb)],
      ],
    });
  }
  tables.push({
    title: 'A decision over scope, entity, rules and budgets, inside of the process',
    head: ['', 'median us', 'p99 us'],
    rows: decision.map((d) => [d.title, d.medianUs.toFixed(1), d.p99Us.toFixed(1)]),
  });
  tables.push({
    title: 'The load generator alone, straight at the upstream (what it could ask for)',
    head: ['connections', 'calls/s', 'its CPU, us/call'],
    rows: ceiling.map((c) => [String(c.connections), whole(c.perSecond), micro(c.loaderCpu)]),
  });
  return tables;
}

/** @param {ComparisonResult} comparison @returns {Table} */
function toComparisonTable({ title, baseline, rows }) {
  return {
    title: `${title}, against: ${baseline}`,
    head: [
      'connections',
      'subject',
      'throughput ratio',
      '(lowest-highest)',
      'calls/s',
      'baseline',
      'p50 ms',
      'baseline',
      'p99 ms',
      'baseline',
      'CPU us/call',
      'baseline',
      'loader',
    ],
    rows: rows.map((r) => [
      String(r.connections),
      r.subject,
      percent(r.ratio.median),
      `${percent(r.ratio.low)}-${percent(r.ratio.high)}`,
      whole(r.figures.perSecond),
      whole(r.baseline.perSecond),
      r.figures.p50Ms.toFixed(2),
      r.baseline.p50Ms.toFixed(2),
      r.figures.p99Ms.toFixed(2),
      r.baseline.p99Ms.toFixed(2),
      micro(r.figures.cpu.subject),
      micro(r.baseline.cpu.subject),
      micro(r.figures.cpu.loader),
    ]),
  };
}

/**
 * @param {readonly Table[]} tables
 * @returns {string}
 */
export function toText(tables) {
  return tables
    .filter((t) => t.rows.length > 0)
    .map(({ title, head, rows }) => {
      const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]?.length ?? 0)));
      const lines = [head, ...rows].map((r) =>
        `  ${r.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
      );
      return [title, ...lines, ''].join('\n');
    })
    .join('\n');
}

/**
 * The page that is kept: bench/RESULTS.md.
 * @param {BenchResult} result
 * @returns {string}
 */
export function toMarkdown(result) {
  const { machine, date, command, rounds, seconds } = result;
  const tables = toTables(result).filter((t) => t.rows.length > 0);
  return [
    '# Results of the benchmark',
    '',
    'Written by the command below; do not edit. Read the ratios: absolute figures belong to this machine and this hour.',
    '',
    `- Command: \`${command}\``,
    `- Date: ${date}`,
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GiB, ${machine.system}`,
    `- Node: ${machine.node}`,
    `- Load average before the start: ${machine.loadBefore.toFixed(1)}`,
    `- One write and fdatasync of 4 KiB where the databases lay: ${machine.fdatasyncMs.toFixed(2)} ms`,
    `- Method: load generator, upstream, baseline and subject are processes of their own on this machine. Per connection count ${rounds} rounds of ${seconds} s, baseline and subject in turns, never at the same time. A ratio is made of two runs of one round; the median of the rounds is shown.`,
    '',
    ...tables.flatMap(({ title, head, rows }) => [
      `## ${title}`,
      '',
      toMarkdownRow(head),
      toMarkdownRow(head.map(() => '---')),
      ...rows.map(toMarkdownRow),
      '',
    ]),
  ].join('\n');
}

/** @param {readonly string[]} cells */
function toMarkdownRow(cells) {
  return `| ${cells.join(' | ')} |`;
}

/** @param {Spread} values */
function inOrder({ median, low, high }) {
  return [whole(median), whole(low), whole(high)];
}

/** @param {number} n */
function whole(n) {
  return Math.round(n).toLocaleString('en-US');
}

/** @param {number | null} microseconds */
function micro(microseconds) {
  return microseconds === null ? '-' : microseconds.toFixed(0);
}
