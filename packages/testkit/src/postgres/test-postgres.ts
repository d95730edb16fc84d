import { randomBytes } from 'node:crypto';

/** A real PostgreSQL for tests. */
export interface TestPostgres extends AsyncDisposable {
  /** A fresh, empty database; dropped with the server. */
  createDatabase(): Promise<string>;
  /** Runs statements on the server itself: in `connectionString`'s database, or in the default one. */
  query(sql: string, connectionString?: string): Promise<readonly Record<string, unknown>[]>;
  /** What can be done to a server that is ours alone; null for one that was there before. */
  readonly control: PostgresControl | null;
}

export interface PostgresControl {
  /** The postmaster. */
  readonly pid: number;
  readonly port: number;
  /** `immediate` is a crash (SIGQUIT: no checkpoint, recovery at the next start); `fast` ends sessions and shuts down. */
  stop(mode: 'immediate' | 'fast'): Promise<void>;
  start(): Promise<void>;
  /** Stops in order, keeps a copy of all data, and starts again: what an asynchronous standby would have by now. */
  keepCopy(): Promise<void>;
  /**
   * Crashes, and goes on from the copy. `promoted`: on a timeline of its own, as a standby does that takes over. `as_it_was`:
   * like a disk that was put back, on the same one.
   */
  goOnFromCopy(how: 'promoted' | 'as_it_was'): Promise<void>;
}

export function createDatabaseName(): string {
  return `invoke_test_${randomBytes(6).toString('hex')}`;
}
