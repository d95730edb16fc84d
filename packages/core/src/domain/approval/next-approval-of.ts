import { EXECUTION_STATE } from '@invoke/contract';
import type { ExecutionRecord } from '../execution/execution-record.js';
import type { ApprovalRecord } from './approval-record.js';

/**
 * What has to be decided after a decision: the approval that took the place of this one, or the review that its execution
 * waits for now. Null where nothing waits.
 */
export function nextApprovalOf(
  { id, nextId }: Pick<ApprovalRecord, 'id' | 'nextId'>,
  { state, outcome }: Pick<ExecutionRecord, 'state' | 'outcome'>,
): string | null {
  if (nextId !== null) return nextId;
  const review = state === EXECUTION_STATE.needs_review ? (outcome?.approvalId ?? null) : null;
  return review === id ? null : review;
}
