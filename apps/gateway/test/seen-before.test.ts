import { expect, test } from 'vitest';
import { createSeenBefore } from '../src/http/seen-before.js';

const body = (key: string) =>
  JSON.stringify({ tool: 'crm_update', params: { note: 'x'.repeat(400) }, idempotency_key: key });

test('a text is known from its second time on', () => {
  const seenBefore = createSeenBefore();
  expect([seenBefore(body('a')), seenBefore(body('a')), seenBefore(body('a'))]).toEqual([false, true, true]);
});

test('texts that come once are not known, though they are much alike', () => {
  const seenBefore = createSeenBefore();
  const known = Array.from({ length: 5_000 }, (_, i) => seenBefore(body(`order-${10_000 + i}`)));
  expect(known.filter(Boolean)).toEqual([]);
});
