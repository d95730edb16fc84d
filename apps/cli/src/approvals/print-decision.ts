import type { Decision } from '@invoke/sdk';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { exitOfStatus } from '../exit-of-status.js';
import { revealedLine, visible } from '../output/visible.js';
import { toUntrusted, toWireNames } from '../wire.js';
import { describeDrift } from './describe-approval.js';

/** Says what a decision led to: the tool's result to standard output, the rest to standard error. @returns the exit code */
export function printDecision(decision: Decision, { terminal, json, agent }: Context): ExitCode {
  const exitCode = exitOfDecision(decision);
  const next = nextOf(decision);
  if (json || agent) {
    const shown = agent ? { ...decision, result: toUntrusted(decision.result) } : decision;
    const advice = agent ? { next: next.map((command) => ({ command })) } : {};
    terminal.printJson({ ...toWireNames(shown), ...advice });
    return exitCode;
  }
  if (decision.result !== null && decision.result !== undefined) terminal.printJson(decision.result);
  const { outcome, approvalId, executionId, executionStatus, reason, drift } = decision;
  const color = exitCode === EXIT.ok ? 'green' : exitCode === EXIT.failure ? 'red' : 'yellow';
  terminal.note(
    `${terminal.style(color, outcome)}: ${visible(`${approvalId}, ${executionId} is ${executionStatus}`)}`,
  );
  if (reason !== null) terminal.note(`  why:  ${revealedLine(reason)}`);
  for (const line of describeDrift(drift)) terminal.note(line);
  if (next.length > 0) terminal.note(`  next: ${visible(next.join('   or   '))}`);
  return exitCode;
}

function exitOfDecision({ outcome, executionStatus }: Decision): ExitCode {
  switch (outcome) {
    case 'rejected':
    case 'resolved':
      return EXIT.ok;
    case 'executed':
    case 'cancelled':
      return exitOfStatus(executionStatus);
    case 'pending':
    case 'requeued':
      return EXIT.pendingApproval;
    case 'replan_required':
      return EXIT.replanRequired;
  }
}

function nextOf({ outcome, approvalId, nextApprovalId, executionId, executionStatus }: Decision) {
  if (nextApprovalId !== null) return [`invoke approvals show ${nextApprovalId}`];
  if (outcome === 'pending') return [`invoke approvals show ${approvalId}`];
  const isDone = outcome === 'rejected' || outcome === 'resolved' || executionStatus === 'completed';
  return isDone ? [] : [`invoke executions show ${executionId}`];
}
