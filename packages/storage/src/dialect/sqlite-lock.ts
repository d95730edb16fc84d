import Database from 'better-sqlite3';

/**
 * Makes sure that one process uses a database file. The lock is that of an open SQLite transaction on a file beside it:
 * the operating system ends it together with the process, whatever ended that. While it is held, others can still read
 * who holds it.
 * Errors: throws when another process holds the lock, naming its pid.
 */
export function lockForProcess(file: string): { release(): void } {
  const db = new Database(file, { timeout: 1000 });
  try {
    db.pragma('journal_mode = DELETE');
    // Losing the name of the holder costs nothing, so nothing waits for the disk here.
    db.pragma('synchronous = OFF');
    db.exec('begin immediate; create table if not exists holder (pid integer not null)');
    db.exec('delete from holder');
    db.prepare('insert into holder values (?)').run(process.pid);
    db.exec('commit; begin immediate');
  } catch (error) {
    const holder = readHolder(db);
    db.close();
    if (!isBusy(error)) throw error;
    throw new Error(
      `The data is in use by another process${holder === null ? '' : ` (pid ${holder})`}: ` +
        `only one gateway can use a SQLite file. Stop that one, or use Postgres. (${file})`,
      { cause: error },
    );
  }
  return {
    release: () => {
      db.close();
    },
  };
}

function readHolder(db: Database.Database): number | null {
  try {
    if (db.inTransaction) db.exec('rollback');
    return (db.prepare('select pid from holder').pluck().get() as number | undefined) ?? null;
  } catch {
    return null;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
