import type { CallAnswer, Engine, ExecutionRecord, Principal } from '@invoke/core';
import { presentExecution } from '@invoke/core/domain';

/** Whoever is held asks the store several times a second: beyond this many, nobody is kept waiting. */
const MOST_HELD = 200;
let held = 0;

export interface Waiting {
  readonly engine: Engine;
  readonly principal: Principal;
  /** How much longer the caller may be kept, in milliseconds. */
  readonly ms: number;
}

/** An execution once it has ended, or as it stands when the time is over. Null: there is none that this key may see. */
export async function readExecution(
  id: string,
  { engine, principal, ms }: Waiting,
): Promise<ExecutionRecord | null> {
  if (ms <= 0 || held >= MOST_HELD) return engine.execution(principal, id);
  held += 1;
  try {
    return await engine.execution(principal, id, ms);
  } finally {
    held -= 1;
  }
}

/** A call that waits for a person is held back for a while: where the decision comes in time, its outcome is the answer. */
export async function awaitDecision(answer: CallAnswer, waiting: Waiting): Promise<CallAnswer> {
  if (answer.kind === 'refused' || answer.outcome.status !== 'pending_approval') return answer;
  const record = await readExecution(answer.record.id, waiting);
  return record === null
    ? answer
    : { ...answer, record, outcome: presentExecution(record, !answer.replayed) };
}
