import { EXECUTION_STATE } from '@invoke/contract';
import { DRIVEN_STATES, type ExecutionRecord } from '@invoke/core/domain';
import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../fakes/manual-clock.js';
import { createMemoryStore } from '../../memory-store/memory-store.js';
import { createOperations, snapshot, withoutUntil } from './random-operations.js';
import { WAYS, wayOf, type Operation } from './random-world.js';
import { createRandom } from './random.js';
import type { OpenStore } from './store-under-test.js';

/** Every operation with every outcome that it can have; a run that has not met them all has proven little. */
const OUTCOMES = [
  'approvalOf:approval',
  'approvalOf:none',
  'approvalOf:review',
  'claim:claimed',
  'claim:execution',
  'claim:rejected',
  'claim:tombstone',
  'countPending:none',
  'countPending:some',
  'decide:lost',
  'decide:moved',
  'decide:rejected',
  'dropTombstones:none',
  'dropTombstones:some',
  'enlist:done',
  'escalate:lost',
  'escalate:moved',
  'escalate:rejected',
  'expired:none',
  'expired:some',
  'find:none',
  'find:some',
  'findApproval:approval',
  'findApproval:none',
  'findApproval:review',
  'freeze:claimed',
  'freeze:execution',
  'freeze:rejected',
  'freeze:tombstone',
  'list:none',
  'list:some',
  'listApprovals:none',
  'listApprovals:some',
  'listTraces:none',
  'listTraces:some',
  'ownedBy:none',
  'ownedBy:some',
  'prune:none',
  'prune:some',
  'pruneMessages:none',
  'pruneMessages:some',
  'pruneWindows:none',
  'pruneWindows:some',
  'recall:execution',
  'recall:none',
  'recall:tombstone',
  'release:done',
  'renew:false',
  'renew:true',
  'reserve:exceeded',
  'reserve:reserved',
  'retire:done',
  'savePolicy:done',
  'saveProvider:some',
  'saveTool:conflict',
  'saveTool:saved',
  'saveWorkflow:done',
  'leftOpen:none',
  'leftOpen:some',
  'settleKept:lost',
  'settleKept:moved',
  'settleMessage:done',
  'settlement:lost',
  'settlement:moved',
  'settlement:seen',
  'settlementsOf:none',
  'settlementsOf:some',
  'spent:none',
  'spent:some',
  'takeMessages:none',
  'takeMessages:some',
  'takeOver:none',
  'takeOver:some',
  'toolVersion:none',
  'toolVersion:some',
  'trace:done',
  'transition:lost',
  'transition:moved',
  'unsettledWriteTo:none',
  'unsettledWriteTo:some',
  'usage:some',
];

/** And every way in which an execution can move, a stale write in every state, a taking-over in every state that has an owner. */
const MOVES = [
  ...WAYS.map(wayOf),
  ...Object.values(EXECUTION_STATE).map((state) => `lost in ${state}`),
  ...DRIVEN_STATES.map((state) => `taken over in ${state}`),
];
const EVERYTHING = [...OUTCOMES, ...MOVES].toSorted();

/** How many rounds, where somebody asks for more than a part of `npm test` can be; then everything is compared each step. */
const ASKED_RUNS = process.env['ORACLE_RUNS'];
const LEAST_ROUNDS = Number(ASKED_RUNS ?? 1);
const MOST_ROUNDS = Math.max(LEAST_ROUNDS, 20);
/** In the first round each step is compared as long as there is little to compare; from then on only now and then. */
const FIRST_STEPS = 150;
const SNAPSHOT_EVERY = 100;
const SEED = Number(process.env['ORACLE_SEED'] ?? 0);

/** The same operations done to the store and to the one in memory: every answer and every snapshot has to agree. */
export function describeStoreAgainstOracle(
  name: string,
  open: OpenStore,
  runs: { readonly seed: number; readonly steps: number },
): void {
  describe(`store: ${name}, against the oracle`, () => {
    const seed = runs.seed + SEED;
    const limit = { timeout: 60_000 + LEAST_ROUNDS * 60_000 };
    test(`${runs.steps} operations and more agree, until everything has been met`, limit, async () => {
      const unmet = new Set(EVERYTHING);
      let round = 0;
      const goesOn = () => round < LEAST_ROUNDS || (unmet.size > 0 && round < MOST_ROUNDS);
      for (; goesOn(); round += 1) {
        await using it = await open();
        const { now } = await it.store.history.look(null);
        const oracle = createMemoryStore({ clock: createManualClock(now), soleOwner: it.soleOwner });
        const closely = ASKED_RUNS !== undefined ? runs.steps : round === 0 ? FIRST_STEPS : 0;
        await compare({ store: it.store, oracle, seed: seed + round, steps: runs.steps, closely, unmet });
      }
      expect([...unmet]).toEqual([]);
      if (ASKED_RUNS !== undefined) process.stdout.write(`${name}: ${round * runs.steps} operations agree\n`);
    });
  });
}

interface Comparison {
  readonly store: Store;
  readonly oracle: Store;
  readonly seed: number;
  readonly steps: number;
  /** So many steps, everything there is to see is compared after each. */
  readonly closely: number;
  readonly unmet: Set<string>;
}

async function compare({ store, oracle, seed, steps, closely, unmet }: Comparison): Promise<void> {
  const draw = createOperations(createRandom(seed), oracle, unmet);
  for (let step = 1; step <= steps; step += 1) {
    const operation = await draw();
    const expected = await answerOf(operation, oracle);
    const actual = await answerOf(operation, store);
    expect(actual, `seed ${seed}, step ${step}: ${operation.name}`).toEqual(expected);
    for (const what of metBy(operation, expected)) unmet.delete(what);
    if (step <= closely || step % SNAPSHOT_EVERY === 0 || step === steps) {
      expect(await snapshot(store), `seed ${seed}, after step ${step}`).toEqual(await snapshot(oracle));
    }
  }
}

async function answerOf(operation: Operation, store: Store): Promise<unknown> {
  try {
    return withoutUntil(await operation.run(store));
  } catch (error) {
    if (error instanceof StorageUnavailable) return { kind: 'rejected' };
    throw error;
  }
}

function metBy({ name, run: { moves } }: Operation, answer: unknown): readonly string[] {
  const outcome = outcomeOf(answer);
  const met = [`${name}:${outcome}`];
  if (name === 'takeOver')
    met.push(...(answer as readonly ExecutionRecord[]).map(({ state }) => `taken over in ${state}`));
  if (moves === undefined) return met;
  if (outcome === 'lost') met.push(`lost in ${moves.standing}`);
  if (outcome === 'moved') met.push(wayOf([moves.standing, moves.step.state]));
  // A store does not judge whether a state may follow: what it should not is not counted.
  return met.filter((what) => EVERYTHING.includes(what));
}

function outcomeOf(answer: unknown): string {
  if (answer === undefined) return 'done';
  if (typeof answer === 'boolean') return String(answer);
  if (answer === null || answer === 0) return 'none';
  if (Array.isArray(answer)) return answer.length === 0 ? 'none' : 'some';
  if (typeof answer === 'object' && 'kind' in answer && typeof answer.kind === 'string') return answer.kind;
  return 'some';
}
