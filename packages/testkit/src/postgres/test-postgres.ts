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
}

export function createDatabaseName(): string {
  return `invoke_test_${randomBytes(6).toString('hex')}`;
}
