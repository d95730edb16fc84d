import Database from 'better-sqlite3';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lockForProcess } from './sqlite-lock.js';

export interface SqliteConnection {
  /** Its path, in full. */
  readonly file: string;
  readonly db: Database.Database;
  close(): void;
}

/**
 * Opens the file for this process alone, with every setting that durability hangs on set and read back.
 * Errors: throws when another process holds the file, when it cannot be written, or when a setting does not hold.
 */
export function openSqliteConnection(path: string): SqliteConnection {
  const file = resolve(path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives the files beside the database the same rights.
  createPrivate(file);
  createPrivate(`${file}.lock`);
  const lock = lockForProcess(`${file}.lock`);
  let db: Database.Database | null = null;
  try {
    // Waiting stops the event loop, and only an operator at work on the file can make us wait.
    db = new Database(file, { timeout: 1000 });
    configure(db);
  } catch (error) {
    db?.close();
    lock.release();
    throw error;
  }
  const open = db;
  return {
    file,
    db: open,
    close: () => {
      open.close();
      lock.release();
    },
  };
}

function createPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/**
 * better-sqlite3 is compiled to weaken `synchronous` to NORMAL as soon as the journal is a WAL, and a power cut then takes
 * acknowledged commits with it: so it is set after the journal mode, and read back.
 */
function configure(db: Database.Database): void {
  hold(db, { setting: 'journal_mode', value: 'WAL', expected: 'wal' });
  hold(db, { setting: 'synchronous', value: 'FULL', expected: 2 });
  hold(db, { setting: 'foreign_keys', value: 'ON', expected: 1 });
  // On macOS a plain fsync stops at the drive's cache.
  db.pragma('fullfsync = ON');
  db.pragma('checkpoint_fullfsync = ON');
  db.pragma('trusted_schema = OFF');
  // A checkpoint stops the event loop: rare enough to write a page once for many changes, small enough to be short.
  db.pragma('wal_autocheckpoint = 2000');
}

function hold(db: Database.Database, pragma: { setting: string; value: string; expected: unknown }): void {
  db.pragma(`${pragma.setting} = ${pragma.value}`);
  const actual = db.pragma(pragma.setting, { simple: true });
  if (actual === pragma.expected) return;
  throw new Error(`SQLite does not hold ${pragma.setting} = ${pragma.value} (it says ${String(actual)}).`);
}
