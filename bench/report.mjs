/** @import { Machine, Section, Table, TargetResult } from './types.ts' */

/** @param {readonly TargetResult[]} targets @returns {Table} */
export function toTargetTable(targets) {
  return {
    title: 'Targets',
    head: ['', 'wanted', 'measured', ''],
    rows: targets.map((t) => [t.title, t.wanted, t.measured, verdict(t)]),
  };
}

/** @param {TargetResult} target */
function verdict({ met }) {
  if (met === null) return 'open';
  return met ? 'met' : 'MISSED';
}

/** One experiment, for the terminal. @param {Section} section */
export function toText({ targets, tables }) {
  return [toTargetTable(targets), ...tables]
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

const PREFACE = [
  '# Results of the benchmark',
  '',
  'Written by the commands below; do not edit. Each experiment has its own command, day and machine: it stays here until it is run again. Read the ratios: absolute figures belong to that machine and that hour. `open`: that machine cannot show it, for the reason that stands there.',
  '',
];

/**
 * The page that is kept: bench/RESULTS.md.
 * @param {readonly Section[]} sections
 * @returns {string}
 */
export function toMarkdown(sections) {
  const rows = sections.flatMap(({ title, targets }) =>
    toTargetTable(targets).rows.map((row) => [title, ...row]),
  );
  return [
    ...PREFACE,
    ...toMarkdownTable('## ', { title: 'Targets', head: ['experiment', '', 'wanted', 'measured', ''], rows }),
    ...sections.flatMap(toMarkdownSection),
  ].join('\n');
}

/** @param {Section} section */
function toMarkdownSection({ title, command, date, minutes, machine, method, tables }) {
  return [
    `## ${title}`,
    '',
    `- Command: \`${command}\`${minutes === null ? '' : `, which took ${minutes} minutes`}`,
    `- Date: ${date}`,
    ...describe(machine),
    ...method.map((text) => `- ${text}`),
    '',
    ...tables.flatMap((table) => toMarkdownTable('### ', table)),
  ];
}

/** @param {Machine} machine */
function describe({ cpu, cores, memoryGb, system, node, loadBefore, fdatasyncMs }) {
  return [
    `- Machine: ${cpu}, ${cores} cores, ${memoryGb} GiB, ${system}; Node ${node}`,
    `- Load average before the start: ${loadBefore.toFixed(1)}`,
    `- One write and fdatasync of 4 KiB where the databases lay: ${fdatasyncMs.toFixed(2)} ms`,
  ];
}

/** @param {string} level @param {Table} table */
function toMarkdownTable(level, { title, head, rows }) {
  return [
    level + title,
    '',
    toMarkdownRow(head),
    toMarkdownRow(head.map(() => '---')),
    ...rows.map(toMarkdownRow),
    '',
  ];
}

/** @param {readonly string[]} cells */
function toMarkdownRow(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
