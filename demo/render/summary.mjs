import { wrap } from './columns.mjs';
/** @import { SceneReport } from '../types.ts' */
/** @import { Look } from './paint.mjs' */

/**
 * @param {Look} look
 * @param {readonly SceneReport[]} reports
 * @param {number} ms What the whole demo took.
 * @returns {string}
 */
export function renderSummary(look, reports, ms) {
  const rows = reports.flatMap((report) =>
    report.naive.counts.map((count, i) => ({
      scene: i === 0 ? report.id : '',
      label: count.label,
      naive: String(count.n),
      invoke: String(report.invoke.counts[i]?.n ?? ''),
      mark:
        i === 0
          ? report.ok
            ? look.style(look.marks.tick, 'green')
            : look.style(look.marks.cross, 'red')
          : '',
    })),
  );
  const sceneWidth = widthOf(['scene', ...rows.map((r) => r.scene)]);
  const labelWidth = widthOf(['counted by the tools', ...rows.map((r) => r.label)]);
  /** @param {readonly [string, string, string, string, string]} cells */
  const toRow = ([scene, label, naive, invoke, mark]) =>
    `  ${scene.padEnd(sceneWidth)}  ${label.padEnd(labelWidth)}  ${naive.padStart(7)}  ${invoke.padStart(7)}  ${mark}`.trimEnd();
  const header = toRow(['scene', 'counted by the tools', 'without', 'through', '']);
  return [
    '',
    look.style(header, 'bold'),
    look.style(`  ${look.marks.rule.repeat(header.length - 2)}`, 'dim'),
    ...rows.map((r) => toRow([r.scene, r.label, r.naive, r.invoke, r.mark])),
    '',
    ...verdict(look, reports, ms),
    '',
  ].join('\n');
}

/** @param {Look} look @param {readonly SceneReport[]} reports @param {number} ms */
function verdict(look, reports, ms) {
  const failed = reports.filter((r) => !r.ok);
  const all = reports.length;
  /** @param {string} text @param {'bold' | 'red'} [style] */
  const say = (text, style) =>
    wrap(text, look.width - 4).map((line) => `  ${style === undefined ? line : look.style(line, style)}`);
  if (failed.length > 0) {
    const names = failed.map((r) => r.id).join(', ');
    return say(`${failed.length} of ${all} scenes did not come out as claimed: ${names}.`, 'red');
  }
  const seconds = (ms / 1000).toFixed(1);
  return [
    ...say(`${all} of ${all} scenes came out as claimed, by the tools' own count, in ${seconds} s.`),
    '',
    ...say('Invoke does not make agents smarter.', 'bold'),
    ...say('It makes their execution bounded when production gets messy.', 'bold'),
  ];
}

/** @param {readonly string[]} texts */
function widthOf(texts) {
  return Math.max(...texts.map((t) => t.length));
}
