import { inWords } from '../tell.mjs';
import { renderColumns, wrap } from './columns.mjs';
import { paint } from './paint.mjs';
/** @import { ExecutionView } from '@invoke/contract' */
/** @import { Check, SceneReport, Side } from '../types.ts' */
/** @import { Look } from './paint.mjs' */

/**
 * What is shown before a scene is played.
 * @param {Look} look
 * @param {{ readonly title: string, readonly story: string }} scene
 * @param {number} number
 * @returns {string}
 */
export function renderOpening(look, { title, story }, number) {
  const lines = wrap(story, look.width - 4).map((line) => `   ${line.trimStart()}`);
  return ['', look.style(`${number}. ${title}`, 'bold'), ...lines, ''].join('\n');
}

/**
 * What is shown after it.
 * @param {Look} look
 * @param {SceneReport} report
 * @returns {string}
 */
export function renderScene(look, report) {
  const columns = [toColumn('Without Invoke', report.naive), toColumn('Through Invoke', report.invoke)];
  return [
    ...renderColumns(look, columns),
    '',
    ...report.executions.flatMap((e) => renderTrace(look, e)),
    ...report.checks.flatMap((c) => renderCheck(look, c)),
  ].join('\n');
}

/** @param {Look} look @param {Check} check */
function renderCheck(look, { claim, holds }) {
  const { tick, cross } = look.marks;
  const mark = holds ? tick : cross;
  const [first = '', ...rest] = wrap(claim, look.width - 4 - mark.length);
  const lines = [`${mark} ${first}`, ...rest.map((part) => ' '.repeat(mark.length - 1) + part)];
  return lines.map((line, i) => {
    if (!holds) return `  ${look.style(line, 'red')}`;
    return i === 0 ? `  ${look.style(mark, 'green')} ${first}` : `  ${line}`;
  });
}

/** @param {string} heading @param {Side} side */
function toColumn(heading, { lines, counts }) {
  return { heading, lines, totals: counts.map(({ label, n }) => `ledger: ${n} x ${label}`) };
}

const TIME_WIDTH = 9;
/** With less room than this beside the steps, what there is to say about one stands below it. */
const ROOM_BESIDE = 24;

/**
 * The story of an execution, as the gateway recorded it.
 * @param {Look} look
 * @param {ExecutionView} execution
 * @returns {string[]}
 */
function renderTrace(look, { execution_id, tool, final_outcome, status, trace, created_at }) {
  const stepWidth = Math.max(...trace.map((s) => s.step.length));
  const beside = look.width - 2 - TIME_WIDTH - 6 - stepWidth;
  const isBelow = beside < ROOM_BESIDE;
  const steps = trace.flatMap((s) => {
    const time = `+${s.at - created_at} ms`.padStart(TIME_WIDTH);
    const step = `  ${time}  ${inWords(s.step)}`;
    const head = isBelow ? ' '.repeat(TIME_WIDTH + 6) : `${step.padEnd(TIME_WIDTH + 4 + stepWidth)}  `;
    const said = [s.status === 'completed' ? '' : s.status, s.detail ?? ''].filter((part) => part !== '');
    const rest = wrap(said.map(inWords).join(': '), isBelow ? look.width - 2 - head.length : beside);
    const lines = rest.map((part, i) => `${i === 0 ? head : ' '.repeat(head.length)}${part}`.trimEnd());
    return (isBelow ? [step, ...lines.filter((l) => l !== '')] : lines).map((l) => paint(look, l, 'dim'));
  });
  return [`  ${look.style(execution_id, 'cyan')}  ${tool}: ${final_outcome ?? status}`, ...steps, ''];
}
