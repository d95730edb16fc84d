import { expect, test } from 'vitest';
import { renderCaret } from './render-caret.js';

test.each([
  { source: 'brnach == main', at: 0, shown: 'no\n  brnach == main\n  ^' },
  { source: 'branch = main', at: 7, shown: 'no\n  branch = main\n         ^' },
  { source: 'a and', at: 5, shown: 'no\n  a and\n       ^' },
  { source: 'a\nb == \tc\nd', at: 8, shown: 'no\n  b == \tc\n       \t^' },
  { source: 'a\r\nb', at: 0, shown: 'no\n  a\n  ^' },
  { source: '\na', at: 0, shown: 'no\n  \n  ^' },
  { source: '', at: 0, shown: 'no\n  \n  ^' },
  { source: 'a', at: 99, shown: 'no\n  a\n   ^' },
])('$source at $at', ({ source, at, shown }) => {
  expect(renderCaret(source, at, 'no')).toBe(shown);
});
