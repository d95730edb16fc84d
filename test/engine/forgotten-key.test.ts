import { answered, createManualClock } from '@invoke/testkit/fakes';
import { createMemoryStore } from '@invoke/testkit/stores';
import { fullAccess, type HistoryMark } from '@invoke/core/domain';
import { CallRequest } from '@invoke/contract';
import { parseWith, type CallAnswer, type Engine } from '@invoke/core';
import type { Store } from '@invoke/core/ports';
import { expect, test } from 'vitest';
import { createHarness, recordOf, told } from './harness.js';

/** A store that loses everything at once, and shows that it has another past from then on. */
function createLossy() {
  const clock = createManualClock();
  let mark: HistoryMark = { line: 'a', position: 1 };
  const make = () => createMemoryStore({ clock, mark: () => mark });
  const { history } = make();
  let current = make();
  const whatIsThere = <K extends keyof Store>(port: K) =>
    new Proxy({} as Store[K] & object, { get: (_, name) => Reflect.get(current[port] as object, name) });
  const ports = ['executions', 'incarnations', 'registry', 'traces', 'approvals', 'outbox'] as const;
  return {
    clock,
    wrapStore: (store: Store): Store => ({
      ...store,
      ...Object.fromEntries(ports.map((port) => [port, whatIsThere(port)])),
      history,
    }),
    lose() {
      current = make();
      mark = { line: 'b', position: 1 };
    },
  };
}

function ask(engine: Engine, key: string): Promise<CallAnswer> {
  const parsed = parseWith(CallRequest, { tool: 'blind', idempotency_key: key });
  if (parsed.kind === 'refused') throw new Error(parsed.refusal.message);
  const credential = { kind: 'principal', principal: fullAccess('key_1') } as const;
  const request = parsed.value;
  return engine.call({ credential, request, requestId: 'req', traceparent: null, attachMs: 0 });
}

test('a call that is repeated where nobody remembers it waits for the gateway that does, and is made once', async () => {
  const lossy = createLossy();
  const h = await createHarness({ ...lossy, config: { leaseMs: 6_000 } });
  // It looks at the past twenty times as often as the one that remembers, and knows of the change long before that.
  const other = await h.another({ leaseMs: 300 });
  h.invoker.script('blind', { effect: true, reply: answered({ ok: true }) });
  const [before] = await Promise.all([ask(h.engine, 'k'), h.clock.advance(2_100)]);
  expect(told(before)).toBe('completed');
  lossy.lose();
  await h.clock.advance(200);
  const [again] = await Promise.all([ask(other, 'k'), h.clock.advance(5_000)]);
  expect(told(again)).toBe('completed replayed');
  expect(recordOf(again).id).toBe(recordOf(before).id);
  expect(h.invoker.effects('blind')).toBe(1);
});
