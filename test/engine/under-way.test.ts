import { PolicyDocument } from '@invoke/contract';
import { fullAccess } from '@invoke/core/domain';
import { answered, REFUSED_CONNECTION } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, told } from './harness.js';

const SLOW = { effect: true, reply: answered({ ok: true }), afterMs: 500 };

describe('calls under way', () => {
  test('beyond so many, a key begins no more; nothing is executed, and another key goes on', async () => {
    const h = await createHarness({ config: { callsUnderWay: 3 } });
    h.invoker.script('blind', SLOW);
    const calls = Array.from({ length: 5 }, () => h.call({ tool: 'blind' }));
    const other = h.call({ tool: 'blind' }, { principal: fullAccess('key_2') });
    await h.clock.advance(600);
    const answers = (await Promise.all(calls)).map(told);
    expect(answers.filter((a) => a === 'completed')).toHaveLength(3);
    expect(answers.filter((a) => a === 'refused rate_limited')).toHaveLength(2);
    expect(told(await other)).toBe('completed');
    expect(h.invoker.effects('blind')).toBe(4);
  });

  test('calls that come at once and have to be charged first begin no more than calls that have not', async () => {
    const h = await createHarness({ config: { callsUnderWay: 3 } });
    h.invoker.script('blind', SLOW);
    const budgets = [{ id: 'daily', per: 'key', window: 'day', max_calls: 100 }];
    await h.engine.savePolicy(fullAccess('key_1'), PolicyDocument.parse({ budgets }));
    const calls = Array.from({ length: 5 }, () => h.call({ tool: 'blind' }));
    await h.clock.advance(600);
    const answers = (await Promise.all(calls)).map(told);
    expect(answers.filter((a) => a === 'completed')).toHaveLength(3);
    expect(answers.filter((a) => a === 'refused rate_limited')).toHaveLength(2);
  });

  test('those count that nobody waits for any more, until they have ended', async () => {
    const h = await createHarness({ config: { callsUnderWay: 1 } });
    h.invoker.script('blind', SLOW);
    const first = h.call({ tool: 'blind', timeout_ms: 10 });
    await h.clock.advance(20);
    expect(told(await first)).toBe('pending');
    expect(told(await h.call({ tool: 'blind' }))).toBe('refused rate_limited');
    await h.clock.advance(600);
    const again = h.call({ tool: 'blind' });
    await h.clock.advance(600);
    expect(told(await again)).toBe('completed');
  });

  test('what a key names already is answered all the same', async () => {
    const h = await createHarness({ config: { callsUnderWay: 1 } });
    h.invoker.script('blind', { effect: true, reply: answered({ ok: true }) }, SLOW);
    const named = { tool: 'blind', idempotency_key: 'k' };
    const first = h.call(named);
    await h.clock.advance(10);
    const { id } = recordOf(await first);
    const busy = h.call({ tool: 'blind' });
    await h.clock.advance(10);
    const replay = await h.call(named);
    expect([told(replay), recordOf(replay).id]).toEqual(['completed replayed', id]);
    await h.clock.advance(600);
    await busy;
  });

  test('calls that fail, or find their key taken, leave nothing behind', async () => {
    const h = await createHarness({ config: { callsUnderWay: 2 } });
    h.invoker.script('blind', { reply: REFUSED_CONNECTION });
    for (let n = 0; n < 5; n++) {
      const pair = [0, 1].map(() => h.call({ tool: 'blind', idempotency_key: `k${n}` }));
      await h.clock.advance(60_000);
      expect((await Promise.all(pair)).map(told)).not.toContain('refused rate_limited');
    }
  });
});
