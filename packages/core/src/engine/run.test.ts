import { expect, test } from 'vitest';
import type { OutboxMessage } from '../ports/outbox-store.js';
import type { EngineDeps } from './deps.js';
import { carryOut } from './run.js';

const record = (state: string, seq: number) => ({ id: 'exec_1', tenant: 'default', state, epoch: 1, seq });
const MESSAGE = { id: 'msg_1' } as OutboxMessage;

/** Which write of the store carries a step out, and with which messages. */
async function written(from: string, messages: readonly OutboxMessage[], open: string | null = null) {
  const calls: unknown[] = [];
  const answer = (name: string, told: unknown) => {
    calls.push([name, told]);
    return Promise.resolve({ kind: 'moved' });
  };
  const store = {
    executions: { transition: () => answer('transition', null) },
    settlements: { settle: (_: unknown, told: unknown) => answer('settle', told) },
    approvals: {
      ofExecution: async () => (open === null ? null : { id: 'appr_1', state: open, checkpoint: {} }),
      decide: ({ messages: told }: { readonly messages: unknown }) => answer('decide', told),
    },
  };
  const move = {
    from: record(from, 1),
    to: { ...record('completed', 2), outcome: null },
    review: null,
    messages,
  };
  await carryOut(move as unknown as Parameters<typeof carryOut>[0], { store } as unknown as EngineDeps);
  return calls;
}

test('what tells of a step is written with it, whichever write that is', async () => {
  expect(await written('unknown', [])).toEqual([['transition', null]]);
  expect(await written('unknown', [MESSAGE])).toEqual([['settle', [MESSAGE]]]);
  expect(await written('needs_review', [MESSAGE])).toEqual([['settle', [MESSAGE]]]);
  expect(await written('needs_review', [MESSAGE], 'pending')).toEqual([['decide', [MESSAGE]]]);
});
