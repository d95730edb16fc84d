import { StorageUnavailable } from '@invoke/core/ports';
import { flawIn, runTogether, startOver, toJob, type GroupConnection, type Job } from './run-together.js';
import type { PortableWrite, SqliteWriter } from './sqlite-writer.js';
import { toUnavailable } from './to-unavailable.js';
import type { WriteAnswer, WriteError } from './writer-protocol.js';

/** Writes of any origin, in groups. */
export interface GroupCommit {
  /** Runs `work` in the next transaction; resolves with what it returned once that is committed. */
  add<T>(work: () => T): Promise<T>;
  /** The same for one statement, which may be run elsewhere. */
  addWrite<T>(write: GroupWrite<T>): Promise<T>;
  beforeCommit(hook: () => void): void;
  /** Set when the disk failed to keep what it had taken: nothing is written any more. */
  readonly flaw: string | null;
  /** Something else is wrong with where it is written to: nothing is from now on. */
  condemn(why: string): void;
  /** Commits what is queued; afterwards everything is refused. */
  close(): Promise<void>;
}

/** A statement that may be run on this thread or on the writer's. */
export interface GroupWrite<T> extends PortableWrite {
  /** Runs it here. `again`: it may have been committed already, and that counts as done. */
  run(again: boolean): T;
  /** What the number of changed rows means. */
  read(changes: number): T;
}

interface GroupJob extends Job {
  /** Null where only this thread can run it. */
  readonly write: PortableWrite | null;
  /** Told what the writer thread has committed. */
  take(changes: number): void;
  /** From now on it may have been committed already. */
  doubt(): void;
}

/** A group that grows is waited for this many turns of the event loop. */
const MOST_TURNS = 4;
/**
 * From this size on a group is worth the way to the writer thread and back (0.1 ms); below it, its own turn is faster. While
 * the writer is in use, smaller groups go there too: two connections that take turns read each other's pages again.
 */
const WORTH_THE_WAY = 8;
const IN_USE_MS = 20;
/**
 * A group of this size leaves at once when the writer is free. Were it to wait for the end of the turn, all calls would go in
 * step, and this thread and the writer's would wait for each other. The handing over costs as much for a few writes as for
 * many.
 */
const FULL = 32;

/**
 * One transaction for what was asked for in a turn of the event loop, and so one flush of the disk: alone, work is committed
 * at once; in company, a group that still grows is given a few turns more, because a flush costs as much for one as for
 * many. A large group is committed by the writer thread, and what is asked for meanwhile is the next group: there is one
 * transaction at a time, wherever it runs.
 */
export function createGroupCommit(connection: GroupConnection, writer: SqliteWriter | null): GroupCommit {
  return new Groups(connection, writer);
}

class Groups implements GroupCommit {
  readonly #connection: GroupConnection;
  readonly #writer: SqliteWriter | null;
  readonly #hooks: (() => void)[] = [];
  #queue: GroupJob[] = [];
  #scheduled = false;
  #flushing = false;
  #seen = 0;
  #turns = 0;
  #lastSize = 0;
  #lastAway = -IN_USE_MS;
  #away: Promise<void> | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #flaw: string | null = null;

  constructor(connection: GroupConnection, writer: SqliteWriter | null) {
    this.#connection = connection;
    this.#writer = writer;
  }

  get flaw(): string | null {
    return this.#flaw;
  }

  condemn(why: string): void {
    this.#flaw ??= why;
  }

  add<T>(work: () => T): Promise<T> {
    return this.#ask((resolve, reject) => toLocalJob(work, resolve, reject));
  }

  addWrite<T>(write: GroupWrite<T>): Promise<T> {
    return this.#ask<T>((resolve, reject) => new WriteJob(write, resolve, reject));
  }

  beforeCommit(hook: () => void): void {
    this.#hooks.push(hook);
  }

  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    await this.#away;
    this.#flush();
    this.#state = 'closed';
    await this.#writer?.close();
  }

  #ask<T>(
    toGroupJob: (resolve: (result: T) => void, reject: (error: StorageUnavailable) => void) => GroupJob,
  ): Promise<T> {
    const refusal = this.#state === 'closed' ? 'The database is closed.' : this.#flaw;
    if (refusal !== null) return Promise.reject(new StorageUnavailable(refusal));
    return new Promise<T>((resolve, reject) => this.#enqueue(toGroupJob(resolve, reject)));
  }

  #enqueue(job: GroupJob): void {
    this.#queue.push(job);
    if (this.#away === null && !this.#flushing) {
      if (this.#queue.length >= FULL && this.#isInUse()) return this.#flush();
      if (!this.#scheduled) this.#schedule();
    }
    this.#scheduled = true;
  }

  #schedule(): void {
    setImmediate(() => this.#flushWhenGathered());
  }

  #flushWhenGathered(): void {
    if (this.#away !== null || this.#queue.length === 0) return;
    const grows = this.#queue.length > this.#seen && this.#turns < MOST_TURNS && this.#lastSize > 1;
    if (!grows || this.#queue.length >= FULL) return this.#flush();
    this.#seen = this.#queue.length;
    this.#turns += 1;
    this.#schedule();
  }

  #flush(): void {
    this.#flushing = true;
    for (const hook of this.#hooks) hook();
    this.#flushing = false;
    const jobs = this.#queue;
    this.#queue = [];
    this.#scheduled = false;
    this.#seen = 0;
    this.#turns = 0;
    this.#lastSize = jobs.length;
    if (jobs.length === 0) return;
    const writes = this.#state === 'open' ? this.#worthTheWay(jobs) : null;
    if (this.#flaw !== null) failAll(jobs, new StorageUnavailable(this.#flaw));
    else if (this.#writer === null || writes === null) this.#note(runTogether(this.#connection, jobs));
    else this.#away = this.#sendAway(jobs, this.#writer.run(writes));
  }

  #note(flaw: string | null): void {
    if (flaw !== null) this.#flaw = flaw;
  }

  #isInUse(): boolean {
    return this.#writer !== null && performance.now() - this.#lastAway < IN_USE_MS;
  }

  #worthTheWay(jobs: readonly GroupJob[]): readonly PortableWrite[] | null {
    if (jobs.length < WORTH_THE_WAY && (jobs.length === 1 || !this.#isInUse())) return null;
    const writes: PortableWrite[] = [];
    for (const { write } of jobs) {
      if (write === null) return null;
      writes.push(write);
    }
    return writes;
  }

  async #sendAway(jobs: readonly GroupJob[], answer: Promise<WriteAnswer>): Promise<void> {
    try {
      this.#note(settle(this.#connection, jobs, await answer));
    } catch {
      for (const job of jobs) job.doubt();
      this.#note(runTogether(this.#connection, jobs));
    }
    this.#away = null;
    this.#lastAway = performance.now();
    if (this.#scheduled) this.#schedule();
  }
}

function toLocalJob<T>(
  work: () => T,
  resolve: (result: T) => void,
  reject: (error: StorageUnavailable) => void,
): GroupJob {
  return { ...toJob(work, resolve, reject), write: null, take: nothing, doubt: nothing };
}

function nothing(): void {}

/** A class, because there are two of them per call. */
class WriteJob<T> implements GroupJob {
  readonly write: GroupWrite<T>;
  readonly #resolve: (result: T) => void;
  readonly #reject: (error: StorageUnavailable) => void;
  #again = false;
  #result: T | undefined;

  constructor(
    write: GroupWrite<T>,
    resolve: (result: T) => void,
    reject: (error: StorageUnavailable) => void,
  ) {
    this.write = write;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  run(): void {
    this.#result = this.write.run(this.#again);
  }

  commit(): void {
    this.#resolve(this.#result as T);
  }

  fail(cause: unknown): void {
    this.#reject(toUnavailable(cause));
  }

  take(changes: number): void {
    this.#resolve(this.write.read(changes));
  }

  doubt(): void {
    this.#again = true;
  }
}

/** Tells the jobs of a group how it went on the writer thread. Returns what is wrong with the disk, if anything is. */
function settle(connection: GroupConnection, jobs: readonly GroupJob[], answer: WriteAnswer): string | null {
  if (answer.kind !== 'committed') {
    const error = toError(answer.error);
    if (answer.kind === 'undone') return startOver(connection, jobs, error);
    failAll(jobs, error);
    return flawIn(error);
  }
  for (const [i, job] of jobs.entries()) {
    const changes = answer.changes[i];
    if (typeof changes === 'number') job.take(changes);
    else job.fail(toError(changes ?? { code: '', message: 'the writer thread left it out' }));
  }
  return null;
}

function failAll(jobs: readonly GroupJob[], cause: Error): void {
  for (const job of jobs) job.fail(cause);
}

function toError({ code, message }: WriteError): Error {
  return Object.assign(new Error(message), { code });
}
