import { inWords } from '../tell.mjs';
import { renderColumns, wrap } from './columns.mjs';
import { paint } from './paint.mjs';
/** @import { ExecutionView } from '@invoke/contract' */
/** @import { SceneReport, Side } from '../types.ts' */
/** @import { Look } from './paint.mjs' */

/**
 * What is shown before a scene is played.
 * @param {Look} look
 * @param {{ readonly title: string, readonly story: string }} scene
 * @param {number} number
 * @returns {string}
 */
export function renderOpening(look, { title, story }, number) {
  const story2 = wrap(story, look.width - 4).map((line) => `   ${line}`);
  return ['', look.style(`${number}. ${title}`, 'bold'), ...story2, ''].join('\n');
}

/**
 * What is shown after it.
 * @param {Look} look
 * @param {SceneReport} report
 * @returns {string}
 */
export function renderScene(look, report) {
  const columns = [toColumn('Without Invoke', report.naive), toColumn('Through Invoke', report.invoke)];
  const { tick, cross } = look.marks;
  const checks = report.checks.map(({ claim, holds }) =>
    holds ? `  ${look.style(tick, 'green')} ${claim}` : `  ${look.style(`${cross} ${claim}`, 'red')}`,
  );
  return [
    ...renderColumns(look, columns),
    '',
    ...report.executions.flatMap((e) => renderTrace(look, e)),
    ...checks,
  ].join('\n');
}

/** @param {string} heading @param {Side} side */
function toColumn(heading, { lines, counts }) {
  return { heading, lines, totals: counts.map(({ label, n }) => `ledger: ${n} x ${label}`) };
}

const TIME_WIDTH = 9;

/**
 * The story of an execution, as the gateway recorded it.
 * @param {Look} look
 * @param {ExecutionView} execution
 * @returns {string[]}
 */
function renderTrace(look, { execution_id, tool, final_outcome, status, trace, created_at }) {
  const stepWidth = Math.max(...trace.map((s) => s.step.length));
  const restWidth = look.width - 4 - TIME_WIDTH - stepWidth - 4;
  const steps = trace.flatMap((s) => {
    const time = `+${s.at - created_at} ms`.padStart(TIME_WIDTH);
    const head = `  ${time}  ${inWords(s.step).padEnd(stepWidth)}  `;
    const said = [s.status === 'completed' ? '' : s.status, s.detail ?? ''].filter((part) => part !== '');
    return wrap(said.map(inWords).join(': '), restWidth).map((part, i) =>
      paint(look, `${i === 0 ? head : ' '.repeat(head.length)}${part}`.trimEnd(), 'dim'),
    );
  });
  return [`  ${look.style(execution_id, 'cyan')}  ${tool}: ${final_outcome ?? status}`, ...steps, ''];
}
