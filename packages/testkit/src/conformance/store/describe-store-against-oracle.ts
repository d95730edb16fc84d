import { StorageUnavailable, type Store } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { createManualClock } from '../../fakes/manual-clock.js';
import { createMemoryStore } from '../../memory-store/memory-store.js';
import { createOperations, snapshot } from './random-operations.js';
import type { Operation } from './random-world.js';
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

const SNAPSHOT_EVERY = 100;
const MAX_ROUNDS = 6;

/** The same operations done to the store and to the one in memory: every answer and every snapshot has to agree. */
export function describeStoreAgainstOracle(
  name: string,
  open: OpenStore,
  runs: { readonly seed: number; readonly steps: number },
): void {
  describe(`store: ${name}, against the oracle`, () => {
    test(`${runs.steps} operations and more agree, until every outcome has been met`, async () => {
      const met = new Set<string>();
      for (let round = 0; round === 0 || (met.size < OUTCOMES.length && round < MAX_ROUNDS); round += 1) {
        await using it = await open();
        const oracle = createMemoryStore({ clock: createManualClock(), soleOwner: it.soleOwner });
        await compare({ store: it.store, oracle, seed: runs.seed + round, steps: runs.steps, met });
      }
      expect([...met].toSorted()).toEqual(OUTCOMES);
    }, 60_000);
  });
}

interface Comparison {
  readonly store: Store;
  readonly oracle: Store;
  readonly seed: number;
  readonly steps: number;
  readonly met: Set<string>;
}

async function compare({ store, oracle, seed, steps, met }: Comparison): Promise<void> {
  const draw = createOperations(createRandom(seed), oracle);
  for (let step = 1; step <= steps; step += 1) {
    const operation = await draw();
    const expected = await answerOf(operation, oracle);
    const actual = await answerOf(operation, store);
    expect(actual, `seed ${seed}, step ${step}: ${operation.name}`).toEqual(expected);
    met.add(`${operation.name}:${outcomeOf(expected)}`);
    if (step % SNAPSHOT_EVERY === 0 || step === steps) {
      expect(await snapshot(store), `seed ${seed}, after step ${step}`).toEqual(await snapshot(oracle));
    }
  }
}

async function answerOf(operation: Operation, store: Store): Promise<unknown> {
  try {
    return await operation.run(store);
  } catch (error) {
    if (error instanceof StorageUnavailable) return { kind: 'rejected' };
    throw error;
  }
}

function outcomeOf(answer: unknown): string {
  if (answer === undefined) return 'done';
  if (typeof answer === 'boolean') return String(answer);
  if (answer === null || answer === 0) return 'none';
  if (Array.isArray(answer)) return answer.length === 0 ? 'none' : 'some';
  if (typeof answer === 'object' && 'kind' in answer && typeof answer.kind === 'string') return answer.kind;
  return 'some';
}
