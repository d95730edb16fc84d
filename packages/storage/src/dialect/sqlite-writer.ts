import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  PACKED,
  type PackedValues,
  type Value,
  type WriteAnswer,
  type WriteBatch,
  type WriterSettings,
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
export function createSqliteWriter(settings: WriterSettings): SqliteWriter {
  const texts: Texts = { ids: new Map(), prepared: new Set() };
  let thread: Worker | null = null;
  let ended: Error | null = null;

  function start(): Worker {
    const worker = new Worker(THREAD, { workerData: settings });
    worker.on('error', (error) => (ended ??= error));
    worker.on('exit', () => (ended ??= new Error('the writer thread has ended')));
    return worker;
  }

  return {
    async run(writes) {
      if (ended !== null) throw ended;
      thread ??= start();
      const worker = thread;
      worker.ref();
      try {
        const answering = nextAnswer(worker);
        const batch = toBatch(writes, texts);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        worker.postMessage(batch);
        const answer = await answering;
        if (answer.kind === 'committed') for (const { id } of batch.texts) texts.prepared.add(id);
        return answer;
      } finally {
        worker.unref();
      }
    },
    async close() {
      if (thread === null || ended !== null) return;
      const exit = once(thread, 'exit');
      thread.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage('close');
      await exit;
    },
  };
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

function toBatch(writes: readonly PortableWrite[], { ids, prepared }: Texts): WriteBatch {
  const texts = new Map<number, WriteBatch['texts'][number]>();
  const statements: number[] = [];
  for (const { sql, values } of writes) {
    let id = ids.get(sql);
    if (id === undefined) ids.set(sql, (id = ids.size));
    if (!prepared.has(id) && !texts.has(id)) texts.set(id, { id, sql, parameters: values.length });
    statements.push(id);
  }
  return { texts: [...texts.values()], statements, values: pack(writes) };
}

function pack(writes: readonly PortableWrite[]): PackedValues {
  const texts: string[] = [];
  const lengths: number[] = [];
  const numbers: number[] = [];
  for (const { values } of writes) {
    for (const value of values) {
      if (value === null) lengths.push(PACKED.null);
      else if (typeof value === 'number') {
        lengths.push(PACKED.number);
        numbers.push(value);
      } else {
        lengths.push(value.length);
        texts.push(value);
      }
    }
  }
  return { text: texts.join(''), lengths: new Int32Array(lengths), numbers: new Float64Array(numbers) };
}
