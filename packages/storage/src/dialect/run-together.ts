import { StorageUnavailable } from '@invoke/core/ports';
import { toUnavailable } from './to-unavailable.js';

/** What a group needs of a database connection; every method runs to its end before it returns. */
export interface GroupConnection {
  begin(): void;
  commit(): void;
  rollback(): void;
  /** False after an error that made the database roll back by itself. */
  inTransaction(): boolean;
}

/** A piece of work within a group: it runs, perhaps more than once, and is told once how the commit went. */
export interface Job {
  run(): void;
  commit(): void;
  fail(cause: unknown): void;
}

/**
 * One transaction for all jobs. A job that fails is rolled back alone; a commit that fails fails for all. Returns what is
 * wrong with the disk, if anything is.
 */
export function runTogether(connection: GroupConnection, jobs: readonly Job[]): string | null {
  const open = new Set(jobs);
  try {
    connection.begin();
    for (const job of jobs) {
      try {
        job.run();
      } catch (error) {
        if (!connection.inTransaction()) return startOver(connection, [...open], error);
        open.delete(job);
        job.fail(error);
      }
    }
    connection.commit();
  } catch (error) {
    if (connection.inTransaction()) connection.rollback();
    for (const job of open) job.fail(error);
    return flawIn(error);
  }
  for (const job of open) job.commit();
  return null;
}

/** The failure of one took the whole transaction with it (disk full, say): each is now tried alone. */
export function startOver(connection: GroupConnection, jobs: readonly Job[], error: unknown): string | null {
  let flaw = flawIn(error);
  for (const job of jobs) {
    if (flaw !== null || jobs.length === 1) job.fail(error);
    else flaw = runTogether(connection, [job]);
  }
  return flaw;
}

/**
 * After a failed fsync the kernel may have dropped what it could not write and report success the next time: it must not
 * be asked again. A restart reads the log from the disk and knows.
 */
export function flawIn(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.includes('FSYNC')
    ? `The disk failed to flush (${code}): restart after checking the disk.`
    : null;
}

export function toJob<T>(
  work: () => T,
  resolve: (result: T) => void,
  reject: (error: StorageUnavailable) => void,
): Job {
  let result: T;
  return {
    run: () => {
      result = work();
    },
    commit: () => resolve(result),
    fail: (cause) => reject(toUnavailable(cause)),
  };
}
