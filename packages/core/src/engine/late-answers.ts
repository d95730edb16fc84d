import { ATTEMPT_STATE, CERTAINTY, EXECUTION_STATE, FINAL_OUTCOME } from '@invoke/contract';
import { decisionAfterFailure } from '../domain/execution/decision-after-failure.js';
import { earlierInDoubt, lastAttempt, withLastEnded } from '../domain/execution/journal.js';
import { isDisproved } from '../domain/reconcile/is-disproved.js';
import { honoursOurKey } from '../domain/tool/tool-class.js';
import { toolOfLast } from './begin-run.js';
import { raiseBreach } from './breaches.js';
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
 * Goes on listening to an attempt whose absence was believed, and which something else is done instead of now: an answer
 * that says "done" after all means that the tool acted after its settle time. Nothing can be taken back then, but it is
 * never passed over in silence. Where the next attempt carries the same key, the tool itself takes care of that.
 */
export function watchDisproved(run: Run, { sameKey }: { readonly sameKey: boolean }, deps: EngineDeps): void {
  const last = lastAttempt(run.journal);
  const { late, record } = run;
  if (late === null || sameKey || last?.state !== ATTEMPT_STATE.confirmed_absent) return;
  run.late = null;
  const detail = `the tool answered "done" to attempt ${last.n} after its settle time, when absence had been believed`;
  late
    .then(async ({ judgement }) => {
      if (judgement.certainty !== CERTAINTY.effect) return;
      await raiseBreach(record, { id: `late_answer_${record.id}_${last.n}`, detail }, deps);
    })
    .catch((error: unknown) =>
      deps.log.error('late_answer_not_settled', { execution_id: record.id, error: String(error) }),
    );
}

/**
 * Goes on listening for an execution that had to be handed to people: should the tool answer after all, they need not
 * decide. Where they have decided meanwhile, their word stands: the write finds another version of the row. Where their word
 * was that nothing had happened, and the tool says "done", that is told like any other breach.
 */
export async function settleLate(run: Run, deps: EngineDeps): Promise<void> {
  if (run.lost) return;
  if (run.record.state === EXECUTION_STATE.failed) return watchDisproved(run, { sameKey: false }, deps);
  if (run.late === null || run.record.state !== EXECUTION_STATE.needs_review) return;
  const heard = await run.late;
  const { certainty, reason } = heard.judgement;
  if (certainty === CERTAINTY.unknown) return;
  if (certainty !== CERTAINTY.effect && earlierInDoubt(run.journal)) return;
  run.journal = withLastEnded(run.journal, {
    certainty,
    reason: `late_${reason}`,
    endedAt: deps.clock.now(),
  });
  const isDone = certainty === CERTAINTY.effect;
  const settled = await write(run, isDone ? lateSuccess(heard) : lateRefusal(heard), deps);
  if (!settled && isDone) await tellIfDenied(run, deps);
}

async function tellIfDenied(run: Run, deps: EngineDeps): Promise<void> {
  const { tenant, id } = run.record;
  const n = lastAttempt(run.journal)?.n ?? 0;
  const now = await deps.store.executions.find(tenant, id);
  const honoursKey = honoursOurKey(toolOfLast(run).card);
  if (now === null || !isDisproved(now.journal, { n, honoursKey })) return;
  const detail = `the tool answered "done" to attempt ${n} after it had been decided that this attempt had no effect`;
  await raiseBreach(now, { id: `late_answer_${id}_${n}`, detail }, deps);
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
    outcome: { final: FINAL_OUTCOME.failed, decision: decisionAfterFailure(judgement), code, message },
  };
}
