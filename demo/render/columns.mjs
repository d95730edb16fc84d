import { paint } from './paint.mjs';
/** @import { Line } from '../types.ts' */
/** @import { Look } from './paint.mjs' */

/**
 * @typedef {object} Column
 * @property {string} heading
 * @property {readonly Line[]} lines What happened.
 * @property {readonly string[]} totals What it came to; level with those of the other column.
 *
 * @typedef {{ readonly painted: string, readonly length: number }} Cell
 */

/** Two columns side by side need this much; with less they stand one below the other. */
const SIDE_BY_SIDE_FROM = 76;
const GAP = 3;
/** @type {Cell} */
const EMPTY = { painted: '', length: 0 };

/**
 * @param {Look} look
 * @param {readonly Column[]} columns
 * @returns {string[]}
 */
export function renderColumns(look, columns) {
  const inside = look.width - 2;
  if (look.width < SIDE_BY_SIDE_FROM) {
    return columns.flatMap((c) =>
      [...toBody(look, c, inside), ...toTotals(look, c, inside), EMPTY].map(indented),
    );
  }
  const width = Math.floor((inside - GAP * (columns.length - 1)) / columns.length);
  const bodies = columns.map((c) => toBody(look, c, width));
  const height = Math.max(...bodies.map((b) => b.length));
  const cells = columns.map((c, i) => [...padTo(bodies[i] ?? [], height), ...toTotals(look, c, width)]);
  const rows = Math.max(...cells.map((c) => c.length));
  return Array.from({ length: rows }, (_, row) => {
    const parts = cells.map((c) => c[row] ?? EMPTY).map((p) => p.painted + ' '.repeat(width - p.length));
    return indented({ painted: parts.join(' '.repeat(GAP)) });
  });
}

/** @param {Pick<Cell, 'painted'>} cell */
function indented({ painted }) {
  return `  ${painted}`.trimEnd();
}

/** @param {readonly Cell[]} cells @param {number} height @returns {Cell[]} */
function padTo(cells, height) {
  return [...cells, ...Array.from({ length: height - cells.length }, () => EMPTY)];
}

/**
 * Heading and lines, wrapped before they are painted: escape codes have no width.
 * @param {Look} look
 * @param {Column} column
 * @param {number} width
 * @returns {Cell[]}
 */
function toBody(look, { heading, lines }, width) {
  return [
    { painted: look.style(heading, 'bold'), length: heading.length },
    { painted: look.style(look.marks.rule.repeat(width), 'dim'), length: width },
    ...lines.flatMap(({ text, tone }) =>
      wrap(text, width).map((part) => ({ painted: paint(look, part, tone), length: part.length })),
    ),
  ];
}

/** @param {Look} look @param {Column} column @param {number} width @returns {Cell[]} */
function toTotals(look, { totals }, width) {
  const parts = totals.flatMap((text) => wrap(text, width));
  return [EMPTY, ...parts.map((part) => ({ painted: look.style(part, 'bold'), length: part.length }))];
}

const INDENT = '  ';

/**
 * Breaks a text at spaces; what follows the first line is indented. A word that is too long is cut.
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
export function wrap(text, width) {
  /** @type {string[]} */
  const lines = [];
  let line = '';
  for (const word of text.split(' ').flatMap((w) => cut(w, width - INDENT.length))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = INDENT + word;
    }
  }
  return [...lines, line];
}

/** @param {string} word @param {number} width @returns {string[]} */
function cut(word, width) {
  if (word.length <= width) return [word];
  return [word.slice(0, width), ...cut(word.slice(width), width)];
}
