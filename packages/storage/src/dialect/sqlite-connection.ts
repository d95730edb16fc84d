import Database from 'better-sqlite3';
import { chmodSync, closeSync, openSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeDataFolder } from './make-folder.js';
import { lockForProcess } from './sqlite-lock.js';
import { createSqliteWriter, type SqliteWriter } from './sqlite-writer.js';
import type { WriterSettings } from './writer-protocol.js';

export interface SqliteConnection {
  /** Its path, in full. */
  readonly file: string;
  readonly db: Database.Database;
  /** Commits large groups on a thread of its own; without it everything is written here. */
  readonly writer?: SqliteWriter;
  close(): void;
}

/**
 * Opens the file for this process alone, with every setting that durability hangs on set and read back.
 * Errors: throws when another process holds the file, when it lies on a network, when it cannot be written, or when a
 * setting does not hold.
 */
export function openSqliteConnection(path: string, fileSystemOf = statfsSync): SqliteConnection {
  const file = resolve(path);
  makeDataFolder(dirname(file));
  refuseNetwork(dirname(file), fileSystemOf(dirname(file)).type);
  // SQLite gives the files beside the database the same rights.
  createPrivate(file);
  createPrivate(`${file}.lock`);
  const lock = lockForProcess(file);
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
    writer: createSqliteWriter({ file, pragmas: PRAGMAS }),
    close: () => {
      open.close();
      lock.release();
    },
  };
}

/** What Linux says that a file system is, for those whose files other machines can write at the same time. */
const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB2',
  0x5346414f: 'AFS',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x01161970: 'GFS2',
  0x7461636f: 'OCFS2',
};

/**
 * There, neither the lock that keeps a second process away nor the shared memory of the WAL reaches beyond one machine, and a
 * flush may end in another machine's memory.
 */
function refuseNetwork(folder: string, type: number): void {
  const name = NETWORK_FILE_SYSTEMS[type >>> 0];
  if (name === undefined) return;
  throw new Error(
    `${folder} is on a network file system (${name}), on which SQLite is not safe. Use a local disk, or Postgres.`,
  );
}

function createPrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

/**
 * What durability hangs on, for every connection to the file. better-sqlite3 is compiled to weaken `synchronous` to NORMAL as
 * soon as the journal is a WAL, and a power cut then takes acknowledged commits with it: so it is set after the journal mode,
 * and read back. On macOS a plain fsync stops at the drive's cache.
 */
const PRAGMAS: WriterSettings['pragmas'] = [
  { setting: 'journal_mode', value: 'WAL', expected: 'wal' },
  { setting: 'synchronous', value: 'FULL', expected: 2 },
  { setting: 'foreign_keys', value: 'ON', expected: 1 },
  { setting: 'fullfsync', value: 'ON', expected: 1 },
  { setting: 'checkpoint_fullfsync', value: 'ON', expected: 1 },
  { setting: 'trusted_schema', value: 'OFF', expected: 0 },
  // A checkpoint stops whoever commits: rare enough to write a page once for many changes, small enough to be short.
  { setting: 'wal_autocheckpoint', value: '4000', expected: 4000 },
  // In KiB. SQLite walks a table as large as its cache after commits (measured with 32 MiB: a tenth of a write), and what it
  // does not hold, the operating system does.
  { setting: 'cache_size', value: '-8192', expected: -8192 },
];

function configure(db: Database.Database): void {
  for (const { setting, value, expected } of PRAGMAS) {
    db.pragma(`${setting} = ${value}`);
    const actual = db.pragma(setting, { simple: true });
    if (actual !== expected)
      throw new Error(`SQLite does not hold ${setting} = ${value} (it says ${String(actual)}).`);
  }
}
