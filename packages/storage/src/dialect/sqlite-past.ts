import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { CompiledQuery } from 'kysely';
import type { TableNames } from '../tables.js';
import type { Past } from './dialect.js';

const NAME = 'history_mark';

/** How far a database had come. */
interface Mark {
  readonly line: string;
  readonly n: number;
}

/**
 * A file beside the database knows how far that had come: what stands in it was committed before. A database that has not
 * come as far was put back from a copy; so was one without the file, which is not part of a backup of the database; and where
 * the file stands beside an empty one, that was deleted. Whoever is killed leaves the file behind the database, never ahead of
 * it: that is no loss.
 */
export function createSqlitePast(file: string, tables: TableNames): Past {
  let next: Mark | null = null;
  let hadPast = false;
  return {
    mayForget: false,
    *line() {
      const rows = yield CompiledQuery.raw(`select value from ${tables.settings} where name = ?`, [NAME]);
      const stored = parseMark((rows[0] as { readonly value: string } | undefined)?.value ?? null);
      const beside = parseMark(readText(file));
      // Whoever is killed before the first commit leaves a file that says 0.
      hadPast = (beside?.n ?? 0) > 0;
      const isOurs =
        stored !== null && beside !== null && stored.line === beside.line && stored.n >= beside.n;
      const line = isOurs ? stored.line : randomBytes(8).toString('hex');
      // Known beside it before it is committed: who is killed in between must not find a database that nobody knows.
      if (!isOurs) writeMark(file, { line, n: stored === null ? (beside?.n ?? 0) : 0 });
      next = { line, n: (stored?.n ?? 0) + 1 };
      yield CompiledQuery.raw(
        `insert into ${tables.settings} (name, value) values (?, ?)
         on conflict (name) do update set value = excluded.value`,
        [NAME, JSON.stringify(next)],
      );
      return line;
    },
    hadPast: () => hadPast,
    looked() {
      if (next !== null) writeMark(file, next);
    },
    watch: () => undefined,
    resume: () => undefined,
  };
}

/** Replaced as a whole, and on the disk before: half a file, or an empty one, would look like a restored database. */
function writeMark(file: string, mark: Mark): void {
  const fresh = openSync(`${file}.new`, 'w', 0o600);
  try {
    writeSync(fresh, JSON.stringify(mark));
    fsyncSync(fresh);
  } finally {
    closeSync(fresh);
  }
  renameSync(`${file}.new`, file);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseMark(text: string | null): Mark | null {
  try {
    const value: unknown = text === null ? null : JSON.parse(text);
    return value as Mark | null;
  } catch {
    return null;
  }
}
