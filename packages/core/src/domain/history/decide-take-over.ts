/** What is known of the store's past when executions of gateways that are gone could be taken over. */
export interface TakeOverFacts {
  /** How long ago the store went back; without end where it never did. Milliseconds. */
  readonly changedAgoMs: number;
  /** It was restored, and nobody has confirmed that. */
  readonly quarantined: boolean;
}

/**
 * So long after the store went back nobody takes anything over: gateways that remember how a call ended put that back first.
 * Who would find it out anew might find the same, but in other words than callers have been told.
 */
const PUT_BACK_MS = 5_000;

/** What was restored is as it was a while ago, and is not gone on with before somebody has confirmed it. */
export function mayTakeOver({ changedAgoMs, quarantined }: TakeOverFacts): boolean {
  return changedAgoMs >= PUT_BACK_MS && !quarantined;
}
