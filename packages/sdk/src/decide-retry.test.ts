import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, parseRetryAfter, parseShouldRetry, type RetryFacts } from './decide-retry.js';

const facts: Omit<RetryFacts, 'event'> = {
  attempts: 1,
  maxRetries: 2,
  previousDelayMs: 0,
  remainingMs: 60_000,
  random: 0,
};
const answer = (status: number, shouldRetry: boolean | null = null, retryAfterMs: number | null = null) =>
  ({ kind: 'answer', status, shouldRetry, retryAfterMs }) as const;
const lost = (certainlyNotSent: boolean, repeatable: boolean) =>
  ({ kind: 'lost', certainlyNotSent, repeatable }) as const;

const rows: { cell: string; event: RetryFacts['event']; retries: boolean; why: string }[] = [
  { cell: '200', event: answer(200), retries: false, why: 'it is the answer' },
  { cell: '400', event: answer(400), retries: false, why: 'the same request fails again' },
  { cell: '408', event: answer(408), retries: true, why: 'the request did not arrive' },
  { cell: '409', event: answer(409), retries: false, why: 'a conflict is not a hiccup' },
  { cell: '409 true', event: answer(409, true), retries: true, why: 'the server says: still in progress' },
  { cell: '429', event: answer(429), retries: true, why: 'not executed' },
  { cell: '429 false', event: answer(429, false), retries: false, why: "the server's word counts most" },
  { cell: '500', event: answer(500), retries: false, why: 'may have been executed' },
  { cell: '502', event: answer(502), retries: false, why: 'may have been executed' },
  { cell: '503', event: answer(503), retries: true, why: 'not executed' },
  { cell: '504', event: answer(504), retries: false, why: 'may have been executed' },
  { cell: '200 true', event: answer(200, true), retries: false, why: 'an answer is an answer' },
  { cell: 'refused', event: lost(true, false), retries: true, why: 'nothing was sent' },
  { cell: 'reset, keyed', event: lost(false, true), retries: true, why: 'the key makes it one call' },
  { cell: 'reset, no key', event: lost(false, false), retries: false, why: 'it could happen twice' },
];

describe('decideRetry', () => {
  test.each(rows)('$cell: $why', ({ event, retries }) => {
    expect(decideRetry({ ...facts, event }).kind).toBe(retries ? 'retry' : 'stop');
  });

  test('stops after maxRetries, and never begins with 0', () => {
    expect(decideRetry({ ...facts, attempts: 2, event: answer(503) }).kind).toBe('retry');
    expect(decideRetry({ ...facts, attempts: 3, event: answer(503) }).kind).toBe('stop');
    expect(decideRetry({ ...facts, maxRetries: 0, event: answer(503) }).kind).toBe('stop');
  });

  test('waits as long as the server asks, but not beyond the deadline', () => {
    expect(decideRetry({ ...facts, event: answer(429, null, 1_500) })).toEqual({
      kind: 'retry',
      delayMs: 1_500,
    });
    expect(decideRetry({ ...facts, event: answer(429, null, 61_000) })).toEqual({ kind: 'stop' });
  });

  test('the first wait lies between 250 and 750 ms', () => {
    expect(decideRetry({ ...facts, random: 0, event: answer(503) })).toEqual({ kind: 'retry', delayMs: 250 });
    expect(decideRetry({ ...facts, random: 0.5, event: answer(503) })).toEqual({
      kind: 'retry',
      delayMs: 500,
    });
  });

  test('no wait leaves the bounds, whatever came before', () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(unit, fc.nat(1_000_000), (random, previousDelayMs) => {
        const decision = decideRetry({ ...facts, random, previousDelayMs, event: answer(503) });
        const delay = decision.kind === 'retry' ? decision.delayMs : Number.NaN;
        expect(delay).toBeGreaterThanOrEqual(250);
        expect(delay).toBeLessThanOrEqual(Math.min(8_000, Math.max(250, previousDelayMs) * 3));
      }),
    );
  });
});

describe('headers', () => {
  const at = Date.parse('2026-11-23T10:00:00Z');
  test.each([
    { cell: 'none', headers: {}, expected: null },
    { cell: 'seconds', headers: { 'retry-after': '2' }, expected: 2_000 },
    { cell: 'milliseconds first', headers: { 'retry-after': '2', 'retry-after-ms': '150' }, expected: 150 },
    { cell: 'date', headers: { 'retry-after': 'Mon, 23 Nov 2026 10:00:05 GMT' }, expected: 5_000 },
    { cell: 'date in the past', headers: { 'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT' }, expected: 0 },
    { cell: 'nonsense', headers: { 'retry-after': 'soon' }, expected: null },
    { cell: 'negative', headers: { 'retry-after-ms': '-5' }, expected: null },
  ])('Retry-After: $cell', ({ headers, expected }) => {
    expect(parseRetryAfter(new Headers(headers as Record<string, string>), at)).toBe(expected);
  });

  test.each([
    { value: 'true', expected: true },
    { value: ' False ', expected: false },
    { value: 'maybe', expected: null },
  ])('x-should-retry: $value', ({ value, expected }) => {
    expect(parseShouldRetry(new Headers({ 'x-should-retry': value }))).toBe(expected);
  });
});
