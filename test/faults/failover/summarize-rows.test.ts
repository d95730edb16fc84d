import { expect, test } from 'vitest';
import { summarizeRows, type AcknowledgedRow } from './summarize-rows.js';

const AT = Date.UTC(2026, 10, 27, 22, 55, 53, 900);

function row(n: number, fields: Partial<AcknowledgedRow> = {}): AcknowledgedRow {
  return { n, at: AT + n * 100, server: 'node3', timeline: 2, standbys: '*', ...fields };
}

test('rows that one server acknowledged under the same terms are one line', () => {
  expect(summarizeRows([row(0), row(1), row(7)])).toEqual([
    '3 rows from 22:55:53.9 to 22:55:54.6 at node3, timeline 2, which waited for *',
  ]);
});

test('another server, another timeline and other standbys each begin a line, also when the first come again', () => {
  const lines = summarizeRows([
    row(1),
    row(2, { standbys: '' }),
    row(3, { timeline: 3 }),
    row(4, { server: 'node1' }),
    row(5),
  ]);
  expect(lines.map((line) => line.replace(/ from .* at /, ' at '))).toEqual([
    '1 rows at node3, timeline 2, which waited for *',
    '1 rows at node3, timeline 2, which waited for nobody',
    '1 rows at node3, timeline 3, which waited for *',
    '1 rows at node1, timeline 2, which waited for *',
    '1 rows at node3, timeline 2, which waited for *',
  ]);
});

test('of no rows there is no line', () => {
  expect(summarizeRows([])).toEqual([]);
});
