import type { Scope } from '@invoke/contract';
import { refuse, PROCEED, type Decision, type Refused } from '../decision.js';
import { between, type EpochMs } from '../time.js';
import type { Principal } from './principal.js';

const UNAUTHENTICATED = refuse(
  'unauthenticated',
  'A valid API key is required: send it as X-API-Key, or as Authorization: Bearer.',
);

/** One answer for every failure, so that missing, unknown, expired and revoked keys cannot be told apart. */
export function decidePrincipal(
  principal: Principal | null,
  now: EpochMs,
): { readonly kind: 'proceed'; readonly principal: Principal } | Refused {
  if (principal === null) return UNAUTHENTICATED;
  if (principal.expiresAt !== null && between(now, principal.expiresAt) <= 0) return UNAUTHENTICATED;
  return { kind: 'proceed', principal };
}

/** Whether a principal holds a scope. */
export function decideHeldScope(principal: Principal, scope: Scope): Decision {
  if (principal.scopes === null || principal.scopes.has(scope)) return PROCEED;
  return refuse('insufficient_scope', `This key does not have the scope ${scope}.`, {
    details: { missing_scope: scope },
  });
}
