import type { Principal } from './principal.js';

/** The keys that stand behind this one, and itself: who made it, who made that one, and who was given its secret by rotating it. */
export function lineageOf({ keyId, madeBy }: Pick<Principal, 'keyId' | 'madeBy'>): readonly string[] {
  return [...madeBy, keyId];
}
