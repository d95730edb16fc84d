import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecent } from './recent.js';

interface Use {
  readonly key: number;
  readonly sets: boolean;
}

/** Plays all uses; returns the keys that were found, in order. */
function play(least: number, uses: readonly Use[]) {
  const recent = createRecent<number, string>(least);
  const found: number[] = [];
  for (const { key, sets } of uses) {
    if (sets) recent.set(key, `value ${key}`);
    const value = recent.get(key);
    if (sets) expect(value).toBe(`value ${key}`);
    if (value !== undefined) found.push(key);
  }
  return { recent, found };
}

test('the last ones used are there, and never more than twice as many are kept', () => {
  const use = fc.record({ key: fc.nat(30), sets: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(use, { maxLength: 200 }), (least, uses) => {
      const last = [...new Set(play(least, uses).found.toReversed())].slice(0, least);
      // Looking is a use: each key is looked up in a cache of its own.
      const keys = Array.from({ length: 31 }, (_, key) => key);
      const kept = keys.filter((key) => play(least, uses).recent.get(key) !== undefined);
      expect(kept).toEqual(expect.arrayContaining(last));
      expect(kept.length).toBeLessThanOrEqual(2 * least);
    }),
  );
});

test('what was deleted is gone, of whatever age', () => {
  const recent = createRecent<string, number>(2);
  for (const key of ['a', 'b', 'c']) recent.set(key, 1);
  for (const key of ['a', 'b', 'c']) {
    recent.delete(key);
    expect(recent.get(key)).toBeUndefined();
  }
});
