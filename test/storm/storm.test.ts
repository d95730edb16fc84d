import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { judgeStorm } from './support/judge-storm.js';
import { callAtOnce, effectsOf, raiseStorm, startTool } from './support/raise-storm.js';

/* The bounded part of `npm run storm`. */

const CALLERS = 200;

describe(`${CALLERS} callers with one key at once: one effect, one answer`, () => {
  test(
    'three gateways on Postgres, and half of the callers send other params',
    { timeout: 180_000 },
    async () => {
      const { wrong, effects, seen } = await raiseStorm({
        store: 'postgres',
        gateways: 3,
        callers: CALLERS,
        others: true,
        holdMs: 1_000,
      });
      expect(wrong).toEqual([]);
      expect(effects).toBe(1);
      expect(seen.get('422')).toBe(CALLERS / 2);
      expect(seen.get('200')).toBe(CALLERS / 2);
    },
  );

  test('one gateway on SQLite', { timeout: 180_000 }, async () => {
    const { wrong, effects, seen } = await raiseStorm({
      store: 'sqlite',
      gateways: 1,
      callers: CALLERS,
      others: false,
      holdMs: 1_000,
    });
    expect(wrong).toEqual([]);
    expect(effects).toBe(1);
    expect(seen.get('200')).toBe(CALLERS);
    // Some came while the first was still under way; how many, depends on the machine.
    expect(seen.get('409')).toBeGreaterThan(0);
  });
});

test('the judge judged: a proxy that only hands calls on breaks every part of it', async () => {
  await using tool = await startTool(10);
  const proxy = createServer((request, response) => {
    void json(request)
      .then((call) =>
        fetch(tool.url, { method: 'POST', body: JSON.stringify((call as { params: object }).params) }),
      )
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const callers = await callAtOnce({ callers: 20, others: true }, [url]);
  proxy.close();
  const { wrong } = judgeStorm({ callers, effects: await effectsOf(tool.url) });
  expect(wrong).toContain('20 effects for one key');
  expect(wrong).toContain('10 different answers');
  expect(wrong).toContain('somebody saw 200');
  expect(wrong).toContain('a call with other params was shown the answer');
});
