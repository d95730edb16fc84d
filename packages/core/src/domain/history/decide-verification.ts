/** What a round of holding against the store everything that was acknowledged to a gateway has shown. */
export interface VerificationFacts {
  /** Those that could not be verified, and how often that has failed in a row while the store answered, this round included. */
  readonly failed: ReadonlyMap<string, number>;
  /** Whether the store took writes in this very round: then what failed did so by itself. */
  readonly answers: boolean;
  /** For how long it has not been known. Milliseconds. */
  readonly sinceMs: number;
}

export type VerificationStep =
  /** It is known again of everything, but of those in `setAside`: they are given up, and people are told. */
  | { readonly kind: 'verified'; readonly setAside: readonly string[] }
  /**
   * It still is not known: nothing that writes is begun, and another round follows, however many there were.
   * `othersGoOn`: what is begun already, reads and replays do not wait for it any longer.
   */
  | { readonly kind: 'again'; readonly setAside: readonly string[]; readonly othersGoOn: boolean };

/** Deadlocks, conflicts and locks of others do not fail one and the same so often in a row. */
const MOST_FAILURES = 20;

/**
 * What is being worked on is put back to the letter, so that its next write finds it: that write waits a while for it. Longer
 * than that, those who want to read what is there would be held up for the sake of writes that can be found out otherwise.
 */
const HELD_BACK_MS = 10_000;

/**
 * Closed while in doubt: as long as a gateway does not know whether what was acknowledged to it is still there, a key that was
 * used may look as if it never was. No number of failures ends that, but of a store that answers: then what fails again and
 * again fails for its own sake, and does not hold up everything else for ever.
 */
export function decideVerification({ failed, answers, sinceMs }: VerificationFacts): VerificationStep {
  const setAside = answers ? [...failed].filter(([, times]) => times >= MOST_FAILURES).map(([id]) => id) : [];
  if (answers && setAside.length === failed.size) return { kind: 'verified', setAside };
  return { kind: 'again', setAside, othersGoOn: answers || sinceMs >= HELD_BACK_MS };
}
