/** What is known of the store's past when a call that writes could be begun. Milliseconds. */
export interface BeginningFacts {
  /** How long ago the store went back; without end where it never did. */
  readonly changedAgoMs: number;
  /** It was restored, and nobody has confirmed that. */
  readonly quarantined: boolean;
  /** What was acknowledged to this gateway is known to be there. */
  readonly verified: boolean;
  /** How often every gateway looks at the past, at least. */
  readonly lookEveryMs: number;
  /** How long the caller waits. */
  readonly patienceMs: number;
}

export type Beginning =
  | { readonly kind: 'now' }
  | { readonly kind: 'wait'; readonly ms: number }
  | {
      readonly kind: 'refuse';
      readonly because: 'restored' | 'changed' | 'not_verified';
      /** When it is worth asking again; null where people have to do something first. */
      readonly retryAfterMs: number | null;
    };

/** Looking fails, and is tried again, while a database comes back. */
const SHORTEST_HOLD_MS = 3_000;
/** What a gateway needs to put back what it remembers, from when it has noticed. */
const PUTTING_BACK_MS = 1_000;
const AGAIN_MS = 1_000;

/**
 * For a while after the store went back, nothing that writes is begun at any gateway: the key of a call whose record was lost
 * looks unused until the gateway that remembers it has noticed, which takes a look at most, and has put it back. A gateway that
 * is done with its own knows nothing of what others still have to put back.
 */
export function decideBeginning(facts: BeginningFacts): Beginning {
  const { changedAgoMs, quarantined, verified, lookEveryMs, patienceMs } = facts;
  if (quarantined) return { kind: 'refuse', because: 'restored', retryAfterMs: null };
  const leftMs = Math.max(SHORTEST_HOLD_MS, lookEveryMs + PUTTING_BACK_MS) - changedAgoMs;
  if (leftMs > patienceMs) return { kind: 'refuse', because: 'changed', retryAfterMs: leftMs };
  if (leftMs > 0) return { kind: 'wait', ms: leftMs };
  return verified ? { kind: 'now' } : { kind: 'refuse', because: 'not_verified', retryAfterMs: AGAIN_MS };
}
