import { ResolveRequest } from '@invoke/contract';
import { fullAccess } from '@invoke/core/domain';
import { answered } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf } from './harness.js';

const LATE = { effect: true, reply: answered({ id: 'late' }), afterMs: 20_000 } as const;
const AGAIN = { effect: true, reply: answered({ id: 'again' }) } as const;

/** A call that is handed to people, who decide before the tool answers after all; and what is told of it then. */
async function decidedTooSoon(tool: string, resolution: string) {
  const h = await createHarness();
  h.invoker.script(tool, LATE, tool === 'keyed' ? { reply: AGAIN.reply } : AGAIN);
  const failure_policy = { retry: 0 };
  const calling = h.call({ tool, idempotency_key: 'k', failure_policy });
  await h.clock.advance(3_000);
  const { id, outcome } = recordOf(await calling);
  const deciding = h.engine.resolve({
    principal: fullAccess('approver'),
    id: outcome?.approvalId ?? '',
    request: ResolveRequest.parse({ resolution }),
    waitMs: 100,
  });
  await h.clock.advance(500);
  await deciding;
  const decided = await h.store.executions.find('default', id);
  await h.clock.advance(60_000);
  expect(await h.store.executions.find('default', id)).toEqual(decided);
  const told = await h.store.settlements.ofExecution('default', id);
  return {
    state: decided?.state,
    told: told.map(({ contradiction, detail }) => ({ contradiction, detail })),
  };
}

const BREACH = {
  contradiction: true,
  detail: 'the tool answered "done" to attempt 1 after it had been decided that this attempt had no effect',
};

describe('the tool answers "done" after people have decided', () => {
  test.each([
    { resolution: 'not_applied', tool: 'blind', state: 'failed', told: [BREACH], why: 'they said no' },
    { resolution: 'retry', tool: 'blind', state: 'completed', told: [BREACH], why: 'it is done twice' },
    { resolution: 'retry', tool: 'keyed', state: 'completed', told: [], why: 'by the same key: once' },
    { resolution: 'applied', tool: 'blind', state: 'completed', told: [], why: 'they were right' },
  ])('$resolution of $tool: $why', async ({ resolution, tool, state, told }) => {
    expect(await decidedTooSoon(tool, resolution)).toEqual({ state, told });
  });
});
