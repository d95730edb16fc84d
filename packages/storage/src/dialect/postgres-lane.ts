import { createHash } from 'node:crypto';
import { StorageUnavailable } from '@invoke/core/ports';
import type { Lane } from './dialect.js';
import { toArrays, weigh, type ArrayColumn } from './postgres-arrays.js';
import { SessionFailure } from './postgres-session.js';
import { PATIENCE_MS, persist, type PostgresSessions } from './postgres-sessions.js';
import { toUnavailable } from './to-unavailable.js';

const MAX_ITEMS = 128;
const MAX_CHARS = 8 * 1024 * 1024;
/** Beyond this the database is too slow for what is asked of it, and waiting would only make it worse. */
const MAX_WAITING = 10_000;

/** A failure that one item of a batch may have brought upon all. */
const OF_ONE_ITEM: readonly SessionFailure['kind'][] = ['statement', 'locked'];

export interface LaneStatements {
  /** Takes one parameter per column: the values of all items, as an array. */
  readonly query: string;
  readonly columns: readonly ArrayColumn[];
  /** Null for reads. */
  readonly written: string | null;
  readonly key: string;
}

type Row = Record<string, unknown>;

interface Waiting {
  readonly key: string;
  readonly item: Row;
  readonly chars: number;
  readonly since: number;
  resolve(row: Row | null): void;
  reject(error: StorageUnavailable): void;
}

/**
 * One statement at a time, for as many items as wait: at once when nothing is under way, otherwise when the flight before
 * is back.
 */
export function createPostgresLane(sessions: PostgresSessions, statements: LaneStatements): Lane<Row, Row> {
  const fly = createFlight(sessions, statements);
  let waiting: Waiting[] = [];
  let flying = false;

  function depart(): void {
    const { batch, later } = takeBatch(waiting, statements.written !== null);
    waiting = later;
    if (batch.length === 0) {
      flying = false;
      return;
    }
    void fly(batch).finally(depart);
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= MAX_WAITING) {
        reject(new StorageUnavailable('Too many statements wait for the database.'));
        return;
      }
      const key = String(item[statements.key]);
      const chars = weigh(item, statements.columns);
      waiting.push({ key, item, chars, since: performance.now(), resolve, reject });
      if (flying) return;
      flying = true;
      // The others that ask in this turn come along.
      setImmediate(depart);
    });
}

/**
 * Carries a batch to the database and tells each item its own answer; never rejects. A failure of one item is its own: the
 * others are sent again one by one.
 */
function createFlight(
  sessions: PostgresSessions,
  statements: LaneStatements,
): (batch: readonly Waiting[]) => Promise<void> {
  const doubts = createDoubts();

  async function fly(batch: readonly Waiting[], lostBefore: boolean): Promise<void> {
    const until = Math.min(...batch.map((item) => item.since)) + PATIENCE_MS;
    // One row that is held must not hold up all others for as long as our patience lasts.
    const lasting = ['locked'] as const;
    let lost = lostBefore;
    try {
      const rows = await persist(
        until,
        (lostNow) => {
          lost ||= lostNow;
          return run(batch, lost);
        },
        lasting,
      );
      for (const item of batch) {
        doubts.end(item);
        item.resolve(rows.get(item.key) ?? null);
      }
    } catch (error) {
      lost ||= error instanceof SessionFailure && error.kind === 'connection';
      if (batch.length > 1 && error instanceof SessionFailure && OF_ONE_ITEM.includes(error.kind)) {
        for (const item of batch) await fly([item], lost);
        return;
      }
      for (const item of batch) {
        if (lost && statements.written !== null) doubts.begin(item);
        item.reject(toUnavailable(error));
      }
    }
  }

  /** `lost`: the answer to the same statement was lost before. Whoever finds nothing to do may have done it then. */
  async function run(batch: readonly Waiting[], lost: boolean): Promise<Map<string, Row>> {
    const items = [...new Map(batch.map(({ key, item }) => [key, item])).values()];
    const arrays = toArrays(items, statements.columns, total(batch));
    const rows = await sessions.use('hot', async (session) => {
      const answered = await session.repeat(statements.query, arrays);
      if (!lost || statements.written === null) return answered;
      return [...(await session.query(statements.written, arrays)), ...answered];
    });
    return new Map((rows as Row[]).map((row) => [String(row[statements.key]), row]));
  }

  return (batch) => fly(batch, batch.some(doubts.has));
}

function total(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { chars }) => sum + chars, 0);
}

/** Of so many rows we remember that the answer to a write was lost. */
const MOST_DOUBTS = 10_000;

/**
 * Writes that were given up with their answer lost. Whoever repeats one later, word for word, is told of it when it was made
 * then, and does not take itself for beaten by it.
 */
function createDoubts() {
  const doubts = new Map<string, string>();
  const wordsOf = (item: Waiting) => createHash('sha256').update(JSON.stringify(item.item)).digest('base64');
  const has = (item: Waiting) => doubts.has(item.key) && doubts.get(item.key) === wordsOf(item);
  return {
    has,
    begin(item: Waiting): void {
      doubts.set(item.key, wordsOf(item));
      const [oldest] = doubts.keys();
      if (doubts.size > MOST_DOUBTS && oldest !== undefined) doubts.delete(oldest);
    },
    end(item: Waiting): void {
      if (has(item)) doubts.delete(item.key);
    },
  };
}

/** Two writes to one row never share a statement, which could apply only one of them; reads of one row share its answer. */
function takeBatch(waiting: readonly Waiting[], writes: boolean): { batch: Waiting[]; later: Waiting[] } {
  const batch: Waiting[] = [];
  const later: Waiting[] = [];
  const keys = new Set<string>();
  let chars = 0;
  for (const item of waiting) {
    const known = keys.has(item.key);
    const fits = known || batch.length === 0 || (keys.size < MAX_ITEMS && chars + item.chars <= MAX_CHARS);
    if (!fits || (known && writes)) {
      later.push(item);
      continue;
    }
    if (!known) chars += item.chars;
    keys.add(item.key);
    batch.push(item);
  }
  return { batch, later };
}
