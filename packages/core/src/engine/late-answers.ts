import { CERTAINTY, EXECUTION_STATE, FINAL_OUTCOME } from '@invoke/contract';
import { earlierInDoubt, withLastEnded } from '../domain/execution/journal.js';
import type { EngineDeps } from './deps.js';
import { write, type Change, type Heard, type Run } from './run.js';
import { sleep, within } from './timers.js';

/**
 * Waits up to `waitMs`, or less when the tool answers after all. True: an answer has come that settles what happened; it is
 * taken into the run. An answer that is itself unclear settles nothing.
 */
export async function takeLateAnswer(run: Run, waitMs: number, deps: EngineDeps): Promise<boolean> {
  if (run.late === null) {
    await sleep(waitMs, deps.clock);
    return false;
  }
  const started = deps.clock.monotonic();
  const heard = await within(run.late, waitMs, deps.clock);
  if (heard === null) return false;
  if (heard.judgement.certainty !== CERTAINTY.unknown) {
    run.heard = heard;
    run.verdict = null;
    run.late = null;
    const { certainty, reason } = heard.judgement;
    run.journal = withLastEnded(run.journal, {
      certainty,
      reason: `late_${reason}`,
      endedAt: deps.clock.now(),
    });
    return true;
  }
  run.late = null;
  await sleep(waitMs - (deps.clock.monotonic() - started), deps.clock);
  return false;
}

/**
 * Goes on listening for an execution that had to be handed to people: should the tool answer after all, they need not
 * decide. Where they have decided meanwhile, their word stands: the write finds another version of the row.
 */
export async function settleLate(run: Run, deps: EngineDeps): Promise<void> {
  if (run.late === null || run.lost || run.record.state !== EXECUTION_STATE.needs_review) return;
  const heard = await run.late;
  const { certainty, reason } = heard.judgement;
  if (certainty === CERTAINTY.unknown) return;
  if (certainty !== CERTAINTY.effect && earlierInDoubt(run.journal)) return;
  run.journal = withLastEnded(run.journal, {
    certainty,
    reason: `late_${reason}`,
    endedAt: deps.clock.now(),
  });
  await write(run, certainty === CERTAINTY.effect ? lateSuccess(heard) : lateRefusal(heard), deps);
}

function lateSuccess({ resultText }: Heard): Change {
  return {
    events: ['late_success'],
    resultText,
    outcome: { final: FINAL_OUTCOME.completed, decision: 'execute', code: null, message: null },
  };
}

function lateRefusal({ judgement, resultText }: Heard): Change {
  const { code, message } = judgement;
  return {
    events: ['given_up_without_effect'],
    resultText,
    outcome: { final: FINAL_OUTCOME.failed, decision: 'retry_allowed', code, message },
  };
}
