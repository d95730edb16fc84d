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

/** A group that grows is waited for this many turns of the event loop. */
const MOST_TURNS = 2;

/**
 * One transaction for what was asked for in a turn of the event loop, and so one flush of the disk: alone, work is committed
 * at once; in company, a group that still grows is given a few turns more, because a flush costs as much for one as for
 * many. A piece of work that fails is rolled back alone; a commit that fails fails for all.
 */
export function createGroupCommit(connection: GroupConnection): GroupCommit {
  const hooks: (() => void)[] = [];
  let queue: Job[] = [];
  let scheduled = false;
  let seen = 0;
  let turns = 0;
  let lastSize = 0;
  let closed = false;
  let flaw: string | null = null;

  function flush(): void {
    for (const hook of hooks) hook();
    const jobs = queue;
    queue = [];
    scheduled = false;
    seen = 0;
    turns = 0;
    lastSize = jobs.length;
    if (jobs.length > 0) flaw ??= runTogether(connection, jobs);
  }

  function flushWhenGathered(): void {
    const grows = queue.length > seen && turns < MOST_TURNS && lastSize > 1;
    if (!grows) return flush();
    seen = queue.length;
    turns += 1;
    setImmediate(flushWhenGathered);
  }

  return {
    add<T>(work: () => T): Promise<T> {
      const refusal = closed ? 'The database is closed.' : flaw;
      if (refusal !== null) return Promise.reject(new StorageUnavailable(refusal));
      if (!scheduled) setImmediate(flushWhenGathered);
      scheduled = true;
      return new Promise<T>((resolve, reject) => queue.push(toJob(work, resolve, reject)));
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

function toJob<T>(
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

/** Returns what is wrong with the disk, if anything is. */
function runTogether(connection: GroupConnection, jobs: readonly Job[]): string | null {
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
function startOver(connection: GroupConnection, jobs: readonly Job[], error: unknown): string | null {
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
function flawIn(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.includes('FSYNC') ? `The disk failed to flush (${code}); restart after checking it.` : null;
}
