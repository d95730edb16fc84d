import { ERROR_CATALOGUE } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { InvokeError, parseProblem, toRetryAdvice } from './errors.js';

describe('toRetryAdvice', () => {
  test.each(Object.entries(ERROR_CATALOGUE))('%s: the advice of the catalogue', (code, entry) => {
    expect(toRetryAdvice(code, entry.retry === 'safe')).toBe(entry.retry);
  });

  test('a code that nobody knows yet goes by `retryable`', () => {
    expect(toRetryAdvice('brand_new', true)).toBe('safe');
    expect(toRetryAdvice('brand_new', false)).toBe('never');
  });
});

describe('InvokeError', () => {
  test('is recognised across copies of the package', () => {
    const error = new InvokeError({ code: 'timeout', message: 'm', retry: 'safe' });
    const ofAnotherCopy = Object.assign(new Error('m'), {
      [Symbol.for('invoke.sdk.InvokeError')]: true,
    });
    expect(InvokeError.isInstance(error)).toBe(true);
    expect(InvokeError.isInstance(ofAnotherCopy)).toBe(true);
    expect(InvokeError.isInstance(new Error('m'))).toBe(false);
    expect(InvokeError.isInstance(null)).toBe(false);
  });

  test('only what is safe is retryable', () => {
    const of = (retry: 'never' | 'safe' | 'after_reconcile') =>
      new InvokeError({ code: 'c', message: 'm', retry }).retryable;
    expect([of('never'), of('safe'), of('after_reconcile')]).toEqual([false, true, false]);
  });
});

test.each([
  { cell: 'text', body: 'nope' },
  { cell: 'list', body: [] },
  { cell: 'other JSON', body: { error: 'x' } },
  { cell: 'nothing', body: undefined },
])('parseProblem: $cell is no problem document', ({ body }) => {
  expect(parseProblem(body)).toBeUndefined();
});
