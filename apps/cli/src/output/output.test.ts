import { describe, expect, test } from 'vitest';
import { toTable } from './table.js';
import { revealed, revealedLine, toVisibleJson, visible, visibleLine } from './visible.js';

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

  test('what the next command needs is never cut', () => {
    const whole = columns.map((column) => ({ ...column, whole: column.header === 'text' }));
    expect(toTable(rows, whole, 24)[2]).toBe('bcd  a text that is much longer  no');
  });

  test('no column gets narrower than 8', () => {
    expect(toTable(rows, columns, 5)[2]).toBe('bcd  a text …  no');
  });
});

describe('revealed', () => {
  test.each([
    { cell: 'zero width space', text: 'a\u200bb', shown: String.raw`a\u200bb` },
    { cell: 'right to left override', text: 'a\u202eb', shown: String.raw`a\u202eb` },
    { cell: 'byte order mark', text: '\ufeffa', shown: String.raw`\ufeffa` },
    { cell: 'soft hyphen', text: 'a\u00adb', shown: String.raw`a\u00adb` },
    { cell: 'tag character', text: 'a\u{e0041}b', shown: String.raw`a\udb40\udc41b` },
    { cell: 'variation selector', text: 'a\ufe0f', shown: String.raw`a\ufe0f` },
    { cell: 'Hangul filler', text: 'a\u3164b', shown: String.raw`a\u3164b` },
    { cell: 'blank Braille', text: 'a\u2800b', shown: String.raw`a\u2800b` },
    { cell: 'space that does not break', text: 'a\u00a0b', shown: String.raw`a\u00a0b` },
    { cell: 'line separator', text: 'a\u2028b', shown: String.raw`a\u2028b` },
    { cell: 'private use', text: 'a\ue000b', shown: String.raw`a\ue000b` },
    { cell: 'lone surrogate', text: 'a\ud800b', shown: String.raw`a\ud800b` },
    { cell: 'escape', text: 'a\u001b[2Jb', shown: String.raw`a\u001b[2Jb` },
    { cell: 'plain text of any script', text: 'Zürich 東京 día 1', shown: 'Zürich 東京 día 1' },
  ])('$cell', ({ text, shown }) => {
    expect(revealed(text)).toBe(shown);
  });

  test('a new line stays one in text, and is none in a line', () => {
    expect(revealed('a\nb')).toBe('a\nb');
    expect(revealedLine('a\nb')).toBe(String.raw`a\nb`);
  });
});
