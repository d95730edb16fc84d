// The program of the writer thread: a connection of its own, one transaction per turn. It imports no file of this package
// but types, so that it runs from its source as well as from a bundle.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type {
  SharedGroup,
  StatementText,
  Value,
  WriteAnswer,
  WriteError,
  WriterMessage,
  WriterSettings,
} from './writer-protocol.js';

const { file, pragmas, turn } = workerData as WriterSettings;
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

let group: SharedGroup | null = null;
let unprepared: readonly StatementText[] = [];

// A turn may be given before the answer to the last one is out: each is counted.
for (let turns = 0; ; turns += 1) {
  Atomics.wait(turn, 0, turns);
  if (takeMessages() === 'close') break;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(write());
}
db.close();

function takeMessages(): 'close' | 'go on' {
  for (;;) {
    const message = parentPort === null ? undefined : receiveMessageOnPort(parentPort)?.message;
    if (message === undefined) return 'go on';
    const told = message as WriterMessage;
    if (told.kind === 'close') return 'close';
    if (told.kind === 'group') group = told.group;
    else unprepared = told.texts;
  }
}

function write(): WriteAnswer {
  try {
    if (group === null) throw new Error('there is nothing to write');
    const texts = unprepared;
    unprepared = [];
    for (const { id, sql, parameters } of texts) {
      known.set(id, { statement: db.prepare<unknown[]>(sql), parameters });
    }
    begin.run();
    const changes = runAll(group);
    if (!db.inTransaction) return { kind: 'undone', error: lastErrorOf(changes) };
    commit.run();
    return { kind: 'committed', changes };
  } catch (error) {
    if (db.inTransaction) rollback.run();
    return { kind: 'failed', error: toWriteError(error) };
  }
}

/** Stops at a failure that has ended the transaction; any other is that of its statement alone. */
function runAll(writes: SharedGroup): (number | WriteError)[] {
  const changes: (number | WriteError)[] = [];
  const { ints, statements, next } = createReader(writes);
  for (let i = 0; i < statements; i += 1) {
    const id = ints();
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

/** Gives one value after the other. Below zero, a length is a mark: -1 is null, -2 the next number (`MARKS`). */
function createReader({ control, ints, numbers, bytes }: SharedGroup) {
  const [statements = 0, size = 0] = control;
  const text = Buffer.from(bytes.buffer, 0, size).toString();
  let int = 0;
  let number = 0;
  let at = 0;
  const nextInt = () => ints[int++] ?? -1;
  const next = (): Value => {
    const length = nextInt();
    if (length === -1) return null;
    if (length === -2) return numbers[number++] ?? null;
    at += length;
    return text.slice(at - length, at);
  };
  return { statements, ints: nextInt, next };
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
