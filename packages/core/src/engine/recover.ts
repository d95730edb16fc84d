import { ATTEMPT_STATE, CERTAINTY, EXECUTION_STATE } from '@invoke/contract';
import { chargesToGiveBack } from '../domain/budget/charges-to-give-back.js';
import { classifyCertainty } from '../domain/execution/certainty.js';
import { eventsToFail, eventsToReview } from '../domain/execution/events-to.js';
import type { ExecutionRecord, Journal } from '../domain/execution/execution-record.js';
import { anyInDoubt, lastAttempt, withLastEnded, withNote } from '../domain/execution/journal.js';
import { honoursOurKey } from '../domain/tool/tool-class.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { ToolReply } from '../domain/execution/tool-reply.js';
import { mayTakeOver } from '../domain/history/decide-take-over.js';
import { between } from '../domain/time.js';
import { beginRun, fallbackOf, toolOfLast } from './begin-run.js';
import { release } from './budgets/release.js';
import type { CallContext } from './context.js';
import type { EngineDeps } from './deps.js';
import type { Drivers } from './drivers.js';
import { keepsUp } from './keeps-up.js';
import { resumedContext } from './resumed-context.js';
import { carryOut, changed, planMove, type Change, type Heard, type Run } from './run.js';
import { takeEventVerdict } from './settlement/take-event-verdict.js';
import { sleep } from './timers.js';

/**
 * So few at a time that gateways which look at the same moment share them. A gateway that takes more than it can drive loses
 * its lease over it, and the next one finds all of them together.
 */
const BATCH = 20;
/** More executions than this are never open at one gateway for long. */
const MOST_OWNED = 1_000;
/**
 * Takes over the executions of gateways that are gone, and drives each to its end. What such a gateway had begun is unknown
 * until it is found out: a started attempt may have reached the tool. Returns how many were taken over.
 *
 * Some of our own are orphans too: the answer to a write was lost, or the lease was in doubt for an instant, and whoever
 * drove them let go. They are ours, and nobody works on them: seen so twice in a row, in the same version, they are resumed.
 */
export function createSweep(drivers: Drivers, deps: EngineDeps): () => Promise<number> {
  const { executions } = deps.store;
  const resuming = new Set<string>();
  let idle = new Map<string, number>();

  function start(record: ExecutionRecord): void {
    resuming.add(record.id);
    void resume(record, drivers, deps).finally(() => resuming.delete(record.id));
  }

  async function resumeIdle(): Promise<void> {
    const still = new Map<string, number>();
    for (const record of await executions.ownedBy(deps.lease.owner, MOST_OWNED)) {
      const { id, seq } = record;
      if (drivers.drives(id) || resuming.has(id) || deps.pending.has(id)) continue;
      if (idle.get(id) === seq) start(record);
      else still.set(id, seq);
    }
    idle = still;
  }

  return async () => {
    // Leases end in every failover that takes its time: what leads now may not be what led before.
    await deps.history.look();
    const { history } = deps;
    if (!mayTakeOver({ changedAgoMs: history.changedAgoMs(), quarantined: history.quarantined() })) return 0;
    let taken = 0;
    await resumeIdle();
    for (;;) {
      const records = await executions.takeOver(deps.lease.owner, deps.ids.token(), BATCH);
      for (const record of records) start(record);
      taken += records.length;
      if (records.length < BATCH || !(await keepsUp(deps.clock))) return taken;
    }
  };
}

async function resume(record: ExecutionRecord, drivers: Drivers, deps: EngineDeps): Promise<void> {
  try {
    const ctx = await contextOf(record, deps);
    if (ctx === null) return;
    deps.log.info('execution_taken_over', {
      execution_id: record.id,
      state: record.state,
      epoch: record.epoch,
    });
    await waitUntil(record, deps);
    // Nobody waits for it any more, and whoever takes it over next has longer for it.
    if (deps.closing()) return;
    await drivers.drive(ctx);
  } catch (error) {
    deps.log.error('take_over_failed', { execution_id: record.id, error: String(error) });
  }
}

/**
 * Both times were read from the clock of the gateway before, and ours may be far from that one: however far, nobody waits for
 * longer than was planned.
 */
async function waitUntil({ notBeforeAt, updatedAt }: ExecutionRecord, { clock }: EngineDeps): Promise<void> {
  if (notBeforeAt === null) return;
  const leftMs = between(clock.now(), notBeforeAt);
  await sleep(Math.min(leftMs, between(updatedAt, notBeforeAt)), clock);
}

/** A call in the middle of its life, as the pipeline goes on with it. Null: it had to be handed to people. */
async function contextOf(record: ExecutionRecord, deps: EngineDeps): Promise<CallContext | null> {
  const primary = await deps.tools.version(record.tenant, record.toolVersion);
  if (primary === null) return endWithoutTool(record, record.tool, deps);
  if (mayHaveGoneOn(record, primary, deps)) return endInDoubt(record, deps);
  const fallback = await fallbackOf(record, deps);
  // What the fallback did is never judged by what the card of another tool says.
  const last = lastAttempt(record.journal);
  if (fallback === null && last?.role === 'fallback') return endWithoutTool(record, last.tool, deps);
  const taken: ExecutionRecord = { ...record, journal: journalTakenOver(record, deps) };
  const ctx = resumedContext(record, `takeover_${record.id}`, deps);
  ctx.tool = primary;
  ctx.run = beginRun(taken, { primary, fallback, unsent: false }, deps);
  ctx.run.heard = heardBefore(ctx.run);
  await takeEventVerdict(ctx.run, deps);
  return ctx;
}

/**
 * A retry that was waited for may have been made in what the database has lost. A tool that honours our key takes it once
 * more without harm; of any other one nobody knows.
 */
function mayHaveGoneOn(
  { state }: ExecutionRecord,
  { card }: ToolDefinition,
  { history }: EngineDeps,
): boolean {
  if (state !== EXECUTION_STATE.retry_wait || !history.doubted()) return false;
  return card.effect === 'write' && !honoursOurKey(card);
}

async function endInDoubt(record: ExecutionRecord, deps: EngineDeps): Promise<null> {
  const outcome = {
    final: EXECUTION_STATE.needs_review,
    decision: 'review',
    code: 'history_in_doubt',
    message: 'the database has gone back, and this call may have been tried again in what it has lost',
  } as const;
  const events = eventsToReview(record.state);
  return endTakenOver(record, { events, outcome, journal: journalTakenOver(record, deps) }, deps);
}

async function endTakenOver(
  record: ExecutionRecord,
  change: Change & { readonly journal: Journal },
  deps: EngineDeps,
): Promise<null> {
  const next = changed(record, change, deps);
  const { kind } = await carryOut(planMove(record, next, deps), deps);
  if (kind === 'moved') await release(chargesToGiveBack(next), deps);
  return null;
}

function journalTakenOver(record: ExecutionRecord, { clock, lease }: EngineDeps): Journal {
  const now = clock.now();
  const detail = `by ${lease.owner}, epoch ${record.epoch}`;
  const noted = withNote(record.journal, { step: 'taken_over', at: now, detail });
  const last = lastAttempt(noted);
  if (last === null || last.state !== ATTEMPT_STATE.started) return noted;
  return withLastEnded(noted, { certainty: CERTAINTY.unknown, reason: 'gateway_lost', endedAt: now });
}

const LOST: ToolReply = {
  kind: 'failure',
  sent: true,
  reason: 'connection_lost',
  message: 'the gateway that had sent this call stopped before it could record an answer',
};

/** What the journal proves about the last attempt. An attempt that nobody saw the end of is judged like a lost connection. */
function heardBefore(run: Run): Heard | null {
  const last = lastAttempt(run.journal);
  if (last === null) return null;
  const judgement = classifyCertainty(LOST, {
    card: toolOfLast(run).card,
    canLookUp: run.lookupTool !== null,
  });
  const proven = last.state === ATTEMPT_STATE.confirmed_absent ? CERTAINTY.no_effect : last.certainty;
  if (proven === null || proven === CERTAINTY.unknown) return { judgement, resultText: null };
  return {
    judgement: { ...judgement, certainty: proven, reason: last.reason ?? judgement.reason, retryable: true },
    resultText: null,
  };
}

/** Without the definition of `tool` nobody can go on. Whether something may have happened, only the journal can say. */
function endWithoutTool(record: ExecutionRecord, tool: string, deps: EngineDeps): Promise<null> {
  const journal = journalTakenOver(record, deps);
  const inDoubt = anyInDoubt(journal);
  const outcome = {
    final: inDoubt ? EXECUTION_STATE.needs_review : EXECUTION_STATE.failed,
    decision: inDoubt ? 'review' : 'retry_allowed',
    code: 'tool_not_callable',
    message: `the definition of ${tool} that this call was made with is gone`,
  } as const;
  const events = inDoubt ? eventsToReview(record.state) : eventsToFail(record.state);
  return endTakenOver(record, { events, outcome, journal }, deps);
}
