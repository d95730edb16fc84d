/** Which execution this call is, and how it can be told from others. */
export interface CallIdentity {
  readonly idempotencyKey: string | null;
  readonly keyDigest: string | null;
  readonly fingerprint: string;
  readonly entityId: string | null;
  readonly agentId: string | null;
  readonly env: string;
}
