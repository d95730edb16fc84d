import Database from 'better-sqlite3';

/** The code of the error that says that another process uses the data. */
const DATA_IN_USE = 'DATA_IN_USE';

/**
 * Makes sure that one process uses a database file. The lock is that of an open SQLite transaction on a file beside it
 * (`<file>.lock`): the operating system ends it together with the process, whatever ended that. While it is held, others can
 * still read who holds it.
 * Errors: throws when another process holds the lock, naming its pid; its `code` is `DATA_IN_USE`.
 */
export function lockForProcess(file: string): { release(): void } {
  const db = new Database(`${file}.lock`, { timeout: 1000 });
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
    throw Object.assign(new Error(inUse(file, holder), { cause: error }), { code: DATA_IN_USE });
  }
  return {
    release: () => {
      db.close();
    },
  };
}

function inUse(file: string, holder: number | null): string {
  const who = holder === null ? 'another process' : `another process (pid ${holder})`;
  return (
    `The data in ${file} is in use by ${who}: only one gateway can use a SQLite file. Stop that one, or give this one ` +
    'a folder of its own (INVOKE_DATA_DIR); for several gateways on the same data, use Postgres (DATABASE_URL).'
  );
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
