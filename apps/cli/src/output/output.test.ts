import { describe, expect, test } from 'vitest';
import { toTable } from './table.js';
import { toVisibleJson, visible, visibleLine } from './visible.js';

describe('visible', () => {
  test.each([
    { cell: 'escape', text: 'a\u001b[2J', expected: 'a\\u001b[2J' },
    { cell: 'C1 control', text: 'a\u009b31m', expected: 'a\\u009b31m' },
    { cell: 'right-to-left override', text: 'a\u202efdp.exe', expected: 'a\\u202efdp.exe' },
    { cell: 'carriage return', text: 'safe\rrm -rf', expected: 'safe\\u000drm -rf' },
    { cell: 'lines and tabs stay', text: 'a\n\tb', expected: 'a\n\tb' },
    { cell: 'other scripts stay', text: 'Größe 漢字 🙂', expected: 'Größe 漢字 🙂' },
  ])('$cell', ({ text, expected }) => {
    expect(visible(text)).toBe(expected);
  });

  test('one line', () => {
    expect(visibleLine('a \n\n b\tc')).toBe('a b c');
  });

  test('JSON stays the same JSON', () => {
    const value = { a: '\u001b\u009b\u202e\n', b: [1] };
    expect(JSON.parse(toVisibleJson(value))).toEqual(value);
    expect(toVisibleJson(value)).not.toMatch(/[\u001b\u009b\u202e]/);
  });
});

describe('toTable', () => {
  const rows = [
    { id: 'a', text: 'short', on: true },
    { id: 'bcd', text: 'a text that is much longer', on: false },
    { id: 'e', text: '', on: null },
  ];
  const columns = [
    { header: 'id', value: (row: (typeof rows)[number]) => row.id },
    { header: 'text', value: (row: (typeof rows)[number]) => row.text },
    { header: 'on', value: (row: (typeof rows)[number]) => row.on },
  ];

  test('columns as wide as they need to be', () => {
    expect(toTable(rows, columns, undefined)).toEqual([
      'ID   TEXT                        ON',
      'a    short                       yes',
      'bcd  a text that is much longer  no',
      'e    -                           -',
    ]);
  });

  test('the widest gives way to a narrow terminal, the others do not', () => {
    expect(toTable(rows, columns, 24)).toEqual([
      'ID   TEXT            ON',
      'a    short           yes',
      'bcd  a text that i…  no',
      'e    -               -',
    ]);
  });

  test('no column gets narrower than 8', () => {
    expect(toTable(rows, columns, 5)[2]).toBe('bcd  a text …  no');
  });
});
