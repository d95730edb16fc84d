import { isLasting, type Judgement } from './certainty.js';

/**
 * What a caller does about a call that certainly had no effect: `retry_allowed`, another attempt can do no harm; `do_not_retry`,
 * it cannot help either, because what is in the way (the address, the set-up of the tool, the params) is there as long as nobody
 * changes it. Null: nothing was heard.
 */
export function decisionAfterFailure(
  judgement: Pick<Judgement, 'reason'> | null,
): 'retry_allowed' | 'do_not_retry' {
  return judgement !== null && isLasting(judgement.reason) ? 'do_not_retry' : 'retry_allowed';
}
