import { answered, createManualClock, type ManualClock } from '@invoke/testkit/fakes';
import { fullAccess } from '@invoke/core/domain';
import { StorageUnavailable, type Log, type Store } from '@invoke/core/ports';
import { expect, test } from 'vitest';
import { createChangingPast } from './changing-past.js';
import { createHarness, recordOf, told, type Harness } from './harness.js';

const DONE = { effect: true, reply: answered({ ok: true }) } as const;
const REFUSED = 'refused history_in_doubt';

/** A store that goes back when a test says so, and forgets what it is told to. */
interface Forgetful {
  goBack(): void;
  /** Ids that it does not know from now on, until they are put back. */
  readonly forgotten: Set<string>;
  /** Why a write that puts this one back fails; null where it does not. */
  fails: (id: string) => string | null;
  /** The store takes no writes to its executions. */
  down: boolean;
  /** How often calls were let on. */
  resumed(): number;
  readonly wrap: (store: Store) => Store;
}

function createForgetful(clock: ManualClock): Forgetful {
  const past = createChangingPast(clock);
  const forgetful: Forgetful = {
    goBack: past.goBack,
    forgotten: new Set(),
    fails: () => null,
    down: false,
    resumed: past.resumed,
    wrap: (store) => ({
      ...store,
      executions: {
        ...store.executions,
        find: (tenant, id) =>
          forgetful.forgotten.has(id) ? Promise.resolve(null) : store.executions.find(tenant, id),
        takeOver: async (owner, token, limit) => {
          if (forgetful.down) throw new StorageUnavailable('down');
          return store.executions.takeOver(owner, token, limit);
        },
        reinstate: async ({ id }) => {
          const why = forgetful.down ? 'down' : forgetful.fails(id);
          if (why !== null) throw new StorageUnavailable(why);
          forgetful.forgotten.delete(id);
          return { kind: 'reinstated' };
        },
      },
      history: past.history,
    }),
  };
  return forgetful;
}

function createMemoryLog() {
  const lines: { readonly event: string; readonly about: object }[] = [];
  const note = (event: string, about: object = {}) => void lines.push({ event, about });
  const log: Log = { info: note, warn: note, error: note };
  return { log, of: (event: string) => lines.filter((line) => line.event === event).map((l) => l.about) };
}

async function open() {
  const clock = createManualClock();
  const forgetful = createForgetful(clock);
  const { log, of } = createMemoryLog();
  const h = await createHarness({ clock, wrapStore: forgetful.wrap, config: { leaseMs: 1_000 }, log });
  for (const tool of ['keyed', 'look', 'blind']) h.invoker.script(tool, DONE, DONE, DONE, DONE, DONE);
  return { h, forgetful, logged: of };
}

/** The answer to a call, however long it waits. */
async function ask(h: Harness, tool: string, key: string) {
  const [answer] = await Promise.all([h.call({ tool, idempotency_key: key }), h.clock.advance(20_000)]);
  return answer;
}

test('a gateway that cannot verify begins nothing that writes, however long that is; reads and replays go on', async () => {
  const { h, forgetful, logged } = await open();
  const { id } = recordOf(await ask(h, 'keyed', 'a'));
  forgetful.forgotten.add(id);
  forgetful.down = true;
  const before = forgetful.resumed();
  forgetful.goBack();
  await h.clock.advance(9_000);
  // What is being worked on waits for what is put back, and not for ever.
  expect(forgetful.resumed()).toBe(before);
  await h.clock.advance(120_000);
  expect(forgetful.resumed()).toBeGreaterThan(before);
  expect(told(await ask(h, 'blind', 'b'))).toBe(REFUSED);
  expect(told(await ask(h, 'keyed', 'c'))).toBe(REFUSED);
  expect(told(await ask(h, 'keyed', 'a'))).toBe('completed replayed');
  expect(told(await ask(h, 'look', 'd'))).toBe('completed');
  expect(h.engine.verified()).toBe(false);
  expect(logged('history_verified')).toEqual([]);
  expect(logged('history_not_verified')[0]).toMatchObject({ what: expect.stringContaining('restart') });
  // Told now and then, not with every round.
  expect(logged('history_not_verified').length).toBeLessThan(30);
  forgetful.down = false;
  await h.clock.advance(1_000);
  expect(h.engine.verified()).toBe(true);
  expect(logged('history_verified')).toEqual([{ lost: 1 }]);
  expect(told(await ask(h, 'blind', 'b'))).toBe('completed');
});

test('one that fails by itself is given up and told, and everything else is put back and goes on', async () => {
  const { h, forgetful, logged } = await open();
  const poisonous = recordOf(await ask(h, 'keyed', 'a')).id;
  const sound = recordOf(await ask(h, 'keyed', 'b')).id;
  forgetful.forgotten.add(poisonous);
  forgetful.forgotten.add(sound);
  forgetful.fails = (id) => (id === poisonous ? 'invalid byte sequence' : null);
  forgetful.goBack();
  await h.clock.advance(2_000);
  expect(forgetful.forgotten).toEqual(new Set([poisonous]));
  expect(h.engine.verified()).toBe(false);
  await h.clock.advance(10_000);
  expect(h.engine.verified()).toBe(true);
  const notKnown = logged('acknowledged_write_lost').filter((l) => 'became' in l && l.became === 'not_known');
  expect(notKnown).toEqual([
    {
      execution_id: poisonous,
      state: 'completed',
      became: 'not_known',
      error: expect.stringContaining('invalid byte sequence'),
    },
  ]);
  expect(told(await ask(h, 'blind', 'c'))).toBe('completed');
});

test('what was approved waits as well, until every gateway has put back what it remembers', async () => {
  const { h, forgetful } = await open();
  const rule = { when: 'action == push', effect: 'require_approval', priority: 0 } as const;
  const call = { tool: 'blind', action: 'push', idempotency_key: 'a', policy: { rules: [rule] } };
  const [asked] = await Promise.all([h.call(call), h.clock.advance(100)]);
  const id = recordOf(asked).outcome?.approvalId ?? '';
  forgetful.goBack();
  // It has looked, and is done verifying.
  await h.clock.advance(500);
  expect(h.engine.verified()).toBe(true);
  const principal = fullAccess('approver');
  const approving = h.engine.approve({ principal, id, request: {}, waitMs: 5_000 });
  await h.clock.advance(2_000);
  expect(h.invoker.calls).toEqual([]);
  const [decided] = await Promise.all([approving, h.clock.advance(2_000)]);
  expect(decided).toMatchObject({ kind: 'decided', outcome: 'executed' });
  expect(h.invoker.effects('blind')).toBe(1);
});
