import { StorageUnavailable } from '@invoke/core/ports';
import { toUnavailable } from './to-unavailable.js';

/** What the group needs of a database connection; every method runs to its end before it returns. */
export interface GroupConnection {
  begin(): void;
  commit(): void;
  rollback(): void;
  /** False after an error that made the database roll back by itself. */
  inTransaction(): boolean;
}

export interface GroupCommit {
  /** Runs `work` in the next transaction; resolves with what it returned once that is committed. */
  add<T>(work: () => T): Promise<T>;
  beforeCommit(hook: () => void): void;
  /** Set when the disk failed to keep what it had taken: nothing is written any more. */
  readonly flaw: string | null;
  /** Commits what is queued; afterwards everything is refused. */
  close(): void;
}

interface Job {
  run(): void;
  commit(): void;
  fail(cause: unknown): void;
}

/**
 * One transaction per turn of the event loop: everything that was asked for in the turn shares one commit, and so one
 * flush of the disk. A piece of work that fails is rolled back alone; a commit that fails fails for all.
 */
export function createGroupCommit(connection: GroupConnection): GroupCommit {
  const hooks: (() => void)[] = [];
  let queue: Job[] = [];
  let scheduled = false;
  let closed = false;
  let flaw: string | null = null;

  function flush(): void {
    for (const hook of hooks) hook();
    const jobs = queue;
    queue = [];
    scheduled = false;
    if (jobs.length > 0) runTogether(jobs);
  }

  function runTogether(jobs: readonly Job[]): void {
    const done: Job[] = [];
    try {
      connection.begin();
      for (const job of jobs) {
        try {
          job.run();
          done.push(job);
        } catch (error) {
          if (!connection.inTransaction()) return startOver(jobs, error);
          job.fail(error);
        }
      }
      connection.commit();
    } catch (error) {
      noteFlaw(error);
      if (connection.inTransaction()) connection.rollback();
      const failed = done.length === 0 ? jobs : done;
      for (const job of failed) job.fail(error);
      return;
    }
    for (const job of done) job.commit();
  }

  /** The failure of one took the whole transaction with it (disk full, say): each is now tried alone. */
  function startOver(jobs: readonly Job[], error: unknown): void {
    noteFlaw(error);
    if (jobs.length === 1 || flaw !== null) {
      for (const job of jobs) job.fail(error);
      return;
    }
    for (const job of jobs) runTogether([job]);
  }

  /**
   * After a failed fsync the kernel may have dropped what it could not write and report success the next time: it must
   * not be asked again. A restart reads the log from the disk and knows.
   */
  function noteFlaw(error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.includes('FSYNC')) flaw = `The disk failed to flush (${code}); restart after checking it.`;
  }

  return {
    add<T>(work: () => T): Promise<T> {
      const refusal = closed ? 'The database is closed.' : flaw;
      if (refusal !== null) return Promise.reject(new StorageUnavailable(refusal));
      return new Promise<T>((resolve, reject) => {
        let result: T;
        queue.push({
          run: () => {
            result = work();
          },
          commit: () => resolve(result),
          fail: (cause) => reject(toUnavailable(cause)),
        });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      });
    },
    beforeCommit(hook) {
      hooks.push(hook);
    },
    get flaw() {
      return flaw;
    },
    close() {
      if (closed) return;
      flush();
      closed = true;
    },
  };
}
