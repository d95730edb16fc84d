import { expect, test } from 'vitest';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { Transition } from '../../ports/execution-store.js';
import type { Store } from '../../ports/store.js';
import { createRemembered } from './remembered.js';
import { rememberWrites } from './remember-writes.js';

const RUNNING = {
  id: 'exec_1',
  tenant: 'default',
  state: 'running',
  epoch: 1,
  seq: 1,
  request: { params: {} },
};
const MOVE = { id: 'exec_1', from: { state: 'running', epoch: 1, seq: 1 }, state: 'completed', journal: {} };
const APPROVAL = { id: 'appr_1', checkpoint: { params: {} } } as unknown as ApprovalRecord;

/** Every way in which a version of an execution is acknowledged, each answered as told. */
const WAYS: Readonly<Record<string, (store: Store, move: Transition) => Promise<unknown>>> = {
  'executions.transition': (store, move) => store.executions.transition(move),
  'approvals.escalate': (store, move) => store.approvals.escalate(move, APPROVAL, []),
  'approvals.decide': (store, move) =>
    store.approvals.decide({ approval: APPROVAL, move, fresh: null, messages: [] }),
  'settlements.record': (store, move) => store.settlements.record({} as never, move, []),
  'settlements.settle': (store, move) => store.settlements.settle(move, []),
};

/** A store of which every write is answered with `kind`. */
function answering(kind: string): Store {
  const port = new Proxy({}, { get: () => async () => ({ kind }) });
  return { executions: port, approvals: port, settlements: port } as unknown as Store;
}

async function rememberedAfter(way: string, kind: string) {
  const remembered = createRemembered();
  remembered.keep(RUNNING as unknown as ExecutionRecord);
  await WAYS[way]?.(rememberWrites(answering(kind), remembered), MOVE as unknown as Transition);
  const { state, seq } = remembered.find('exec_1') ?? {};
  return { state, seq };
}

test.each(Object.keys(WAYS))('%s: what is acknowledged is remembered, and nothing else', async (way) => {
  expect(await rememberedAfter(way, 'moved')).toEqual({ state: 'completed', seq: 2 });
  expect(await rememberedAfter(way, 'lost')).toEqual({ state: 'running', seq: 1 });
});
