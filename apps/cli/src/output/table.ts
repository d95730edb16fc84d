import { visibleLine } from './visible.js';

export interface Column<Row> {
  readonly header: string;
  readonly value: (row: Row) => string | number | boolean | null | undefined;
  /** Never cut: what the next command has to be given, such as an id. */
  readonly whole?: boolean;
}

/**
 * A table without borders, columns two spaces apart. With a width, the widest column that may be cut gives way until the
 * lines fit; without one (a pipe) nothing is cut.
 */
export function toTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number | undefined,
): readonly string[] {
  const cells = [
    columns.map(({ header }) => header.toUpperCase()),
    ...rows.map((row) => columns.map(({ value }) => toCell(value(row)))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => lengthOf(line[at] ?? ''))));
  if (width !== undefined) shrink(widths, columns, width);
  return cells.map((line) =>
    line
      .map((cell, at) => fit(cell, widths[at] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

const GAP = '  ';
const NARROWEST = 8;

function toCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return visibleLine(String(value));
}

function shrink(widths: number[], columns: readonly { readonly whole?: boolean }[], width: number): void {
  const total = () => widths.reduce((sum, w) => sum + w, 0) + GAP.length * (widths.length - 1);
  while (total() > width) {
    const widest = Math.max(...widths.filter((_, at) => columns[at]?.whole !== true));
    if (widest <= NARROWEST) return;
    const at = widths.findIndex((w, i) => w === widest && columns[i]?.whole !== true);
    widths[at] = widest - 1;
  }
}

function fit(cell: string, width: number): string {
  const characters = [...cell];
  if (characters.length <= width) return cell + ' '.repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join('')}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
