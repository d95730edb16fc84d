import type { CallAnswer } from '@invoke/core';
import { ERROR_CATALOGUE, type CallStatus, type Refusal, type RetryAdvice } from '@invoke/contract';

type CallOutcome = Extract<CallAnswer, { kind: 'execution' }>['outcome'];

const ASK = 'Ask invoke_get_execution with this execution_id';

/** What an agent does next, by where its call stands. */
const AFTER: Readonly<Record<CallStatus, string>> = {
  completed: 'It is done. Do not make this call again.',
  outcome_reconciled:
    'It is done: that was found out by looking, its own answer was lost. Do not make this call again.',
  pending: `It is being executed. ${ASK}; do not make this call again.`,
  pending_approval: `Not executed yet: a person has to approve it. ${ASK} later; do not make this call again with other arguments.`,
  unknown: `It may have taken effect, and that is being found out. ${ASK}; do not make this call again.`,
  needs_review: `It may have taken effect, and a person has to find out. ${ASK} later; do not make this call again.`,
  failed:
    'It was not done. The same key gets this same answer; to try once more, make a new call with another key.',
  replan_required: 'Not executed: the world is not as it was assumed. Read the current state and plan again.',
  blocked: 'Not executed, and it will not be. Do not try to get around it; tell your user.',
  cancelled: 'Not executed: it was cancelled. Read the current state before you plan anything else.',
  expired: 'Not executed: nobody decided in time. Make a new call with another key if it is still wanted.',
  rejected: 'Not executed: a person said no. Do not make this call again; tell your user.',
  denied: 'Not executed: a rule forbids it. Do not make this call again; tell your user.',
};

const FAILED_FOR_GOOD =
  'It was not done, and another attempt cannot help: what the error names stays until somebody changes it. Tell your user.';

export function adviseAfter({ status, decision }: Pick<CallOutcome, 'status' | 'decision'>): string {
  return status === 'failed' && decision === 'do_not_retry' ? FAILED_FOR_GOOD : AFTER[status];
}

const AFTER_REFUSAL: Readonly<Record<RetryAdvice, string>> = {
  never: 'Nothing was executed. The same call will be refused again: change what `detail` names.',
  safe: 'Nothing was executed by this request. Make the same call again after a moment, with the same key.',
  after_reconcile:
    'Something may have been executed. Find out what happened before you make this call again.',
};

export function adviseAfterRefusal({ code }: Refusal): string {
  return AFTER_REFUSAL[ERROR_CATALOGUE[code].retry];
}
