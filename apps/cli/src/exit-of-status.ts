import type { CallStatus, ExecutionStatus } from '@invoke/sdk';
import { EXIT, type ExitCode } from './exit-codes.js';

/** The exit code for where a call or an execution stands. */
export function exitOfStatus(status: string): ExitCode {
  return Object.hasOwn(EXIT_OF, status) ? EXIT_OF[status as keyof typeof EXIT_OF] : EXIT.failure;
}

const EXIT_OF: Readonly<Record<CallStatus | ExecutionStatus, ExitCode>> = {
  completed: EXIT.ok,
  outcome_reconciled: EXIT.ok,
  failed: EXIT.failure,
  cancelled: EXIT.failure,
  expired: EXIT.failure,
  blocked: EXIT.blocked,
  denied: EXIT.blocked,
  rejected: EXIT.blocked,
  pending_approval: EXIT.pendingApproval,
  replan_required: EXIT.replanRequired,
  unknown: EXIT.outcomeUnknown,
  reconciling: EXIT.outcomeUnknown,
  needs_review: EXIT.outcomeUnknown,
  pending: EXIT.outcomeUnknown,
  accepted: EXIT.outcomeUnknown,
  running: EXIT.outcomeUnknown,
  retry_wait: EXIT.outcomeUnknown,
};
