import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqlitePast } from '../src/dialect/sqlite-past.js';
import { createTableNames } from '../src/tables.js';

const NAMES = createTableNames('invoke_');
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'invoke-past-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** One start of a gateway that looks once: what it calls the past, and what it would commit of that. */
function look(stored: string | null, { told }: { readonly told: boolean }) {
  const past = createSqlitePast(join(folder, 'invoke.db.seen'), NAMES);
  const script = past.line();
  script.next();
  const write = script.next(stored === null ? [] : [{ value: stored }]);
  if (write.done === true) throw new Error('it notes nothing');
  const line = script.next([]).value as string;
  if (told) past.looked(line);
  return {
    line,
    hadPast: past.hadPast(),
    committed: (write.value as { readonly parameters: readonly unknown[] }).parameters[1] as string,
  };
}

describe('the mark beside a database', () => {
  test.each([
    { why: 'it was stopped', told: true },
    { why: 'it was killed between the commit and the file', told: false },
  ])('a database that goes on is the same one when $why', ({ told }) => {
    const first = look(null, { told });
    const second = look(first.committed, { told });
    const third = look(second.committed, { told: true });
    expect([second.line, third.line]).toEqual([first.line, first.line]);
  });

  test('one that was killed before its first commit starts as a new one', () => {
    look(null, { told: false });
    const again = look(null, { told: true });
    expect(look(again.committed, { told: true }).line).toBe(again.line);
  });

  test('a copy of before is another one, also where whoever noticed that was killed', () => {
    const copied = look(null, { told: true });
    look(copied.committed, { told: true });
    const noticed = look(copied.committed, { told: false });
    expect(noticed.line).not.toBe(copied.line);
    // Nothing of that was committed: the copy is still there.
    expect(look(copied.committed, { told: true }).line).not.toBe(copied.line);
  });

  test('an empty database beside the mark of another one was deleted, also where whoever noticed that was killed', () => {
    const first = look(null, { told: true });
    expect(first.hadPast).toBe(false);
    expect(look(null, { told: false }).hadPast).toBe(true);
    const noticed = look(null, { told: true });
    expect(noticed.hadPast).toBe(true);
    expect(look(noticed.committed, { told: true }).line).toBe(noticed.line);
  });

  test('a database without the file is another one', async () => {
    const first = look(null, { told: true });
    await rm(join(folder, 'invoke.db.seen'));
    expect(look(first.committed, { told: true }).line).not.toBe(first.line);
    expect(await readFile(join(folder, 'invoke.db.seen'), 'utf8')).toContain('"n":2');
  });
});
