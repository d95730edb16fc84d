import { EXECUTION_STATE } from '@invoke/contract';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { ExecutionOutcome } from '../../domain/execution/execution-record.js';

/** What is said of an execution while a human decides. */
export function waitingOutcome({ id, reason }: ApprovalRecord): ExecutionOutcome {
  return {
    final: EXECUTION_STATE.awaiting_approval,
    decision: 'require_approval',
    code: null,
    message: reason,
    approvalId: id,
  };
}
