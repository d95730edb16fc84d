// The program of the writer thread: a connection of its own, one transaction per message. It imports no file of this
// package but types, so that it runs from its source as well as from a bundle.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type {
  PackedValues,
  Value,
  WriteAnswer,
  WriteBatch,
  WriteError,
  WriterSettings,
} from './writer-protocol.js';

const { file, pragmas } = workerData as WriterSettings;
const db = new Database(file, { timeout: 1000, fileMustExist: true });
for (const { setting, value, expected } of pragmas) {
  db.pragma(`${setting} = ${value}`);
  const actual = db.pragma(setting, { simple: true });
  if (actual !== expected) throw new Error(`SQLite does not hold ${setting} = ${value} (it says ${actual}).`);
}
const begin = db.prepare('begin immediate');
const commit = db.prepare('commit');
const rollback = db.prepare('rollback');
const known = new Map<
  number,
  { readonly statement: Database.Statement<unknown[]>; readonly parameters: number }
>();

parentPort?.on('message', (batch: WriteBatch | 'close') => {
  if (batch === 'close') {
    db.close();
    parentPort?.close();
    return;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(write(batch));
});

function write(batch: WriteBatch): WriteAnswer {
  try {
    for (const { id, sql, parameters } of batch.texts) {
      known.set(id, { statement: db.prepare<unknown[]>(sql), parameters });
    }
    begin.run();
    const changes = runAll(batch);
    if (!db.inTransaction) return { kind: 'undone', error: lastErrorOf(changes) };
    commit.run();
    return { kind: 'committed', changes };
  } catch (error) {
    if (db.inTransaction) rollback.run();
    return { kind: 'failed', error: toWriteError(error) };
  }
}

/** Stops at a failure that has ended the transaction; any other is that of its statement alone. */
function runAll({ statements, values }: WriteBatch): (number | WriteError)[] {
  const changes: (number | WriteError)[] = [];
  const next = createReader(values);
  for (const id of statements) {
    const { statement, parameters } = known.get(id) ?? unknown(id);
    const bound = Array.from({ length: parameters }, next);
    try {
      changes.push(statement.run(...bound).changes);
    } catch (error) {
      changes.push(toWriteError(error));
      if (!db.inTransaction) break;
    }
  }
  return changes;
}

/** Gives one value after the other. Below zero, a length is a mark: -1 is null, -2 the next number (`PACKED`). */
function createReader({ text, lengths, numbers }: PackedValues): () => Value {
  let value = 0;
  let at = 0;
  let number = 0;
  return () => {
    const length = lengths[value++] ?? -1;
    if (length === -1) return null;
    if (length === -2) return numbers[number++] ?? null;
    at += length;
    return text.slice(at - length, at);
  };
}

function lastErrorOf(changes: readonly (number | WriteError)[]): WriteError {
  const last = changes.at(-1);
  return typeof last === 'object' ? last : { code: 'SQLITE_ABORT', message: 'the transaction has ended' };
}

function toWriteError(error: unknown): WriteError {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  return { code: 'code' in error ? String(error.code) : '', message: error.message };
}

function unknown(id: number): never {
  throw new Error(`there is no statement ${id}`);
}
