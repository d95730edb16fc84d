import { EXECUTION_STATE } from '@invoke/contract';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { ExecutionEvent } from '../../domain/execution/execution-state.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { lastAttempt, withAttempt, withNote, withVerdict } from '../../domain/execution/journal.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import { newAttempt } from '../attempts.js';
import { beginRun, fallbackOf } from '../begin-run.js';
import type { CallContext } from '../context.js';
import { resumedContext } from '../resumed-context.js';
import type { EngineDeps } from '../deps.js';
import type { ApprovalMove, DecideResult } from '../../ports/approval-store.js';
import { changed } from '../run.js';
import { whilePending } from '../while-pending.js';
import type { Parts } from './decided.js';
import type { Decider } from './end-approval.js';

/** An execution that a human has let go: ready to be written, and then to be driven. */
export interface Release {
  readonly record: ExecutionRecord;
  /** To be driven once the record is in the store. Reads nothing more: by then nothing may keep the call from being driven. */
  context(): CallContext;
}

/**
 * The execution with its next attempt journalled and this gateway as its owner. The decision and the attempt are one
 * durable step: no crash leaves an approval that was given and a call that nobody makes, or makes twice. Whatever has to be
 * read is read here, before: where that fails, nothing is decided.
 */
export async function letGo(
  waiting: ExecutionRecord,
  {
    tool,
    approval,
    by,
  }: { readonly tool: ToolDefinition; readonly approval: ApprovalRecord; readonly by: Decider },
  deps: EngineDeps,
): Promise<Release> {
  const fallback = await fallbackOf(waiting, deps);
  const reviewed = waiting.state === EXECUTION_STATE.needs_review;
  const events: readonly ExecutionEvent[] = reviewed
    ? ['retry_allowed', 'attempt_started']
    : ['approval_granted', 'attempt_started'];
  const journal = withNote(reviewed ? withVerdict(waiting.journal, 'absent') : waiting.journal, {
    step: reviewed ? 'review_retried' : 'approval_granted',
    at: deps.clock.now(),
    detail: `${approval.id} by ${by.principal.keyId}`,
  });
  const n = (lastAttempt(journal)?.n ?? 0) + 1;
  const role = n === 1 ? 'primary' : 'retry';
  const attempt = newAttempt({ executionId: waiting.id, n, role, tool }, deps);
  const outcome = { final: 'running', decision: null, code: null, message: null, approvalId: approval.id };
  const record: ExecutionRecord = {
    ...changed(waiting, { events, outcome, journal: withAttempt(journal, attempt) }, deps),
    owner: deps.lease.owner,
  };
  return {
    record,
    context() {
      const ctx = resumedContext(record, `decision_${approval.id}`, deps);
      ctx.tool = tool;
      ctx.run = beginRun(record, { primary: tool, fallback, unsent: true }, deps);
      return ctx;
    },
  };
}

/**
 * Writes the decision, and drives what it has let go in the same turn: the sweep never sees an execution that is ours and that
 * nobody drives, and takes its attempt for one that may have been sent.
 */
export function decideAndDrive(
  decision: ApprovalMove,
  { record, context }: Release,
  { deps, drivers }: Parts,
): Promise<DecideResult> {
  const decide = async () => {
    const moved = await deps.store.approvals.decide(decision);
    if (moved.kind === 'moved') void drivers.drive(context());
    return moved;
  };
  return whilePending(record.id, decide, deps);
}
