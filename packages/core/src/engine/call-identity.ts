/** Which execution this call is, and how it can be told from others. */
export interface CallIdentity {
  readonly idempotencyKey: string | null;
  readonly keyDigest: string | null;
  readonly fingerprint: string;
  /** The params that the key was derived from; none where the caller's own key counts, or there is no key. */
  readonly keyFields: readonly string[];
  readonly entityId: string | null;
  readonly agentId: string | null;
  readonly env: string;
}
