import { EXECUTION_STATE } from '@invoke/contract';
import { eventsToReview } from '../domain/execution/events-to.js';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { filled, type CallContext } from './context.js';
import type { EngineDeps } from './deps.js';
import { inheritAnswer } from './inherit-answer.js';
import { settleLate } from './late-answers.js';
import { runPipeline } from './run-pipeline.js';
import { write, type Run } from './run.js';
import { isToldOf, settleAfterRun } from './settlement/settle-after-run.js';
import { within } from './timers.js';

/** The executions that this gateway is driving now. */
export interface Drivers {
  /** Drives the call's execution to its end, whoever still waits for it. Resolves early when the store is out of reach. */
  drive(ctx: CallContext): Promise<void>;
  /** Waits for an execution driven here; false when it is not, or does not end in time. */
  settled(executionId: string, ms: number): Promise<boolean>;
  /** The freshest version of an execution driven here. */
  current(executionId: string): ExecutionRecord | null;
  /** Whether this gateway still works on it. */
  drives(executionId: string): boolean;
  count(): number;
  /** Lets go of all executions: this incarnation may not act any more, and others will take them over. */
  abandon(): void;
  /** Resolves when none is left or `ms` are over. */
  drain(ms: number): Promise<void>;
}

interface Driver {
  readonly run: Run;
  readonly ended: Promise<void>;
}

export function createDrivers(deps: EngineDeps): Drivers {
  const driving = new Map<string, Driver>();
  /** What was let go of last: its answers still come here. */
  let abandoned = new Map<string, Run>();
  return {
    drive(ctx) {
      const run = filled(ctx, 'run');
      const { id, keyId } = run.record;
      const before = abandoned.get(id) ?? null;
      abandoned.delete(id);
      const atEnd = () => {
        // It may have been taken over here once more: then the entry is that of another run.
        if (driving.get(id)?.run === run) driving.delete(id);
        deps.underWay.leave(keyId);
      };
      deps.underWay.enter(keyId);
      const ended = driveToEnd(ctx, { before, atEnd }, deps);
      driving.set(id, { run, ended });
      return new Promise((resolve, reject) => {
        run.stalled = resolve;
        ended.then(() => {
          resolve();
          if (run.late !== null || isToldOf(run)) void settleLater(run, deps);
        }, reject);
      });
    },
    async settled(executionId, ms) {
      const driver = driving.get(executionId);
      if (driver === undefined) return false;
      return (
        (await within(
          driver.ended.then(() => true),
          ms,
          deps.clock,
        )) ?? false
      );
    },
    current: (executionId) => driving.get(executionId)?.run.record ?? null,
    drives: (executionId) => driving.get(executionId)?.run.lost === false,
    count: () => driving.size,
    abandon() {
      abandoned = new Map([...driving].map(([id, { run }]) => [id, run]));
      for (const run of abandoned.values()) run.lost = true;
    },
    async drain(ms) {
      await within(Promise.allSettled([...driving.values()].map((d) => d.ended)), ms, deps.clock);
    },
  };
}

/** What may still settle an execution after its call has been answered. */
async function settleLater(run: Run, deps: EngineDeps): Promise<void> {
  try {
    await settleAfterRun(run, deps);
    await settleLate(run, deps);
  } catch (error) {
    const about = { execution_id: run.record.id, error: String(error) };
    deps.log.error('late_answer_not_settled', about);
  }
}

interface Drive {
  /** The run that this gateway had to let go of; null where there was none. */
  readonly before: Run | null;
  /** Called at the end: a promise more would be one more for every call. */
  atEnd(): void;
}

async function driveToEnd(ctx: CallContext, { before, atEnd }: Drive, deps: EngineDeps): Promise<void> {
  try {
    if (before !== null) await inheritAnswer(filled(ctx, 'run'), before, deps);
    await runPipeline(ctx, deps, { from: 'execute' });
  } catch (error) {
    const run = filled(ctx, 'run');
    deps.log.error('driver_failed', {
      execution_id: run.record.id,
      error: error instanceof Error ? error.stack : String(error),
    });
    await handToPeople(run, deps);
  } finally {
    atEnd();
  }
}

/** After a bug nothing is known for certain: the execution must not be left as if somebody still worked on it. */
async function handToPeople(run: Run, deps: EngineDeps): Promise<void> {
  if (run.lost || run.record.owner === null) return;
  const outcome = {
    final: EXECUTION_STATE.needs_review,
    decision: 'review',
    code: 'internal_error',
    message: 'Invoke failed while it executed this call',
  } as const;
  try {
    await write(run, { events: eventsToReview(run.record.state), outcome }, deps);
  } catch (error) {
    deps.log.error('driver_not_handed_over', { execution_id: run.record.id, error: String(error) });
  }
}
