import type { AskedCall } from '../domain/idempotency/decide-claim.js';

/** Which execution this call is, and how it can be told from others. */
export interface CallIdentity extends AskedCall {
  readonly idempotencyKey: string | null;
  readonly keyDigest: string | null;
  readonly entityId: string | null;
  readonly agentId: string | null;
  readonly env: string;
}
