import {
  createTally,
  type CallAnswer,
  type Engine,
  type ExecutionRecord,
  type Principal,
} from '@invoke/core';
import { isTerminal, presentExecution } from '@invoke/core/domain';
import { StorageUnavailable } from '@invoke/core/ports';

/** Whoever is held asks the store several times a second: beyond this many, nobody is kept waiting. */
const MOST_HELD = 200;
/** Nor is a key that has this many waiting, so that it leaves room for the others. */
const MOST_OF_ONE_KEY = 50;
const EVERYBODY = '*';
const held = createTally();

export interface Waiting {
  readonly engine: Pick<Engine, 'execution'>;
  readonly principal: Principal;
  /** How much longer the caller may be kept, in milliseconds. */
  readonly ms: number;
}

/** An execution once it has ended, or as it stands when the time is over. Null: there is none that this key may see. */
export async function readExecution(
  id: string,
  { engine, principal, ms }: Waiting,
): Promise<ExecutionRecord | null> {
  const { keyId } = principal;
  const isFull = held.of(EVERYBODY) >= MOST_HELD || held.of(keyId) >= MOST_OF_ONE_KEY;
  if (ms <= 0 || isFull) return engine.execution(principal, id);
  for (const name of [EVERYBODY, keyId]) held.enter(name);
  try {
    return await engine.execution(principal, id, ms);
  } finally {
    for (const name of [EVERYBODY, keyId]) held.leave(name);
  }
}

/**
 * A call that waits for a person is held back for a while: where the decision comes in time, its outcome is the answer. To a
 * call that came again with the key of the one that waits, it is a replay.
 */
export async function awaitDecision(
  answer: CallAnswer,
  { requestId, ...waiting }: Waiting & { readonly requestId: string },
): Promise<CallAnswer> {
  if (answer.kind === 'refused' || answer.outcome.status !== 'pending_approval') return answer;
  try {
    const record = await readExecution(answer.record.id, waiting);
    if (record === null) return answer;
    const isOwn = record.request.requestId === requestId;
    const replayed = !isOwn && isTerminal(record.state);
    return { ...answer, record, replayed, outcome: presentExecution(record, isOwn) };
  } catch (error) {
    // The call is recorded. Were its caller told that nothing was, it would make another one.
    if (error instanceof StorageUnavailable) return answer;
    throw error;
  }
}
