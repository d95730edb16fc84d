import { expect, test } from 'vitest';
import { decisionAfterFailure } from './decision-after-failure.js';

test.each([
  { cell: 'D1', reason: 'address_denied', expected: 'do_not_retry', why: 'the address stays out of bounds' },
  { cell: 'D2', reason: 'not_configured', expected: 'do_not_retry', why: 'somebody has to set it up first' },
  { cell: 'D3', reason: 'invalid_params', expected: 'do_not_retry', why: 'the params stay what they are' },
  { cell: 'D4', reason: 'connection_refused', expected: 'retry_allowed', why: 'it may be there next time' },
  { cell: 'D5', reason: 'http_402', expected: 'retry_allowed', why: 'the tool did nothing, and may yet' },
  { cell: 'D6', reason: null, expected: 'retry_allowed', why: 'nothing was heard, and nothing has happened' },
] as const)('$cell: $why', ({ reason, expected }) => {
  expect(decisionAfterFailure(reason === null ? null : { reason })).toBe(expected);
});
