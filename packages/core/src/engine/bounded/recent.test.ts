import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRecent } from './recent.js';

test('the last ones used are there, and never more than twice as many are kept', () => {
  const use = fc.record({ key: fc.nat(30), sets: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(use, { maxLength: 200 }), (least, uses) => {
      const recent = createRecent<number, string>(least);
      const used: number[] = [];
      for (const { key, sets } of uses) {
        if (sets) recent.set(key, `value ${key}`);
        const found = recent.get(key);
        if (sets) expect(found).toBe(`value ${key}`);
        if (found !== undefined) used.push(key);
      }
      const last = [...new Set(used.toReversed())].slice(0, least);
      const kept = Array.from({ length: 31 }, (_, key) => key).filter((key) => recent.get(key) !== undefined);
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
