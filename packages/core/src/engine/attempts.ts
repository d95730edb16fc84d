import { CERTAINTY } from '@invoke/contract';
import { classifyCertainty, classifyTimeout, type JudgementFacts } from '../domain/execution/certainty.js';
import { eventsToAttempt, eventsToWait } from '../domain/execution/events-to.js';
import type { Attempt } from '../domain/execution/execution-record.js';
import {
  earlierInDoubt,
  lastAttempt,
  retriesUsed,
  withAttempt,
  withLastEnded,
} from '../domain/execution/journal.js';
import type { NextStep, StepFacts } from '../domain/execution/next-step.js';
import type { ToolReply } from '../domain/execution/tool-reply.js';
import { nowForKeys, startOfAttempt } from '../domain/idempotency/key-window.js';
import { invariant } from '../domain/invariant.js';
import { after, epochMs } from '../domain/time.js';
import { honoursOurKey } from '../domain/tool/tool-class.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import { startSettling, toolOfLast } from './begin-run.js';
import type { EngineDeps } from './deps.js';
import { downstreamKeyOf } from './downstream-key.js';
import { watchDisproved } from './late-answers.js';
import { write, type Heard, type Run } from './run.js';
import { hasTurnedOut } from './has-turned-out.js';
import { within } from './timers.js';

interface AttemptPlan {
  readonly executionId: string;
  readonly n: number;
  readonly role: Attempt['role'];
  readonly tool: ToolDefinition;
}

/** An attempt as it is journalled before its first byte. All attempts of one tool carry the same downstream key. */
export function newAttempt(
  { executionId, n, role, tool }: AttemptPlan,
  { clock, digest, history }: EngineDeps,
): Attempt {
  const startedAt = startOfAttempt({ ours: clock.now(), stores: history.storeNow() });
  return {
    n,
    role,
    tool: tool.id,
    toolVersion: tool.version,
    downstreamKey: downstreamKeyOf(executionId, tool.id, { digest }),
    state: 'started',
    certainty: null,
    reason: null,
    startedAt,
    sendBy: after(startedAt, tool.card.timeout_ms),
    endedAt: null,
  };
}

/**
 * A wait this long is recorded as such: a crash in between must not make a certain outcome look unknown, nor leave an unknown
 * one looking as if its answer were about to come.
 */
const DURABLE_WAIT_MS = 1_000;

/** Waits, then makes the next attempt durable, unless none is needed any more. False: this gateway may not go on. */
export async function startAttempt(
  run: Run,
  step: NextStep & { kind: 'attempt' },
  deps: EngineDeps,
): Promise<boolean> {
  const waitMs = Math.round(step.waitMs * (0.5 + deps.random() / 2));
  const events = eventsToWait(run.record.state, step);
  if (waitMs >= DURABLE_WAIT_MS && events.length > 0) {
    const notBeforeAt = after(deps.clock.now(), waitMs);
    if (!(await write(run, { events, notBeforeAt }, deps))) return false;
  }
  if (await hasTurnedOut(run, waitMs, deps)) return true;
  if (run.lost) return false;
  const tool = step.role === 'fallback' && run.fallback !== null ? run.fallback : run.primary;
  watchDisproved(run, { sameKey: step.role !== 'fallback' && honoursOurKey(tool.card) }, deps);
  const n = (lastAttempt(run.journal)?.n ?? 0) + 1;
  run.journal = withAttempt(
    run.journal,
    newAttempt({ executionId: run.record.id, n, role: step.role, tool }, deps),
  );
  run.answer = null;
  startSettling(run, tool, deps);
  if (!(await write(run, { events: eventsToAttempt(run.record.state) }, deps))) return false;
  run.unsent = true;
  run.heard = null;
  run.verdict = null;
  run.late = null;
  return true;
}

/**
 * Sends the attempt that is durable already, and hears its answer within the tool's time. Where that time passes before a
 * byte was written (a slow connection, a handshake), the fence closes: then it is certain that nothing was sent.
 */
export async function sendAttempt(run: Run, traceparent: string | null, deps: EngineDeps): Promise<void> {
  const attempt = lastAttempt(run.journal);
  invariant(attempt !== null, 'an attempt is journalled before it is sent');
  const tool = toolOfLast(run);
  const timeoutMs = tool.card.timeout_ms;
  const facts: JudgementFacts = { card: tool.card, canLookUp: canLookUp(run, attempt) };
  const fence: Fence = { sent: false, closed: false };
  run.unsent = false;
  const answer = call(run, { tool, attempt, traceparent, fence }, deps).then((reply) =>
    toHeard(reply, facts),
  );
  run.answer = answer;
  const inTime = await within(answer, timeoutMs, deps.clock);
  if (inTime !== null) return hear(run, inTime, deps);
  fence.closed = true;
  if (fence.sent) run.late = answer;
  const judgement = fence.sent
    ? classifyTimeout(timeoutMs, facts)
    : classifyCertainty(TOO_SLOW_TO_CONNECT, facts);
  hear(run, { judgement, resultText: null }, deps);
}

const TOO_SLOW_TO_CONNECT: ToolReply = {
  kind: 'failure',
  sent: false,
  reason: 'connect_failed',
  message: 'there was no connection to the tool in time',
};

/** Takes what has been heard of the last attempt into the run. */
export function hear(run: Run, heard: Heard, deps: EngineDeps): void {
  const { certainty, reason } = heard.judgement;
  run.heard = heard;
  run.journal = withLastEnded(run.journal, { certainty, reason, endedAt: deps.clock.now() });
  if (reason === 'fenced' && !mayAct(run, deps)) run.lost = true;
}

/** The facts on which the next step is decided. */
export function stepFacts(run: Run, deps: EngineDeps): StepFacts {
  const last = lastAttempt(run.journal);
  const tool = toolOfLast(run);
  const { card } = tool;
  const first = run.journal.attempts.find((a) => a.tool === tool.id);
  const policy = run.record.request.failurePolicy;
  return {
    last:
      last === null || run.heard === null
        ? null
        : {
            certainty: run.heard.judgement.certainty,
            retryable: run.heard.judgement.retryable,
            role: last.role,
          },
    earlierInDoubt: card.effect === 'write' && earlierInDoubt(run.journal),
    reads: card.effect === 'read',
    honoursKey: honoursOurKey(card),
    retrySafe: card.retry.safe,
    keyValidUntil: after(first?.startedAt ?? epochMs(0), card.idempotency.window_ms),
    canLookUp: last !== null && canLookUp(run, last),
    verdict: run.verdict,
    retriesUsed: retriesUsed(run.journal),
    retriesAllowed: policy?.retry ?? run.primary.card.retry.max_attempts - 1,
    fallbackLeft: run.fallback !== null && !run.journal.attempts.some((a) => a.role === 'fallback'),
    escalates: policy?.on_failure === 'escalate',
    backoffMs: run.primary.card.retry.backoff_ms,
    now: nowForKeys({ ours: deps.clock.now(), stores: deps.history.storeNow() }),
  };
}

/** The lookup tells of the tool that was meant; what a fallback did it may not see. */
function canLookUp(run: Run, attempt: Attempt): boolean {
  return run.lookupTool !== null && attempt.role !== 'fallback';
}

function mayAct(run: Run, deps: EngineDeps): boolean {
  return !run.lost && run.record.owner === deps.lease.owner && deps.lease.held();
}

interface Sending {
  readonly tool: ToolDefinition;
  readonly attempt: Attempt;
  readonly traceparent: string | null;
  readonly fence: Fence;
}

/** Whether bytes may have left, and whether they still may. */
interface Fence {
  sent: boolean;
  closed: boolean;
}

async function call(
  run: Run,
  { tool, attempt, traceparent, fence }: Sending,
  deps: EngineDeps,
): Promise<ToolReply> {
  const { clock } = deps;
  const sendUntilMono = run.attemptMono + tool.card.timeout_ms;
  try {
    return await deps.invoker.invoke({
      tool,
      params: run.record.request.params,
      executionId: run.record.id,
      downstreamKey: attempt.downstreamKey,
      traceparent,
      mayStillSend() {
        const may = !fence.closed && mayAct(run, deps) && clock.monotonic() < sendUntilMono;
        if (may) startSettling(run, tool, deps);
        fence.sent ||= may;
        return may;
      },
      giveUpAfterMs: tool.card.timeout_ms + deps.config.lateAnswerMs,
    });
  } catch (error) {
    deps.log.error('tool_invoker_threw', { execution_id: run.record.id, error: String(error) });
    return { kind: 'failure', sent: true, reason: 'internal', message: 'the call to the tool broke off' };
  }
}

function toHeard(reply: ToolReply, facts: JudgementFacts): Heard {
  const judgement = classifyCertainty(reply, facts);
  const keeps = reply.kind === 'answer' && judgement.certainty !== CERTAINTY.unknown;
  return { judgement, resultText: keeps ? reply.text : null };
}
