import type { Refusal } from '@invoke/contract';
import { createTally } from '@invoke/core';

export type Seat =
  /** `leave` is called once, when the stream ends. */
  | { readonly kind: 'taken'; readonly leave: () => void }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Event streams that are open, by key. Each looks into the store twice a second for as long as it lasts. */
export interface OpenStreams {
  take(keyId: string): Seat;
}

/** How soon to try again: streams end when what they tell of is decided, which nobody knows beforehand. */
const COME_BACK_S = 5;

/** @param most streams of one key at a time; 0: any number */
export function createOpenStreams(most: number): OpenStreams {
  const open = createTally();
  return {
    take(keyId) {
      if (most > 0 && open.of(keyId) >= most) {
        const message = `This key has ${most} event streams open, and may have no more. Close one, or ask without a stream.`;
        const details = { open: most, retry_after: COME_BACK_S };
        return { kind: 'refused', refusal: { code: 'rate_limited', message, details } };
      }
      open.enter(keyId);
      return { kind: 'taken', leave: () => open.leave(keyId) };
    },
  };
}
