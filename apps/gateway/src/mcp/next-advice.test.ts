import { expect, test } from 'vitest';
import { adviseAfter } from './next-advice.js';

test.each([
  {
    cell: 'might work later',
    decision: 'retry_allowed',
    expected: /another key/,
    why: 'the key has this answer',
  },
  { cell: 'stays in the way', decision: 'do_not_retry', expected: /cannot help/, why: 'nothing changes' },
])('a failure that $cell: $why', ({ decision, expected }) => {
  expect(adviseAfter({ status: 'failed', decision })).toMatch(expected);
});
