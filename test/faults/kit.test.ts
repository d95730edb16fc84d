import { startPostgres } from '@invoke/testkit/stores';
import { expect, test } from 'vitest';
import { openArena } from './kit/arena.js';

const LIMIT_MS = 60_000;

test(
  'a gateway that is killed after it has sent: another one finds out what happened',
  async () => {
    await using postgres = await startPostgres({ max_connections: '60' });
    await using arena = await openArena({
      postgres,
      gateways: 2,
      failpoints: (i) => ({ rules: i === 0 ? 'after_send:kill@1' : '', seed: 1 }),
    });
    const { told, ended } = await arena.call({ key: 'k1', tool: 'lookup' });
    expect(ended, JSON.stringify(told)).toBe(true);
    expect(await arena.settled(20_000)).toBe(true);
    const { violations, counts } = await arena.judge({ completed: 1 });
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ executions: 1, effects: 1 });
  },
  LIMIT_MS,
);

test(
  'over SQLite, killed between the commit of the attempt and the request: it is sent once, by the next one',
  async () => {
    await using arena = await openArena({
      postgres: null,
      failpoints: (_, start) => ({ rules: start === 0 ? 'before_send:kill@1' : '', seed: 1 }),
    });
    const { told } = await arena.call({ key: 'k1', tool: 'lookup' });
    expect(told.at(-1)).toMatchObject({ word: 'completed' });
    const { violations, counts } = await arena.judge({ completed: 1, takeovers: 1 });
    expect(violations).toEqual([]);
    expect(counts).toMatchObject({ executions: 1, effects: 1, takeovers: 1 });
  },
  LIMIT_MS,
);
