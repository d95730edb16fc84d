import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyFilter } from './key-filter.js';

const digestOf = (key: string | number) => createHash('sha256').update(String(key)).digest('hex');
const digests = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => digestOf(`${prefix} ${i}`));

test('what was added may be there, whatever else was added and whatever a digest looks like', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string().map(digestOf), fc.string())), (added) => {
      const filter = createKeyFilter(4);
      filter.complete();
      for (const digest of added) {
        filter.add(digest);
        expect(filter.mayHave(digest)).toBe(true);
      }
      expect(added.every((digest) => filter.mayHave(digest))).toBe(true);
    }),
  );
});

test.each([
  ['in its first layer', 32_768],
  ['in layers on top of one another', 1_024],
])('hardly any other key is taken for one of them: %s', (_, firstKeys) => {
  const filter = createKeyFilter(firstKeys);
  filter.complete();
  const added = digests('added', 30_000);
  for (const digest of added) filter.add(digest);
  expect(added.every((digest) => filter.mayHave(digest))).toBe(true);
  const mistaken = digests('other', 30_000).filter((digest) => filter.mayHave(digest));
  expect(mistaken.length).toBeLessThan(30_000 * 0.02);
});

test('until everything has been read nothing is known to be absent', () => {
  const filter = createKeyFilter();
  expect(filter.mayHave(digestOf('new'))).toBe(true);
  filter.complete();
  expect(filter.mayHave(digestOf('new'))).toBe(false);
});

test('with too many keys nothing is known to be absent', () => {
  const filter = createKeyFilter(4, 10);
  filter.complete();
  for (const digest of digests('added', 10)) filter.add(digest);
  expect(filter.mayHave(digestOf('new'))).toBe(false);
  filter.add(digestOf('one more'));
  expect(filter.mayHave(digestOf('new'))).toBe(true);
});
