import { expect, test, vi } from 'vitest';
import { createPostgresLane } from '../src/dialect/postgres-lane.js';
import { SessionFailure, type Session } from '../src/dialect/postgres-session.js';
import type { PostgresSessions } from '../src/dialect/postgres-sessions.js';

interface Sent {
  readonly text: string;
  readonly keys: readonly string[];
}

type Answer = readonly { id: string }[] | SessionFailure;

/** Sessions that write down what is sent and answer as they are told. */
function createSessions(answer: (sent: Sent, n: number) => Answer) {
  const log: Sent[] = [];
  const query: Session['query'] = async (text, values = []) => {
    const keys = readTexts(values[0] as Buffer);
    const sent = { text, keys };
    log.push(sent);
    await new Promise((resolve) => setImmediate(resolve));
    const rows = answer(sent, log.length);
    if (rows instanceof SessionFailure) throw rows;
    return rows;
  };
  const sessions: PostgresSessions = {
    use: (_, work) => work({ query, repeat: query }),
    close: async () => {},
  };
  return { sessions, log };
}

/** The elements of an array of texts without nulls, in the binary format of Postgres. */
function readTexts(array: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 20; at < array.length;) {
    const end = at + 4 + array.readInt32BE(at);
    texts.push(array.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}

const all = (sent: Sent) => sent.keys.map((id) => ({ id }));
const columns = [{ name: 'id', type: 'text' }] as const;
const write = { query: 'write', written: 'written', key: 'id', columns };
const read = { query: 'read', written: null, key: 'id', columns };

test('what is asked for in one turn flies together, what comes meanwhile with the next flight', async () => {
  const { sessions, log } = createSessions(all);
  const lane = createPostgresLane(sessions, write);
  const first = [lane({ id: 'a' }), lane({ id: 'b' })];
  await new Promise((resolve) => setImmediate(resolve));
  const second = [lane({ id: 'c' }), lane({ id: 'd' })];
  expect(await Promise.all([...first, ...second])).toEqual([
    { id: 'a' },
    { id: 'b' },
    { id: 'c' },
    { id: 'd' },
  ]);
  expect(log.map((sent) => sent.keys)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('two writes to one row never share a flight', async () => {
  const { sessions, log } = createSessions(all);
  const lane = createPostgresLane(sessions, write);
  await Promise.all([lane({ id: 'a' }), lane({ id: 'a' }), lane({ id: 'b' })]);
  expect(log.map((sent) => sent.keys)).toEqual([['a', 'b'], ['a']]);
});

test('reads of one row share one item and its answer', async () => {
  const { sessions, log } = createSessions(all);
  const lane = createPostgresLane(sessions, read);
  expect(await Promise.all([lane({ id: 'a' }), lane({ id: 'a' })])).toEqual([{ id: 'a' }, { id: 'a' }]);
  expect(log.map((sent) => sent.keys)).toEqual([['a']]);
});

test('a flight takes so many items and so many characters, and always at least one', async () => {
  const { sessions, log } = createSessions(all);
  const lane = createPostgresLane(sessions, write);
  await Promise.all(Array.from({ length: 300 }, (_, i) => lane({ id: `i${i}` })));
  expect(log.map((sent) => sent.keys.length)).toEqual([128, 128, 44]);
  log.length = 0;
  const large = 'x'.repeat(5 * 1024 * 1024);
  await Promise.all(['a', 'b', 'c'].map((id) => lane({ id: id + large })));
  expect(log.map((sent) => sent.keys.map(([first]) => first))).toEqual([['a'], ['b'], ['c']]);
});

test('where a lost flight then fails for one item, the others are still asked whether they had been written', async () => {
  const { sessions, log } = createSessions((sent, n) => {
    if (n === 1) return new SessionFailure('connection', 'cut');
    if (n === 2) return new SessionFailure('statement', 'a row is locked');
    return sent.text === 'written' ? all(sent) : [];
  });
  const lane = createPostgresLane(sessions, write);
  expect(await Promise.all([lane({ id: 'a' }), lane({ id: 'b' })])).toEqual([{ id: 'a' }, { id: 'b' }]);
  expect(log.map((sent) => `${sent.text} ${sent.keys.join()}`)).toEqual([
    'write a,b',
    'write a,b',
    'write a',
    'written a',
    'write b',
    'written b',
  ]);
});

test('an answer that is not lost is not asked for twice', async () => {
  const { sessions, log } = createSessions(() => []);
  const lane = createPostgresLane(sessions, write);
  expect(await lane({ id: 'a' })).toBeNull();
  expect(log.map((sent) => sent.text)).toEqual(['write']);
});

test('a write that was given up with its answer lost is asked for when it is repeated word for word', async () => {
  const { sessions, log } = createSessions((sent, n) => {
    if (n > 1) return sent.text === 'written' ? all(sent) : [];
    // The answer does not come for longer than anybody is patient.
    const now = performance.now() + 60_000;
    vi.spyOn(performance, 'now').mockReturnValueOnce(now);
    return new SessionFailure('connection', 'timed out');
  });
  const lane = createPostgresLane(sessions, write);
  await expect(lane({ id: 'a', token: 't1' })).rejects.toThrow('timed out');
  expect(await lane({ id: 'b', token: 't1' })).toBeNull();
  expect(await lane({ id: 'a', token: 't1' })).toEqual({ id: 'a' });
  expect(await lane({ id: 'a', token: 't1' })).toBeNull();
  expect(log.map((sent) => sent.text)).toEqual(['write', 'write', 'write', 'written', 'write']);
});

test('what another write has to say of the same row is not taken for the one in doubt', async () => {
  const { sessions, log } = createSessions((_, n) => {
    if (n > 1) return [];
    const now = performance.now() + 60_000;
    vi.spyOn(performance, 'now').mockReturnValueOnce(now);
    return new SessionFailure('connection', 'timed out');
  });
  const lane = createPostgresLane(sessions, write);
  await expect(lane({ id: 'a', token: 't1' })).rejects.toThrow('timed out');
  expect(await lane({ id: 'a', token: 't2' })).toBeNull();
  expect(log.map((sent) => sent.text)).toEqual(['write', 'write']);
});

test('a failure of the server fails all, at once', async () => {
  const { sessions, log } = createSessions(() => new SessionFailure('server', 'disk full'));
  const lane = createPostgresLane(sessions, write);
  const results = await Promise.allSettled([lane({ id: 'a' }), lane({ id: 'b' })]);
  expect(results).toMatchObject([
    { status: 'rejected', reason: { name: 'StorageUnavailable', message: 'disk full' } },
    { status: 'rejected', reason: { name: 'StorageUnavailable' } },
  ]);
  expect(log).toHaveLength(1);
});

test('when too many wait, the next is refused', async () => {
  const { sessions } = createSessions(all);
  const lane = createPostgresLane(sessions, write);
  const waiting = Array.from({ length: 10_000 }, (_, i) => lane({ id: `i${i}` }));
  await expect(lane({ id: 'one too many' })).rejects.toThrow('Too many statements wait for the database.');
  await Promise.all(waiting);
});
