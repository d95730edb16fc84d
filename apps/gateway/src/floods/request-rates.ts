import type { Refusal } from '@invoke/contract';
import { createRecent } from '@invoke/core';
import { decideRate } from '@invoke/core/domain';

/** How fast each key may ask. Only in this process: each gateway counts for itself. */
export interface RequestRates {
  /** Whether there is any limit: where there is none, nobody need find out whose key it is. */
  readonly limited: boolean;
  /** Counts one request of a key; why it is not served, or null. */
  refuse(keyId: string): Refusal | null;
}

/** Keys that are remembered, at least. */
const KEYS = 10_000;

/** @param perMinute so many at once, and as many again over each minute; 0: any number */
export function createRequestRates(perMinute: number, now = () => performance.now()): RequestRates {
  const paid = createRecent<string, number>(KEYS);
  return {
    limited: perMinute > 0,
    refuse(keyId) {
      if (perMinute === 0) return null;
      const decision = decideRate(paid.get(keyId) ?? 0, now(), { perMinute });
      if (decision.kind === 'take') {
        paid.set(keyId, decision.paidUntil);
        return null;
      }
      const seconds = Math.ceil(decision.waitMs / 1_000);
      const message = `This key may send ${perMinute} requests a minute to this gateway. Send the next one in ${seconds} s.`;
      return { code: 'rate_limited', message, details: { per_minute: perMinute, retry_after: seconds } };
    },
  };
}
