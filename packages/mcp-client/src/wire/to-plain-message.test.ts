import { describe, expect, test } from 'vitest';
import { toPlainMessage } from './to-plain-message.js';

const CELLS = [
  { cell: 'card declined', expected: 'card declined', why: 'plain text stays' },
  { cell: 'Error: no\n    at f (/srv/x.js:1)', expected: 'Error: no', why: 'stacks are cut' },
  { cell: '\r\n  second line first', expected: 'second line first', why: 'leading space and line ends' },
  { cell: '\u001b[31mred\u001b[0m', expected: '[31mred[0m', why: 'escape sequences lose their escape' },
  { cell: 'a\u200bb\u202ec\u2066d\ufeffe', expected: 'abcde', why: 'hidden and bidirectional characters' },
  { cell: 'one\u2028two', expected: 'one', why: 'every kind of line end' },
  { cell: '', expected: '', why: 'nothing' },
] as const;

describe('toPlainMessage', () => {
  test.each(CELLS)('$why', ({ cell, expected }) => {
    expect(toPlainMessage(cell)).toBe(expected);
  });

  test('is bounded', () => {
    expect(toPlainMessage('y'.repeat(1_000_000))).toBe(`${'y'.repeat(300)}...`);
  });
});
