import { ATTEMPT_STATE, CERTAINTY } from '@invoke/contract';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { anyInDoubt, lastAttempt } from '../execution/journal.js';
import type { ReviewFailure } from './approval-record.js';

/** What went wrong with a call that people have to look at, and whether it is certain that nothing happened. */
export function toReviewFailure({
  outcome,
  journal,
}: Pick<ExecutionRecord, 'outcome' | 'journal'>): ReviewFailure {
  const last = lastAttempt(journal);
  const harmless =
    !anyInDoubt(journal) &&
    (last === null ||
      last.state === ATTEMPT_STATE.confirmed_absent ||
      last.certainty === CERTAINTY.no_effect ||
      last.certainty === CERTAINTY.not_sent);
  return {
    code: outcome?.code ?? 'upstream_unavailable',
    message: outcome?.message ?? 'the tool did not answer',
    effect: harmless ? 'none' : 'unknown',
  };
}
