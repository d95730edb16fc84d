import { expect, test } from 'vitest';
import { compileLinearPattern, TextTooLong } from './linear-pattern.js';
import { Exhausted, Meter } from './meter.js';

function matches(source: string, text: string, steps = 1_000_000): boolean {
  const compiled = compileLinearPattern(source);
  if (compiled.kind === 'error') throw new Error(compiled.message);
  return compiled.pattern.test(text, new Meter(steps));
}

const CELLS: readonly { cell: string; source: string; text: string; matches: boolean }[] = [
  { cell: 'a part is enough', source: 'b', text: 'abc', matches: true },
  { cell: 'anchors', source: '^b$', text: 'abc', matches: false },
  { cell: '$ is the end, not the last line', source: '^a$', text: 'a\n', matches: false },
  { cell: 'escapes of ECMAScript', source: String.raw`^\u0041\/$`, text: 'A/', matches: true },
  { cell: 'classes', source: String.raw`^[\w.-]+@\d+$`, text: 'a.b-c@42', matches: true },
  { cell: 'Unicode properties', source: String.raw`^\p{L}+$`, text: '\u00e9\u4e2d', matches: true },
  { cell: 'code points', source: '^.$', text: '\u{1f600}', matches: true },
  { cell: 'named groups', source: String.raw`^(?<year>\d{4})$`, text: '2026', matches: true },
  { cell: 'counted up to 400', source: '^[a-z]{1,400}$', text: 'a'.repeat(400), matches: true },
];

test.each(CELLS)('$cell', ({ source, text, matches: expected }) => {
  expect(matches(source, text)).toBe(expected);
});

test.each([
  '(',
  '[',
  String.raw`(a)\1`,
  '(?=a)',
  'a(?!b)',
  '(?<=a)b',
  'a{1,1001}',
  'a'.repeat(513),
  '.{0,900}',
  '\\',
])('refuses %s', (source) => {
  expect(compileLinearPattern(source).kind).toBe('error');
});

test('stops when the steps are used up, or the text is too long', () => {
  expect(() => matches('^a+$', 'a'.repeat(1_000), 100)).toThrow(Exhausted);
  expect(() => matches('^a+$', 'a'.repeat(10_001))).toThrow(TextTooLong);
  expect(matches('^a+$', 'a'.repeat(10_000))).toBe(true);
});

test('what fits into a pattern by its own count can be checked within one evaluation', () => {
  expect(matches('^[a-z]{1,400}$', 'a'.repeat(400), 350_000)).toBe(true);
});
