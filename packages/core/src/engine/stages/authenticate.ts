import type { Principal } from '../../domain/access/principal.js';
import { decidePrincipal } from '../../domain/access/decide-principal.js';
import { defineStage } from '../stage.js';

/** Longer keys are refused before they are hashed. */
const LONGEST_KEY = 512;

export const authenticate = defineStage<Principal | null>('authenticate', {
  gather(ctx, { keyRing }) {
    const { credential } = ctx.input;
    if (credential.kind === 'principal') return credential.principal;
    if (credential.raw === '' || credential.raw.length > LONGEST_KEY) return null;
    return keyRing.find(credential.raw);
  },
  decide(ctx, found, { clock }) {
    const decision = decidePrincipal(found, clock.now());
    if (decision.kind === 'proceed') ctx.principal = decision.principal;
    return decision;
  },
});
