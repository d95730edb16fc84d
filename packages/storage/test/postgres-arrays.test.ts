import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toArrays, weigh } from '../src/dialect/postgres-arrays.js';

const COLUMNS = [
  { name: 'a', type: 'text' },
  { name: 'n', type: 'bigint' },
  { name: 'b', type: 'text' },
] as const;

let postgres: TestPostgres;
let client: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  client = new pg.Client(await postgres.createDatabase());
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await postgres[Symbol.asyncDispose]();
});

/** Whatever Postgres stores: every text but with U+0000. */
const text = fc.option(fc.string({ unit: 'binary', maxLength: 2_000 }).map((s) => s.replaceAll('\0', ' ')));
const items = fc.array(fc.record({ a: text, n: fc.option(fc.maxSafeInteger()), b: text }), {
  minLength: 1,
  maxLength: 40,
});

test('the server reads what was written, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(items, async (written) => {
      const chars = written.reduce((sum, item) => sum + weigh(item, COLUMNS), 0);
      const { rows } = await client.query<{ a: string | null; n: string | null; b: string | null }>(
        'select * from unnest($1::text[], $2::bigint[], $3::text[]) as item(a, n, b)',
        toArrays(written, COLUMNS, chars),
      );
      expect(rows.map(({ a, n, b }) => ({ a, n: n === null ? null : Number(n), b }))).toEqual(written);
    }),
    { numRuns: 100 },
  );
});

test('what one batch has written does not change with the next', () => {
  const of = (a: string) => toArrays([{ a, n: 1, b: null }], COLUMNS, 100);
  const first = of('first');
  const copies = first.map((bytes) => Buffer.from(bytes));
  of('second, and longer');
  expect(first).toEqual(copies);
});

test('a batch may be larger than any before', () => {
  const a = 'ä'.repeat(300_000);
  const [bytes] = toArrays([{ a, n: null, b: null }], COLUMNS, weigh({ a, n: null, b: null }, COLUMNS));
  expect(bytes?.toString('utf8', 24)).toBe(a);
});

test.each([
  { a: 5, n: 1, b: null },
  { a: 'x', n: 1.5, b: null },
  { a: 'x', n: Number.NaN, b: null },
  { a: 'x', n: '1', b: null },
  { a: 'x', n: 1 },
])('%j is not of the types of its columns', (item) => {
  expect(() => weigh(item, COLUMNS)).toThrow(TypeError);
});
