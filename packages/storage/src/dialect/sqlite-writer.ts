import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createSharedGroup, fillGroup, type NumberedWrite } from './shared-group.js';
import type {
  SharedGroup,
  StatementText,
  Value,
  WriteAnswer,
  WriterMessage,
  WriterSettings,
} from './writer-protocol.js';

/** One statement that another thread can run: its text and its parameters. */
export interface PortableWrite {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Runs groups of writes on a thread of its own, one at a time. */
export interface SqliteWriter {
  /** Rejects when the thread has ended: then nobody knows whether the group was committed. */
  run(writes: readonly PortableWrite[]): Promise<WriteAnswer>;
  /** Resolves when the thread and its connection are gone. */
  close(): Promise<void>;
}

const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './sqlite-writer-thread.ts' : './sqlite-writer-thread.js',
  import.meta.url,
);

/** The thread starts with the first group: a gateway that is not busy never has one. */
export function createSqliteWriter(settings: Omit<WriterSettings, 'turn'>): SqliteWriter {
  const texts: Texts = { ids: new Map(), prepared: new Set() };
  let started: Thread | null = null;
  let ended: Error | null = null;

  function start(): Thread {
    const thread = startThread(settings);
    thread.worker.on('error', (error) => (ended ??= error));
    thread.worker.on('exit', () => (ended ??= new Error('the writer thread has ended')));
    return thread;
  }

  return {
    async run(writes) {
      if (ended !== null) throw ended;
      started ??= start();
      const { worker } = started;
      worker.ref();
      try {
        const unknown = handOver(started, writes, texts);
        // Within the same turn: no answer is heard before, and none is waited for where the handing over has failed.
        const answer = await nextAnswer(worker);
        if (answer.kind === 'committed') for (const { id } of unknown) texts.prepared.add(id);
        return answer;
      } finally {
        worker.unref();
      }
    },
    async close() {
      if (started === null || ended !== null) return;
      const exit = once(started.worker, 'exit');
      started.worker.ref();
      tell(started, { kind: 'close' });
      giveTurn(started);
      await exit;
    },
  };
}

interface Thread {
  readonly worker: Worker;
  /** Counted up with every turn of the thread, which sleeps on it. */
  readonly turn: Int32Array<SharedArrayBuffer>;
  readonly usual: SharedGroup;
  /** The one that the thread knows. */
  group: SharedGroup | null;
}

function startThread(settings: Omit<WriterSettings, 'turn'>): Thread {
  const turn = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(THREAD, { workerData: { ...settings, turn } satisfies WriterSettings });
  return { worker, turn, usual: createSharedGroup(), group: null };
}

/** Returns the texts that were sent along. */
function handOver(thread: Thread, writes: readonly PortableWrite[], texts: Texts): readonly StatementText[] {
  const { numbered, unknown } = number(writes, texts);
  const group = fillGroup(numbered, thread.usual);
  if (group !== thread.group) tell(thread, { kind: 'group', group });
  thread.group = group;
  if (unknown.length > 0) tell(thread, { kind: 'texts', texts: unknown });
  giveTurn(thread);
  return unknown;
}

function tell({ worker }: Thread, message: WriterMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(message);
}

function giveTurn({ turn }: Thread): void {
  Atomics.add(turn, 0, 1);
  Atomics.notify(turn, 0);
}

function nextAnswer(worker: Worker): Promise<WriteAnswer> {
  return new Promise((resolve, reject) => {
    const answered = (answer: WriteAnswer) => {
      worker.off('exit', exited);
      resolve(answer);
    };
    const exited = () => {
      worker.off('message', answered);
      reject(new Error('the writer thread has ended'));
    };
    worker.once('message', answered);
    worker.once('exit', exited);
  });
}

/** The texts of statements. An id is for ever that of its text, whatever becomes of a group. */
interface Texts {
  readonly ids: Map<string, number>;
  /** Those that the thread certainly has: only a group that was committed proves that all of its texts were prepared. */
  readonly prepared: Set<number>;
}

function number(writes: readonly PortableWrite[], { ids, prepared }: Texts) {
  const unknown = new Map<number, StatementText>();
  const numbered: NumberedWrite[] = [];
  for (const { sql, values } of writes) {
    let id = ids.get(sql);
    if (id === undefined) ids.set(sql, (id = ids.size));
    if (!prepared.has(id) && !unknown.has(id)) unknown.set(id, { id, sql, parameters: values.length });
    numbered.push({ id, values });
  }
  return { numbered, unknown: [...unknown.values()] };
}
