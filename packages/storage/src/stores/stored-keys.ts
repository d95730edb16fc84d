import { setTimeout as sleep } from 'node:timers/promises';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { createKeyFilter, type KeyFilter } from './key-filter.js';

/** A look at so many takes about a millisecond, in which nothing else is done. */
const AT_ONCE = 1_000;
const PAUSE_MS = 5;

/** What is known of the keys in the store, where one process owns it. */
export interface StoredKeys {
  readonly filter: KeyFilter;
  stop(): void;
}

/**
 * Reads all keys once: a few before this resolves, and the rest by and by. A call with a new key is then told so from memory
 * (on SQLite, each commit of the writer thread empties the cache of the connection that reads).
 */
export async function readStoredKeys(dialect: Dialect): Promise<StoredKeys> {
  const filter = createKeyFilter();
  let stopped = false;

  async function readAfter(last: string): Promise<string | null> {
    const digests = await dialect.read(() => keysAfter(dialect, last));
    for (const digest of digests) filter.add(digest);
    if (digests.length === AT_ONCE) return digests.at(-1) ?? null;
    filter.complete();
    return null;
  }

  async function readRest(first: string | null): Promise<void> {
    for (let last = first; last !== null && !stopped; last = await readAfter(last)) {
      await sleep(PAUSE_MS, undefined, { ref: false });
    }
  }

  // What cannot be read now is asked for call by call, and so every failure of the store is told to those it concerns.
  void readRest(await readAfter('')).catch(() => undefined);
  return { filter, stop: () => (stopped = true) };
}

function* keysAfter({ build, tables }: Dialect, last: string): Script<readonly string[]> {
  const rows = yield* ask(
    build
      .selectFrom(tables.executions)
      .select('key_digest')
      .where('key_digest', '>', last)
      .orderBy('key_digest')
      .limit(AT_ONCE),
  );
  return rows.map((row) => row.key_digest ?? '');
}
